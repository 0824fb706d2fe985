//go:build linux || darwin

package exec

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"nhitop/inventory"
	"nhitop/sources"
	"nhitop/sources/internal/credref"
)

// Each hostile plugin costs only itself: the state of the source, what it says, and how many assistants were taken.
func TestHostile(t *testing.T) {
	for _, c := range []struct {
		name, run  string
		status     string
		says       string
		assistants int
	}{
		{"as it should be", say(bot, done), "ok", "", 1},
		{"a line of 1 GiB", say(bot) + "head -c 1073741824 /dev/zero | tr '\\0' x\necho", "partial", "a line of more than 1 MiB", 1},
		{"a line without an end", say(bot) + "tr '\\0' x </dev/zero", "partial", "a line of more than 1 MiB", 1},
		{"no newline at the end", say(bot) + "printf '" + done + "'", "ok", "", 1},
		{"flood", "yes '" + `{"apiVersion":"nhitop/v1alpha1","kind":"Progress","text":"still"}` + "'", "failed", "more than max_output", 0},
		{"talks without an end", say(bot) + "yes '" + `{"apiVersion":"nhitop/v1alpha1","kind":"Warning","text":"beware"}` + "' | head -n 2000\n" + say(done), "ok", "more than 500 warnings of its own", 1},
		{"wrong version", say(`{"apiVersion":"nhitop/v2","kind":"Progress"}`), "failed", "another version of the protocol", 0},
		{"version that begins alike", say(`{"apiVersion":"nhitop/v10","kind":"Progress"}`), "failed", "another version of the protocol", 0},
		{"unknown kind", say(bot, `{"apiVersion":"nhitop/v1alpha1","kind":"Horoscope"}`, done), "ok", "kind: is not known", 1},
		{"the same id twice", say(bot, bot, done), "partial", "stood on line 1 already", 1},
		{"escapes", "printf '%s\\n' '" + strings.Replace(bot, "deploy bot", `\u001b]0;title\u0007\u202ebot`, 1) + "' '" + done + "'", "ok", "", 1},
		{"a value in a record", say(strings.Replace(bot, "deploy bot", "bot "+fake, 1), done), "ok", "was taken out", 1},
		{"ignores SIGTERM", say(bot) + "trap '' TERM\nwhile :; do sleep 0.05; done", "partial", "did not end in its time", 1},
		{"leaves a child behind", say(bot, done) + "sleep 600 &\nexit 0", "ok", "", 1},
		{"writes after done", say(bot, done, strings.Replace(bot, `"bot"`, `"late"`, 1)), "partial", "went on after InventoryDone", 1},
		{"complete after 3 of 300", say(bot, `{"apiVersion":"nhitop/v1alpha1","kind":"InventoryDone","complete":true,"counts":{"assistant":300}}`), "partial", "says 300 of one kind of record, and told 1", 1},
		{"no done", say(bot), "partial", "without InventoryDone", 1},
		{"not complete", say(bot, strings.Replace(done, "true", "false", 1)), "partial", "could not read everything", 1},
		{"crash", say(bot) + "kill -SEGV $$", "partial", "ended by a signal", 1},
		{"code", say(bot, done) + "echo 'token " + fake + " expired' >&2\nexit 3", "partial", "says that its credential is not accepted", 1},
		{"no JSON", say("hello", bot, done), "partial", "is no JSON object", 1},
		{"wrong field", say(`{"type":"assistant","id":"x","kind":"custom","name":"n","autonomy":"yolo"}`, bot, done), "partial", "autonomy: unknown word", 1},
		{"says nothing", "", "partial", "without InventoryDone", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := plugin(t, c.run)
			o.MaxOutput, o.Timeout = 3<<20, 120
			if strings.Contains(c.run, "trap") {
				o.Timeout = 1
			}
			b, st := collect(t, o, sources.Env{})
			all := text(t, b.Records, st, b.Progress)
			if st.Status != c.status || !strings.Contains(all, c.says) || len(b.Records.Assistants) != c.assistants {
				t.Errorf("%s with %d assistants, want %s with %d and %q:\n%s", st.Status, len(b.Records.Assistants), c.status, c.assistants, c.says, all)
			}
			for _, bad := range []string{"FAKE", `\u001b`, `\u202e"`} {
				if strings.Contains(all, bad) {
					t.Errorf("%q came out: %s", bad, all)
				}
			}
		})
	}
}

