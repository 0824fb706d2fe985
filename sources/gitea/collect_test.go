package gitea

import (
	"bytes"
	"cmp"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/merge"
	"nhitop/sources"
	"nhitop/sources/gitea/giteatest"
	"nhitop/sources/internal/credref"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/httpx/httpxtest"
)

// setup is a source that reads a server, and what stands between them.
type setup struct {
	*testing.T
	server *giteatest.Server
	src    *Source
	rec    *httpxtest.Recorder
	env    map[string]string
}

// connect makes a source that signs in with a token of the variables "reads" and "revokes".
func connect(t *testing.T, s *giteatest.Server, env map[string]string, change func(*Options)) *setup {
	t.Helper()
	x := &setup{T: t, server: s, env: env}
	var way http.RoundTripper = http.DefaultTransport
	if s.Sim != nil {
		way = httpx.InProcess(s.Sim)
	}
	x.rec = httpxtest.Record(contractual{way, t, s.Sim != nil})
	o := Defaults()
	o.URL, o.Token = s.Base, credref.Ref{Env: "reads"}
	if env["revokes"] != "" {
		o.Revoke, o.RevokeToken = true, credref.Ref{Env: "revokes"}
	}
	if change != nil {
		change(&o)
	}
	src, err := New(o, sources.Env{
		Now: func() time.Time { return giteatest.Now }, Getenv: func(n string) string { return x.env[n] }, Sleep: httpxtest.NoSleep,
		Transport: func(string) http.RoundTripper { return x.rec },
	})
	if err != nil {
		t.Fatal(err)
	}
	x.src = src.(*Source)
	return x
}

// contractual holds every request to what Gitea publishes, and every answer of the simulator.
type contractual struct {
	next      http.RoundTripper
	t         *testing.T
	simulated bool
}

var published = sync.OnceValue(giteatest.Published)

func (c contractual) RoundTrip(r *http.Request) (*http.Response, error) {
	at := strings.TrimPrefix(r.URL.Path, "/api/v1")
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	if err := published().Request(r.Method, at, r.URL.Query(), body); err != nil {
		c.t.Error(err)
	}
	resp, err := c.next.RoundTrip(r)
	if err != nil || resp.StatusCode >= 300 || !c.simulated || !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		return resp, err
	}
	data, err := io.ReadAll(resp.Body)
	if err == nil {
		if err := published().Answer(r.Method, at, data); err != nil {
			c.t.Error(err)
		}
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(data), failed{err}), resp.Body}
	return resp, nil
}

type failed struct{ err error }

func (f failed) Read([]byte) (int, error) { return 0, cmp.Or(f.err, io.EOF) }

// collect reads the server once and returns what came, with its status.
func (x *setup) collect() (inventory.Batch, inventory.SourceStatus) {
	x.Helper()
	sink := inventory.NewSink(x.src.Info().Name, inventory.Key{1}, func() time.Time { return giteatest.Now })
	st := sources.Collector{Now: func() time.Time { return giteatest.Now }, Deadline: time.Minute}.Collect(x.Context(), x.src, sink)
	return sink.Batch(), st
}

// inventory reads the server, and merges what came as the program does.
func (x *setup) inventory() (*inventory.Snapshot, inventory.SourceStatus) {
	x.Helper()
	b, st := x.collect()
	if st.Status != inventory.SourceOK && st.Status != inventory.SourcePartial {
		x.Fatalf("%s: %s", st.Status, st.Reason)
	}
	return inventory.NewSnapshot(giteatest.Now, merge.Merge([]inventory.Batch{b}, nil), false), st
}

const workflow = `on:
  pull_request:
jobs:
  review:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: anthropics/claude-code-action@v1
        with:
          anthropic_api_key: ${{ secrets.ANTHROPIC_API_KEY }}
`

