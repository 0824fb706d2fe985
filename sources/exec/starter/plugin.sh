#!/bin/sh
# A plugin for nhitop: it lists, suspends and resumes service accounts that stand in a text file, one a line:
#
#	NAME on|off OWNER
#
# Put your own system in the place of the file: in list, state and put. The protocol is told in sources/exec/doc.go of nhitop.
set -eu
IFS= read -r request

# text NAME prints one text of the request. It is enough for names without quotes; with jq at hand, use that.
text() { printf '%s' "$request" | sed -n 's/.*"'"$1"'":"\([^"\\]*\)".*/\1/p'; }
# ids prints the ids of the targets, one a line.
ids() { printf '%s' "$request" | grep -o '"id":"[^"\\]*"' | cut -d'"' -f4; }
say() { printf '{"apiVersion":"nhitop/v1alpha1",%s}\n' "$1"; }

accounts=$(text accounts)
good='^[a-z0-9-][a-z0-9-]* (on|off) [a-z0-9.-][a-z0-9.-]*$'
list() { grep -E "$good" "$accounts" || true; }
state() { list | while read -r name on _; do if [ "$name" = "$1" ]; then echo "$on"; fi; done; }
put() { # in one go, so that whoever ends the plugin in the middle leaves the old file or the new one
	sed -E "s/^($1) (on|off) /\1 $2 /" "$accounts" >"$accounts.new"
	mv "$accounts.new" "$accounts"
}

case "$1" in
describe)
	say '"kind":"PluginInfo","name":"accounts","version":"1","provider":"the account file","actions":[{"name":"suspend","layer":"principal","reversible":true,"undo":"resume"}]'
	;;
inventory)
	list | cut -d' ' -f3 | sort -u | while read -r owner; do
		printf '{"type":"owner","id":"%s","kind":"person","name":"%s"}\n' "$owner" "$owner"
	done
	list | while read -r name on owner; do
		if [ "$on" = on ]; then status=active; else status=suspended; fi
		printf '{"type":"assistant","id":"%s","kind":"custom","name":"%s","status":"%s","owners":["%s"]}\n' "$name" "$name" "$status" "$owner"
	done
	# What is not understood is said; then nothing that is missing is taken for gone.
	if grep -vE "$good|^#|^\$" "$accounts" >/dev/null; then
		say '"kind":"InventoryDone","complete":false,"warnings":["a line of the file is not: NAME on|off OWNER"]'
	else
		say '"kind":"InventoryDone","complete":true,"counts":{"assistant":'"$(list | wc -l | tr -d ' ')"'}'
	fi
	;;
plan) # reads only; what is ended needs no step
	steps=
	for id in $(ids); do
		if [ "$(state "$id")" = on ]; then
			steps="$steps${steps:+,}"'{"target":{"type":"assistant","id":"'$id'"},"action":"suspend","summary":"suspend the account '$id'","request":"set '$id' to off","effect":"it can log in no more","residual":["sessions that are open"]}'
		fi
	done
	say '"kind":"Plan","steps":['"$steps"']'
	;;
revoke) # told twice with one idempotencyKey, it must be done once; setting a state is so by itself
	id=$(ids)
	status=done
	case "$(text action):$(state "$id")" in
	suspend:on) put "$id" off ;;
	resume:off) put "$id" on ;;
	suspend:off | resume:on) status=already ;;
	*:) status=not_found ;;
	*) status=unsupported ;;
	esac
	say '"kind":"ActionResult","target":{"type":"assistant","id":"'"$id"'"},"status":"'$status'"'
	;;
verify) # look again, and say what was seen
	id=$(ids)
	case "$(state "$id")" in
	on) stand=alive seen='the file says on' ;;
	off) stand=contained seen='the file says off' ;;
	*) stand=dead seen='the file has no such account' ;;
	esac
	say '"kind":"Verdict","target":{"type":"assistant","id":"'"$id"'"},"state":"'$stand'","grade":"attested","observed":{"detail":"'"$seen"'"}'
	;;
*)
	exit 2
	;;
esac
