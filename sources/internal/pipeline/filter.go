package pipeline

import (
	"regexp"
	"strings"
)

// truth is what an expression can come to when somebody without write access starts the job.
type truth int

const (
	either truth = iota
	never
	always
)

func (t truth) not() truth {
	switch t {
	case never:
		return always
	case always:
		return never
	}
	return either
}

// filter evaluates an "if:" for one event that an outsider caused.
type filter struct {
	event   string
	checked func(path string) bool // does this output of a job or step tell the result of a permission check
	skipped func(job string) bool  // does a job that this one needs never run
}

// value returns what e can come to. An expression that is not understood can come to either.
func (f *filter) value(e *expr) truth {
	switch e.op {
	case "&&", "||":
		return f.chain(e)
	case "!":
		return f.value(e.kids[0]).not()
	case "==":
		return f.equal(e.kids[0], e.kids[1])
	case "!=":
		if f.isCheck(e.kids[0]) || f.isCheck(e.kids[1]) {
			return never
		}
		return f.equal(e.kids[0], e.kids[1]).not()
	case "path":
		switch {
		case e.text == "true":
			return always
		case e.text == "false", f.isCheck(e):
			return never
		case forkPath(e.text):
			return always
		case strings.HasPrefix(e.text, sameRepoPull):
			return never
		}
	case "call":
		return f.call(e)
	}
	return either
}

func (f *filter) chain(e *expr) truth {
	decides := never
	if e.op == "||" {
		decides = always
	}
	all := true
	for _, k := range e.kids {
		v := f.value(k)
		if v == decides {
			return decides
		}
		all = all && v == decides.not()
	}
	if all {
		return decides.not()
	}
	return either
}

func (f *filter) isCheck(e *expr) bool {
	return e.op == "path" && f.checked != nil && f.checked(e.text)
}

// equal compares a path with something else.
func (f *filter) equal(a, b *expr) truth {
	if a.op != "path" || isWord(a.text) {
		a, b = b, a
	}
	if a.op != "path" {
		return either
	}
	text := strings.ToLower(b.text)
	switch {
	case f.isCheck(a) || f.isCheck(b):
		return never
	case needsResult.MatchString(a.text) && b.op == "text" && f.skipped != nil && f.skipped(needsResult.FindStringSubmatch(a.text)[1]):
		if text == "skipped" {
			return always
		}
		return never
	case strings.HasPrefix(a.text, sameRepoPull):
		if b.text == "" || b.text == "null" {
			return always
		}
		return never
	case a.text == "github.event_name":
		if b.op != "text" {
			return either
		}
		if text == f.event {
			return always
		}
		return never
	case strings.HasSuffix(a.text, ".author_association"):
		if trusted(strings.ToUpper(b.text)) {
			return never
		}
	case actorPath(a.text):
		if b.op == "text" || b.text == "github.repository_owner" || strings.HasPrefix(b.text, "vars.") {
			return never
		}
	case headRepo(a.text) && b.text == "github.repository", headRepo(b.text) && a.text == "github.repository":
		return never
	case forkPath(a.text) && (text == "false" || text == "true"):
		if text == "false" {
			return never
		}
		return always
	case a.text == "github.event.label.name" && strings.HasPrefix(f.event, "pull_request"):
		return never // putting a label on takes triage rights; issue forms put labels on issues for anybody
	case a.text == "github.event.action" && text == "labeled" && strings.HasPrefix(f.event, "pull_request"):
		return never
	}
	return either
}

func isWord(s string) bool { return s == "true" || s == "false" || s == "null" }

func (f *filter) call(e *expr) truth {
	switch e.text {
	case "always":
		return always
	case "contains":
		return f.contains(e)
	case "startswith", "endswith":
		if len(e.kids) == 2 && e.kids[0].text == "github.event_name" && e.kids[1].op == "text" {
			test := strings.HasPrefix
			if e.text == "endswith" {
				test = strings.HasSuffix
			}
			if test(f.event, strings.ToLower(e.kids[1].text)) {
				return always
			}
			return never
		}
	}
	return either
}

// contains(list, item): the item is somebody or something that must be on a list.
func (f *filter) contains(e *expr) truth {
	if len(e.kids) != 2 || e.kids[1].op != "path" {
		if len(e.kids) == 2 && e.kids[0].op == "path" && strings.HasSuffix(e.kids[0].text, "pull_request.labels.*.name") {
			return never
		}
		return either
	}
	item := e.kids[1].text
	list := words(strings.Join(e.kids[0].texts(nil), " "))
	switch {
	case strings.HasSuffix(item, ".author_association"):
		known := false
		for _, w := range list {
			if w = strings.ToUpper(w); !trusted(w) {
				return either
			}
			known = true
		}
		if known {
			return never
		}
	case actorPath(item):
		return never
	case item == "github.event_name" && len(list) > 0:
		for _, w := range list {
			if strings.EqualFold(w, f.event) {
				return always
			}
		}
		return never
	}
	return either
}

func words(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" \t\r\n,\"'[]|;", r) })
}

// trusted are the associations that come with rights: CONTRIBUTOR only means that a change was merged once.
func trusted(a string) bool { return a == "OWNER" || a == "MEMBER" || a == "COLLABORATOR" }

// actorPath tells who started the run, or who wrote what started it.
func actorPath(p string) bool {
	return p == "github.actor" || p == "github.triggering_actor" || p == "github.actor_id" ||
		strings.HasPrefix(p, "github.event.") && (strings.HasSuffix(p, ".user.login") || strings.HasSuffix(p, "sender.login") ||
			strings.HasSuffix(p, ".author.login") || strings.HasSuffix(p, "sender.id") || strings.HasSuffix(p, ".user.id") || strings.HasSuffix(p, ".actor.login"))
}

func headRepo(p string) bool {
	return strings.HasSuffix(p, ".head.repo.full_name") || strings.HasSuffix(p, ".head_repository.full_name")
}

// sameRepoPull is the pull request of a workflow_run event. GitHub leaves the list empty for one from a fork.
const sameRepoPull = "github.event.workflow_run.pull_requests.0"

func forkPath(p string) bool {
	return strings.HasSuffix(p, ".head.repo.fork") || strings.HasSuffix(p, ".head_repository.fork")
}

// permissionCheck finds code that asks the forge what the actor may do.
var permissionCheck = regexp.MustCompile(`(?i)getCollaboratorPermissionLevel|collaborators/[^\s"'` + "`" + `]+/permission|author_association|` +
	`check-?(user|actor|write)-?permissions?|actor-?permissions?|has-permission|check_membership|GH_AW_REQUIRED_ROLES|team-membership|` +
	`checkMembershipForUser|getMembershipForUserInOrg|orgs/[^\s"'` + "`" + `]+/members/`)

// stops finds code that ends the job.
var stops = regexp.MustCompile(`setFailed|\bexit [1-9]|throw new|process\.exit\([1-9]`)