// A plugin's ids are its own, though they look like those of another source or are those of another plugin.
func TestIDsAreTheirOwn(t *testing.T) {
	other := inventory.NewID(inventory.NounAssistant, "nhitop")
	o := plugin(t, say(strings.Replace(bot, `"bot"`, `"`+string(other)+`"`, 1), bot, done))
	b, _ := collect(t, o, sources.Env{})
	o.Name = "other"
	c, _ := collect(t, o, sources.Env{})
	if len(b.Records.Assistants) != 2 || len(c.Records.Assistants) != 2 {
		t.Fatal("not two assistants each")
	}
	for i, a := range b.Records.Assistants {
		if a.ID == other || a.ID == c.Records.Assistants[i].ID {
			t.Errorf("a plugin speaks of another source's assistant: %s", a.ID)
		}
	}
}

// Whatever a plugin does with a secret that it was handed, it does not come back.
func TestItsOwnSecrets(t *testing.T) {
	pin := "hunter2-FAKE-of-the-crm"
	say := `{"type":"assistant","id":"%[1]s","kind":"custom","name":"n %[1]s","purpose":"\u0068unter2-FAKE-of-the-crm","path":"/x/hunter2-FAKE-of"}
{"type":"resource","id":"r","kind":"service","name":"r","guardrails":{"%[1]s":"%[1]s"}}
{"type":"secret","id":"s","kind":"crm-%[1]s","locations":[{"path":"p","pointer":"/%[1]s","scope":"provider"}]}
{"apiVersion":"nhitop/v1alpha1","kind":"Progress","text":"with %[1]s"}
{"apiVersion":"nhitop/v1alpha1","kind":"Warning","text":"with %[1]s"}
{"apiVersion":"nhitop/v1alpha1","kind":"InventoryDone","complete":true,"warnings":["%[1]s"]}`
	o := plugin(t, "cat <<'E'\n"+fmt.Sprintf(say, pin)+"\nE\necho 'no: "+pin+"' >&2\nexit 3")
	o.Secrets = map[string]credref.Ref{"pin": {Env: "PIN"}}
	b, st := collect(t, o, sources.Env{Getenv: func(string) string { return pin }})
	if len(b.Records.Assistants) != 1 || len(b.Records.Secrets) != 1 || len(b.Records.Resources) != 1 || len(b.Warnings) < 4 {
		t.Errorf("%+v", b)
	}
	if all := text(t, b.Records, st, b.Progress); strings.Contains(all, "FAKE") {
		t.Errorf("it came out: %s", all)
	}
}

// What a plugin writes costs the host no more memory than one line and what it is kept for.
func TestMemoryOfTheHost(t *testing.T) {
	o := plugin(t, say(bot)+"head -c 1073741824 /dev/zero | tr '\\0' x\necho")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, st := collect(t, o, sources.Env{})
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 16<<20 || st.Status != inventory.SourcePartial {
		t.Errorf("%d MiB were allocated; %s", n>>20, st.Reason)
	}
}

func TestTooManyProcesses(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the processes of a group are counted on Linux only")
	}
	// Each starts two more, a thousand in all.
	o := plugin(t, say(bot)+"bomb() { if [ $1 -gt 0 ]; then bomb $(($1-1)) & bomb $(($1-1)) & fi; sleep 600; }\nbomb 9")
	o.MaxProcs, o.Timeout = 20, 30
	b, st := collect(t, o, sources.Env{})
	if all := text(t, st); st.Status != inventory.SourcePartial || len(b.Records.Assistants) != 1 || !strings.Contains(all, "more processes than it may") && !strings.Contains(all, "ended with code") {
		t.Errorf("%s: %s", st.Status, st.Reason)
	}
}