// company fills a server with an organisation, two people and two bots. It returns the token of an administrator.
func company(t *testing.T, s *giteatest.Server) (admin string) {
	t.Helper()
	s.User(t, "nh-ann")
	s.User(t, "nh-ben")
	s.User(t, "codex-bot")
	s.Repo(t, "nh-acme", "shop")
	s.Team(t, "nh-acme", "bots", "write", []string{"codex-bot"}, []string{"shop"})
	s.Token(t, "codex-bot", "work", "write:repository", "read:user")
	s.Token(t, "nh-ann", "claude-code laptop", "all")
	s.Token(t, "nh-ben", "backup", "read:repository")
	s.Key(t, "nh-acme/shop", "cursor deploy", giteatest.PublicKey(7), false)
	s.Key(t, "nh-acme/shop", "mirror", giteatest.PublicKey(8), true)
	s.PublicKey(t, "nh-ann", "gemini-cli on the laptop", giteatest.PublicKey(9))
	s.App(t, "nh-ann", "Windsurf")
	s.Collaborator(t, "nh-acme/shop", "nh-ann", "write")
	s.Collaborator(t, "nh-acme/shop", "nh-ben", "read")
	s.File(t, "nh-acme/shop", ".gitea/workflows/review.yml", workflow)
	s.File(t, "nh-acme/shop", "CODEOWNERS", ".*\\.go @nh-ben\n\\.gitea/.* @nh-ann\n")
	s.Set(t, "nh-acme/shop", "ANTHROPIC_API_KEY")
	s.Protect(t, "nh-acme/shop", map[string]any{"rule_name": "main", "enable_push": true, "enable_push_whitelist": true, "push_whitelist_usernames": []string{"nh-ann"}, "required_approvals": 1})
	return s.Own(t, "nhitop "+t.Name(), "read:admin", "read:user", "read:repository", "read:organization")
}

func cells(a *inventory.Assistant, want map[inventory.Capability]inventory.Answer) []string {
	var wrong []string
	for c, v := range want {
		if a.Capabilities[c] != v {
			wrong = append(wrong, string(c)+" is "+string(a.Capabilities[c])+", want "+string(v))
		}
	}
	slices.Sort(wrong)
	return wrong
}

func TestWhatIsFound(t *testing.T) {
	giteatest.Each(t, func(t *testing.T, s *giteatest.Server) {
		x := connect(t, s, map[string]string{"reads": company(t, s)}, func(o *Options) { o.Repositories = []string{"nh-acme/*"} })
		s.Do(t, s.Boss(), "PATCH", "/admin/users/nh-ben", map[string]any{"source_id": 0, "login_name": "nh-ben", "prohibit_login": true})
		snap, st := x.inventory()
		if st.Status != inventory.SourceOK {
			t.Errorf("%s: %s", st.Status, st.Reason)
		}
		x.rec.ReadsOnly(t)
		const yes, no, asks, unknown = inventory.Yes, inventory.No, inventory.Asks, inventory.Unknown
		// The token of a job writes, whatever the file says; its approval does not count. From 1.26 on settings have a say.
		rights, set := map[inventory.Capability]inventory.Answer{inventory.WriteSource: yes, inventory.ApprovePR: no, inventory.OpenPR: yes, inventory.MergeProtected: asks}, "write-all"
		if !older(s.Version(t), 1, 26) {
			rights, set = map[inventory.Capability]inventory.Answer{inventory.WriteSource: unknown, inventory.ApprovePR: unknown, inventory.OpenPR: unknown, inventory.MergeProtected: unknown}, "unset"
		}
		for name, want := range map[string]map[inventory.Capability]inventory.Answer{
			// It is in a team that may write, and the rule asks for an approval.
			"Codex as codex-bot": {inventory.WriteSource: yes, inventory.MergeProtected: asks, inventory.BypassReview: no, inventory.EditWorkflow: yes, inventory.ReadSecrets: yes},
			// The rule lets its user push.
			"Claude Code with the token claude-code laptop of nh-ann": {inventory.MergeProtected: yes, inventory.BypassReview: yes, inventory.MintIdentity: yes},
			// A deploy key pushes and has no API; the rule lets none push.
			"Cursor with the deploy key cursor deploy of nh-acme/shop": {inventory.WriteSource: yes, inventory.MergeProtected: no},
			// So does an SSH key of a user, who is on the list.
			"Gemini CLI with the SSH key gemini-cli on the laptop of nh-ann": {inventory.WriteSource: yes, inventory.MergeProtected: yes, inventory.EditWorkflow: yes},
			// What its users let it do is told to nobody.
			"Windsurf with the OAuth application Windsurf of nh-ann": {inventory.WriteSource: unknown},
			"claude-code in ci: review.yml/review":                   rights,
		} {
			if wrong := cells(assistantOf(t, snap, name), want); len(wrong) > 0 {
				t.Errorf("%s: %s", name, strings.Join(wrong, "; "))
			}
		}
		if bot := assistantOf(t, snap, "Codex as codex-bot"); len(bot.Owners) > 0 || len(secretOf(t, snap, "gitea-token", "token work").Owners) > 0 {
			t.Errorf("an assistant answers for itself: %+v", bot)
		}
		job := assistantOf(t, snap, "claude-code in ci: review.yml/review")
		if job.Job == nil || job.Job.SelfHosted != yes || job.Job.PermissionsSet != set || len(job.Owners) != 1 || snap.Owner(job.Owners[0]).Name != "nh-ann" {
			t.Errorf("%+v %v", job.Job, job.Owners)
		}
		ben, ann := secretOf(t, snap, "gitea-token", "token backup"), secretOf(t, snap, "gitea-token", "claude-code laptop")
		if ben.State != inventory.StateDisabled || len(ben.Owners) != 1 || snap.Owner(ben.Owners[0]).Status != "departed" || !strings.HasSuffix(ben.Note, "never used") || len(ben.Assistants) != 0 {
			t.Errorf("%+v", ben)
		}
		if ann.State != inventory.StateLive || !ann.Broad || ann.LongLived != yes || ann.Created.IsZero() || !ann.LastUsed.IsZero() || len(ann.Assistants) != 1 || snap.Owner(ann.Owners[0]).Status != "active" {
			t.Errorf("%+v", ann)
		}
		own := secretOf(t, snap, "gitea-token", "nhitop "+t.Name())
		if own.Fingerprint == "" || len(own.Same) != 1 || len(own.Locations) != 2 || own.State != inventory.StateLive {
			t.Errorf("its own token is not known again: %+v", own)
		}
		stored := secretOf(t, snap, "ci-secret", "ANTHROPIC_API_KEY")
		if len(stored.Locations) != 2 || !slices.Contains(stored.Assistants, job.ID) {
			t.Errorf("a stored secret and the workflow that uses it are two: %+v", stored)
		}
		if key := secretOf(t, snap, "ssh-user-key", "gemini-cli"); key.Account != "nh-ann" || len(key.Aliases) != 1 || key.State != inventory.StateLive || !strings.HasSuffix(key.Note, "never used") {
			t.Errorf("%+v", key)
		}
		if key := secretOf(t, snap, "deploy-key", "mirror"); !slices.Equal(key.Scopes, []string{"reads"}) || len(key.Aliases) != 1 {
			t.Errorf("%+v", key)
		}
		var shop *inventory.Resource
		for _, r := range snap.Records().Resources {
			if strings.HasSuffix(r.Name, "nh-acme/shop") && r.Kind == "repository" {
				shop = &r
			}
		}
		if shop == nil || shop.Guardrails["default branch"] != "pull request, 1 approvals, not for user nh-ann, not for administrators" {
			t.Errorf("%+v", shop)
		}
	})
}

// Each field that is read is one that Gitea publishes.
func TestFieldsAreThoseOfGitea(t *testing.T) {
	for typ, v := range map[string]any{
		"User": userAnswer{}, "AccessToken": tokenAnswer{}, "OAuth2Application": appAnswer{}, "Repository": repoAnswer{}, "DeployKey": keyAnswer{}, "RepoCollaboratorPermission": permissionAnswer{},
		"Organization": orgAnswer{}, "Team": teamAnswer{}, "BranchProtection": ruleAnswer{}, "Secret": secretAnswer{}, "ActionRunner": runnerAnswer{}, "ActionRunnerLabel": labelAnswer{},
		"ContentsResponse": contentAnswer{}, "Branch": branchAnswer{}, "ActionWorkflow": workflowAnswer{}, "PublicKey": publicKeyAnswer{},
	} {
		for i := range reflect.TypeOf(v).NumField() {
			if f := reflect.TypeOf(v).Field(i); !published().Known(typ, f.Tag.Get("json")) {
				t.Errorf("%s.%s reads %q, which Gitea does not publish", typ, f.Name, f.Tag.Get("json"))
			}
		}
	}
}
