package local

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/inventory/credential"
	"nhitop/inventory/revoke"
)

// stage is a home with one revoker.
type stage struct {
	t     *testing.T
	home  string
	state string
	r     *Revoker
}

func newStage(t *testing.T) *stage {
	s := &stage{t: t, home: realTemp(t), state: realTemp(t)}
	s.r = NewRevoker(RevokerOptions{Home: s.home, StateDir: s.state, Enabled: true, Catalogue: catalogue.Embedded(), Now: func() time.Time { return testNow }})
	return s
}

// write puts a file into the home with an old time and a mode.
func (s *stage) write(name, text string, mode os.FileMode) string {
	s.t.Helper()
	path := filepath.Join(s.home, filepath.FromSlash(name))
	must(s.t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(s.t, os.WriteFile(path, []byte(text), 0o600))
	must(s.t, os.Chmod(path, mode))
	old := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	must(s.t, os.Chtimes(path, old, old))
	return path
}

func (s *stage) read(name string) string {
	s.t.Helper()
	data, err := os.ReadFile(filepath.Join(s.home, filepath.FromSlash(name)))
	must(s.t, err)
	return string(data)
}

// secretPlan plans the removal of a secret that was seen at one place.
func (s *stage) secretPlan(value string, loc inventory.Location, kind string) []revoke.Step {
	s.t.Helper()
	loc.Scope = inventory.ScopeUser
	sec := inventory.Secret{ID: "sec-1", Kind: kind, Hint: hintOf(value, loc.Form), Issuer: "github", Locations: []inventory.Location{loc}}
	snap := inventory.NewSnapshot(testNow, inventory.Records{Secrets: []inventory.Secret{sec}}, false)
	steps, err := s.r.Plan(s.t.Context(), revoke.Target{ID: "sec-1"}, snap)
	must(s.t, err)
	return steps
}

func hintOf(value, form string) string {
	if strings.HasPrefix(form, "url") {
		return inventory.NewValueWithin(value, "", 40).Hint()
	}
	return inventory.NewValue(value).Hint()
}

// roundTrip applies the steps, compares the file, proves, and takes back.
func (s *stage) roundTrip(name string, steps []revoke.Step, want string, gone bool) {
	s.t.Helper()
	path := filepath.Join(s.home, filepath.FromSlash(name))
	before, err := os.ReadFile(path)
	must(s.t, err)
	st, err := os.Stat(path)
	must(s.t, err)
	if len(steps) != 1 || steps[0].Action == revoke.ActionManual {
		s.t.Fatalf("%s: %+v", name, steps)
	}
	step := steps[0]
	receipt, err := s.r.Apply(s.t.Context(), step)
	must(s.t, err)
	if gone {
		if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
			s.t.Fatalf("%s is still there", name)
		}
	} else {
		if got := s.read(name); got != want {
			s.t.Errorf("%s:\ngot\n%s\nwant\n%s", name, got, want)
		}
		now, err := os.Stat(path)
		must(s.t, err)
		if now.Mode() != st.Mode() {
			s.t.Errorf("%s: mode %v, was %v", name, now.Mode(), st.Mode())
		}
	}
	if p, err := s.r.Verify(s.t.Context(), step, receipt); err != nil || p.Grade != revoke.Proven {
		s.t.Errorf("%s: %+v %v", name, p, err)
	}
	if _, state, err := s.r.Recover(s.t.Context(), step); state != revoke.StateDone || err != nil {
		s.t.Errorf("%s: after it was done, it is %s %v", name, state, err)
	}
	if _, err := s.r.Undo(s.t.Context(), step, receipt); err != nil {
		s.t.Fatalf("%s: %v", name, err)
	}
	back, err := os.Stat(path)
	must(s.t, err)
	if s.read(name) != string(before) || back.Mode() != st.Mode() || !back.ModTime().Equal(st.ModTime()) {
		s.t.Errorf("%s is not as it was: %v %v", name, back.Mode(), back.ModTime())
	}
	if p, err := s.r.VerifyUndo(s.t.Context(), step, receipt); err != nil || p.Grade != revoke.Proven {
		s.t.Errorf("%s: %+v %v", name, p, err)
	}
	if _, state, err := s.r.Recover(s.t.Context(), step); state != revoke.StatePlanned || err != nil {
		s.t.Errorf("%s: after it was taken back, it is %s %v", name, state, err)
	}
	if again, err := s.r.Undo(s.t.Context(), step, receipt); err != nil || !again.Already {
		s.t.Errorf("%s: a second undo: %+v %v", name, again, err)
	}
}

func TestRevokeSecretInEachFormat(t *testing.T) {
	tok := fakeToken(7)
	pass := "FAKE" + "passwordOfTheBase"
	for _, c := range []struct {
		file, text, pointer, form, want string
		value                           string
		line                            int
		mode                            os.FileMode
		delete                          bool
	}{
		{file: ".claude.json", text: "{\n  \"a\": 1,\n  \"env\": {\n    \"T\": \"" + tok + "\"\n  }\n}\n", pointer: "/env/T", form: "whole", want: "{\n  \"a\": 1,\n  \"env\": {}\n}\n", mode: 0o644},
		{file: ".config/opencode/opencode.jsonc", text: "{\r\n  // keep\r\n  \"key\": \"" + tok + "\", // of it\r\n  \"b\": 1,\r\n}\r\n", pointer: "/key", form: "whole", want: "{\r\n  // keep\r\n  \"b\": 1,\r\n}\r\n", mode: 0o600},
		{file: ".codex/config.toml", text: "# top\n[s.env]\nT = \"" + tok + "\"\nU = 1\n", pointer: "/s/env/T", form: "whole", want: "# top\n[s.env]\nU = 1\n", mode: 0o640},
		{file: "x.yaml", text: "a:\n  # c\n  token: '" + tok + "' # t\n  b: 1\n", pointer: "/a/token", form: "whole", want: "a:\n  # c\n  b: 1\n", mode: 0o600},
		{file: ".aws/credentials", text: "[default]\naws_access_key_id = x\n# c\naws_secret_access_key = " + tok + "\n", pointer: "/default/aws_secret_access_key", form: "whole", want: "[default]\naws_access_key_id = x\n# c\n", mode: 0o600},
		{file: ".env", text: "A=1\nexport T='" + tok + "' # c\nB=2", pointer: "/T", form: "whole", want: "A=1\nB=2", mode: 0o664},
		{file: ".netrc", text: "machine a login b password " + tok + "\nmachine c login d password e\n", pointer: "/a/password", form: "whole", want: "machine c login d password e\n", mode: 0o600},
		{file: ".npmrc", text: "registry=https://npm.example.com/\n//npm.example.com/:_authToken=" + tok + "\n", pointer: "/~1~1npm.example.com~1:_authToken", form: "whole", want: "registry=https://npm.example.com/\n", mode: 0o600},
		{file: ".git-credentials", text: "https://a:" + tok + "@github.com\nhttps://c:d@e.example\n", pointer: "/0", form: "url-userinfo", want: "https://c:d@e.example\n", mode: 0o600},
		{file: ".vault-token", text: tok + "\n", form: "whole", line: 1, mode: 0o600, delete: true},
		{file: "s.json", text: `{"args": ["-y", "pkg", "--api-key", "` + tok + `", "z"]}`, pointer: "/args/3", form: "whole", want: `{"args": ["-y", "pkg", "z"]}`, mode: 0o600},
		{file: "e.json", text: `{"args": ["run", "-e", "GITHUB_TOKEN=` + tok + `", "img"]}`, pointer: "/args/2", want: `{"args": ["run", "img"]}`, mode: 0o600},
		{file: "f.json", text: `{"args": ["run", "--token=` + tok + `"]}`, pointer: "/args/1", want: `{"args": ["run"]}`, mode: 0o600},
		{file: "y.json", text: `{"args": ["-y", "` + tok + `"]}`, pointer: "/args/1", form: "whole", want: `{"args": ["-y"]}`, mode: 0o600},
		{file: "h.json", text: `{"headers": {"Authorization": "Bearer ` + tok + `", "X": "1"}}`, pointer: "/headers/Authorization", want: `{"headers": {"X": "1"}}`, mode: 0o600},
		{file: "u.json", text: `{"url": "postgres://svc:` + pass + `@db.example/app"}`, pointer: "/url", form: "url-userinfo", value: pass, want: `{"url": "postgres://svc:` + marker + `@db.example/app"}`, mode: 0o600},
		{file: "c.json", text: `{"cmd": "curl -H 'Authorization: Bearer ` + tok + `' https://x.example"}`, pointer: "/cmd", want: `{"cmd": "curl -H 'Authorization: Bearer ` + marker + `' https://x.example"}`, mode: 0o600},
	} {
		t.Run(c.file, func(t *testing.T) {
			s := newStage(t)
			s.write(c.file, c.text, c.mode)
			value := tok
			if c.value != "" {
				value = c.value
			}
			kind := "github-pat-classic"
			if c.value != "" {
				kind = "connection-url-password"
			}
			steps := s.secretPlan(value, inventory.Location{Path: "~/" + c.file, Pointer: c.pointer, Form: c.form, Line: c.line}, kind)
			for _, st := range steps {
				text, _ := json.Marshal(st)
				if strings.Contains(string(text), value[4:]) {
					t.Errorf("the plan holds the value: %s", text)
				}
				if want := map[bool]string{true: revoke.ActionDeleteFile, false: revoke.ActionRemoveSecret}[c.delete]; st.Action != want || !strings.Contains(st.Request, redactedText) {
					t.Errorf("%s %s", st.Action, st.Request)
				}
				if !strings.Contains(st.Unended, "lives on") || !strings.Contains(st.Residual, s.state) || !st.Reversible {
					t.Errorf("%q", st.Residual)
				}
			}
			s.roundTrip(c.file, steps, c.want, c.delete)
		})
	}
}

func TestRevokeMasksTheNeighbours(t *testing.T) {
	s := newStage(t)
	one, two, three := fakeToken(1), fakeToken(2), "FAKE"+"noKnownForm99"
	s.write(".env", "A_TOKEN="+one+"\nB_TOKEN="+two+"\nMY_PASSWORD="+three+"\nC=plain\n", 0o600)
	steps := s.secretPlan(one, inventory.Location{Path: "~/.env", Pointer: "/A_TOKEN", Form: "whole"}, "github-pat-classic")
	if len(steps) != 1 {
		t.Fatal(steps)
	}
	req := steps[0].Request
	if strings.Contains(req, one[8:]) || strings.Contains(req, two[8:]) || strings.Contains(req, three) || !strings.Contains(req, "C=plain") || !strings.Contains(req, "-A_TOKEN="+redactedText) {
		t.Error(req)
	}
}

func TestRevokeRefusesWhatHasChanged(t *testing.T) {
	s := newStage(t)
	tok := fakeToken(1)
	text := `{"env": {"T": "` + tok + `"}, "n": 1}`
	path := s.write(".claude.json", text, 0o600)
	step := s.secretPlan(tok, inventory.Location{Path: "~/.claude.json", Pointer: "/env/T", Form: "whole"}, "github-pat-classic")[0]
	s.write(".claude.json", strings.Replace(text, "1}", "2}", 1), 0o600)
	if _, err := s.r.Apply(t.Context(), step); !errors.Is(err, revoke.ErrChanged) {
		t.Error(err)
	}
	s.write(".claude.json", text, 0o600)
	receipt, err := s.r.Apply(t.Context(), step)
	must(t, err)
	done := s.read(".claude.json")
	s.write(".claude.json", done+" ", 0o600)
	if _, err := s.r.Undo(t.Context(), step, receipt); !errors.Is(err, revoke.ErrChanged) {
		t.Error(err)
	}
	if p, err := s.r.Verify(t.Context(), step, receipt); err != nil || p.Grade != revoke.Proven || !strings.Contains(p.Detail, "changed since") {
		t.Errorf("%+v %v", p, err)
	}
	s.write(".claude.json", text, 0o600)
	if p, err := s.r.Verify(t.Context(), step, receipt); err != nil || p.Grade != revoke.Unproven {
		t.Errorf("somebody put it back: %+v %v", p, err)
	}
	must(t, os.Remove(path))
	if _, err := s.r.Apply(t.Context(), step); !errors.Is(err, revoke.ErrChanged) {
		t.Error(err)
	}
}

func TestRevokeRefusesLinksAndOddFiles(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need rights on Windows")
	}
	s := newStage(t)
	tok := fakeToken(1)
	text := `{"env": {"T": "` + tok + `"}}`
	outside := realTemp(t)
	must(t, os.WriteFile(filepath.Join(outside, "x.json"), []byte(text), 0o600))
	must(t, os.Symlink(filepath.Join(outside, "x.json"), filepath.Join(s.home, "out.json")))
	loc := inventory.Location{Path: "~/out.json", Pointer: "/env/T", Form: "whole"}
	if steps := s.secretPlan(tok, loc, "github-pat-classic"); len(steps) != 1 || steps[0].Action != revoke.ActionManual {
		t.Errorf("a link out of the home: %+v", steps)
	}
	// A link that stays inside is followed: the file itself is changed, the link stays.
	s.write("dotfiles/in.json", text, 0o600)
	must(t, os.Symlink(filepath.Join(s.home, "dotfiles", "in.json"), filepath.Join(s.home, "in.json")))
	loc.Path = "~/in.json"
	step := s.secretPlan(tok, loc, "github-pat-classic")[0]
	_, err := s.r.Apply(t.Context(), step)
	must(t, err)
	if st, err := os.Lstat(filepath.Join(s.home, "in.json")); err != nil || st.Mode()&os.ModeSymlink == 0 || s.read("dotfiles/in.json") != `{"env": {}}` {
		t.Error("the link is gone, or the file is not changed")
	}
	// A link that comes between plan and step is not followed.
	s.write("late/a.json", text, 0o600)
	loc.Path = "~/late/a.json"
	step = s.secretPlan(tok, loc, "github-pat-classic")[0]
	must(t, os.Rename(filepath.Join(s.home, "late"), filepath.Join(s.home, "moved")))
	must(t, os.Mkdir(filepath.Join(outside, "late"), 0o700))
	must(t, os.WriteFile(filepath.Join(outside, "late", "a.json"), []byte(text), 0o600))
	must(t, os.Symlink(filepath.Join(outside, "late"), filepath.Join(s.home, "late")))
	if _, err := s.r.Apply(t.Context(), step); !errors.Is(err, revoke.ErrChanged) {
		t.Error(err)
	}
	if data, _ := os.ReadFile(filepath.Join(outside, "late", "a.json")); string(data) != text {
		t.Error("a file outside was changed")
	}
	// A second name keeps the content: the plan says so.
	s.write("two.json", text, 0o600)
	must(t, os.Link(filepath.Join(s.home, "two.json"), filepath.Join(s.home, "other.json")))
	loc.Path = "~/two.json"
	if steps := s.secretPlan(tok, loc, "github-pat-classic"); !strings.Contains(steps[0].Residual, "2 names") {
		t.Error(steps[0].Residual)
	}
	// Both names are steps: then none keeps it.
	both := inventory.Secret{ID: "sec-1", Kind: "github-pat-classic", Hint: hintOf(tok, loc.Form), Issuer: "github", Locations: []inventory.Location{loc, loc}}
	both.Locations[1].Path = "~/other.json"
	for i := range both.Locations {
		both.Locations[i].Scope = inventory.ScopeUser
	}
	steps, err := s.r.Plan(t.Context(), revoke.Target{ID: "sec-1"}, inventory.NewSnapshot(testNow, inventory.Records{Secrets: []inventory.Secret{both}}, false))
	if err != nil || len(steps) != 2 || strings.Contains(steps[0].Residual+steps[1].Residual, "names on this disk") || strings.Contains(steps[0].Residual, "are known in all") {
		t.Errorf("%v %+v", err, steps)
	}
}

func TestRevokeReadOnly(t *testing.T) {
	s := newStage(t)
	tok := fakeToken(1)
	s.write(".env", "T="+tok+"\n", 0o600)
	step := s.secretPlan(tok, inventory.Location{Path: "~/.env", Pointer: "/T", Form: "whole"}, "github-pat-classic")[0]
	s.r.o.Enabled = false
	if _, err := s.r.Apply(t.Context(), step); !errors.Is(err, revoke.ErrReadOnly) {
		t.Error(err)
	}
	if _, err := s.r.Undo(t.Context(), step, revoke.Receipt{}); !errors.Is(err, revoke.ErrReadOnly) {
		t.Error(err)
	}
	if entries, _ := os.ReadDir(s.state); len(entries) > 0 || s.read(".env") != "T="+tok+"\n" {
		t.Error("something was written")
	}
}

func TestRevokeNeedsItsBackup(t *testing.T) {
	s := newStage(t)
	tok := fakeToken(1)
	s.write(".env", "T="+tok+"\n", 0o600)
	step := s.secretPlan(tok, inventory.Location{Path: "~/.env", Pointer: "/T", Form: "whole"}, "github-pat-classic")[0]
	must(t, os.WriteFile(filepath.Join(s.state, "backups"), nil, 0o600))
	if _, err := s.r.Apply(t.Context(), step); err == nil || s.read(".env") != "T="+tok+"\n" {
		t.Error("changed without a backup")
	}
	must(t, os.Remove(filepath.Join(s.state, "backups")))
	receipt, err := s.r.Apply(t.Context(), step)
	must(t, err)
	must(t, filepath.WalkDir(filepath.Join(s.state, "backups"), func(path string, e os.DirEntry, err error) error {
		info, _ := e.Info()
		if want := os.FileMode(0o600); !e.IsDir() && info.Mode().Perm() != want || e.IsDir() && info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v", path, info.Mode())
		}
		return err
	}))
	must(t, os.WriteFile(filepath.Join(s.state, "backups", receipt.Undo["backup"], "content"), []byte("other"), 0o600))
	if _, err := s.r.Undo(t.Context(), step, receipt); err == nil {
		t.Error("put back what was not kept")
	}
	if _, err := s.r.Undo(t.Context(), step, revoke.Receipt{Undo: map[string]string{"backup": "../../etc"}}); err == nil {
		t.Error("a backup outside of its folder")
	}
}

func TestRevokeServersAndModes(t *testing.T) {
	for _, c := range []struct {
		file, text, pointer, kind, action, want string
		setting                                 string
	}{
		{file: ".claude.json", text: "{\n  \"mcpServers\": {\n    \"a\": {\"command\": \"x\"},\n    \"b\": {\"command\": \"y\"}\n  }\n}\n", pointer: "/mcpServers/a", kind: "claude-code", want: "{\n  \"mcpServers\": {\n    \"b\": {\"command\": \"y\"}\n  }\n}\n"},
		{file: ".codex/config.toml", text: "[mcp_servers.a]\ncommand = \"x\" # c\n\n[mcp_servers.a.env]\nT = \"v\"\n\n[tui]\nx = 1\n", pointer: "/mcp_servers/a", kind: "codex", want: "[tui]\nx = 1\n"},
		{file: ".codex/config.toml", text: "[mcp_servers.a]\ncommand = \"x\" # c\n\n[mcp_servers.a.env]\nT = \"v\"\n", pointer: "/mcp_servers/a", kind: "codex", action: revoke.ActionDisableServer, want: "[mcp_servers.a]\ncommand = \"x\" # c\nenabled = false\n\n[mcp_servers.a.env]\nT = \"v\"\n"},
		{file: ".config/goose/config.yaml", text: "extensions:\n  a:\n    enabled: true # c\n    cmd: x\n", pointer: "/extensions/a", kind: "goose", action: revoke.ActionDisableServer, want: "extensions:\n  a:\n    enabled: false # c\n    cmd: x\n"},
		{file: ".kiro/settings/mcp.json", text: "{\"mcpServers\": {\"a\": {\"command\": \"x\"}}}", pointer: "/mcpServers/a", kind: "kiro", action: revoke.ActionDisableServer, want: "{\"mcpServers\": {\"a\": {\"command\": \"x\", \"disabled\": true}}}"},
		{file: ".claude/settings.json", text: "{\n  // mine\n  \"permissions\": {\"defaultMode\": \"bypassPermissions\"}\n}\n", kind: "claude-code", setting: "/permissions/defaultMode", want: "{\n  // mine\n  \"permissions\": {\"defaultMode\": \"default\"}\n}\n"},
		{file: ".codex/config.toml", text: "approval_policy = 'never' # c\n", kind: "codex", setting: "/approval_policy", want: "approval_policy = 'on-request' # c\n"},
		{file: ".aider.conf.yml", text: "yes-always: true\nmodel: x\n", kind: "aider", setting: "/yes-always", want: "yes-always: false\nmodel: x\n"},
		{file: ".config/goose/config.yaml", text: "GOOSE_PROVIDER: x\nextensions: {}\n", kind: "goose", want: "GOOSE_PROVIDER: x\nextensions: {}\nGOOSE_MODE: approve\n", setting: "none"},
	} {
		t.Run(c.file+c.action, func(t *testing.T) {
			s := newStage(t)
			s.write(c.file, c.text, 0o644)
			a := inventory.Assistant{ID: "ast-1", Kind: c.kind, Name: c.kind, Autonomy: inventory.AutonomyUnattended}
			rec := inventory.Records{}
			target := revoke.Target{ID: "tool-1", Action: c.action}
			if c.setting == "none" {
				a.Evidence = []inventory.Evidence{{Path: "~/" + c.file}}
				target.ID = "ast-1"
			} else if c.setting != "" {
				a.Settings = []inventory.Setting{{Kind: "mode", Name: strings.ReplaceAll(c.setting[1:], "/", "."), Path: "~/" + c.file, Pointer: c.setting}}
				target.ID = "ast-1"
			} else {
				rec.Tools = []inventory.Tool{{ID: "tool-1", Assistant: "ast-1", Name: "a", Evidence: []inventory.Evidence{{Path: "~/" + c.file, Pointer: c.pointer}}}}
			}
			rec.Assistants = []inventory.Assistant{a}
			steps, err := s.r.Plan(t.Context(), target, inventory.NewSnapshot(testNow, rec, false))
			must(t, err)
			s.roundTrip(c.file, steps, c.want, false)
		})
	}
}

func TestRevokeOffersNoSwitchThatIsNotThere(t *testing.T) {
	s := newStage(t)
	s.write(".claude.json", `{"mcpServers": {"a": {"command": "x"}}}`, 0o600)
	s.write(".claude/settings.json", `{"permissions": {"defaultMode": "plan"}}`, 0o600)
	rec := inventory.Records{
		Tools:      []inventory.Tool{{ID: "tool-1", Assistant: "ast-1", Name: "a", Evidence: []inventory.Evidence{{Path: "~/.claude.json", Pointer: "/mcpServers/a"}}}},
		Assistants: []inventory.Assistant{{ID: "ast-1", Kind: "claude-code", Name: "Claude Code", Settings: []inventory.Setting{{Kind: "mode", Name: "permissions.defaultMode", Path: "~/.claude/settings.json", Pointer: "/permissions/defaultMode"}}}},
	}
	snap := inventory.NewSnapshot(testNow, rec, false)
	for _, target := range []revoke.Target{{ID: "tool-1", Action: revoke.ActionDisableServer}, {ID: "ast-1"}, {ID: "own-1"}, {ID: "sec-none"}} {
		if steps, err := s.r.Plan(t.Context(), target, snap); len(steps) > 0 || err != nil {
			t.Errorf("%v: %+v %v", target, steps, err)
		}
	}
}

// Steps of one file that were planned together work one after the other, in any order, and are taken back in reverse.
func TestRevokeStepsThatMeetInAFile(t *testing.T) {
	a, b := fakeToken(1), "FAKE"+"passwordOfTheBase"
	text := `{"args": ["--token", "` + a + `", "--dsn", "postgres://u:` + b + `@h.example/d", "end"], "mcpServers": {"s": {"command": "x"}}}`
	want := `{"args": ["--dsn", "postgres://u:` + marker + `@h.example/d", "end"], "mcpServers": {}}`
	for _, reverse := range []bool{false, true} {
		s := newStage(t)
		s.write("x.json", text, 0o600)
		steps := s.secretPlan(a, inventory.Location{Path: "~/x.json", Pointer: "/args/1", Form: "whole"}, "github-pat-classic")
		steps = append(steps, s.secretPlan(b, inventory.Location{Path: "~/x.json", Pointer: "/args/3", Form: "url-userinfo"}, "connection-url-password")...)
		rec := inventory.Records{Tools: []inventory.Tool{{ID: "tool-1", Name: "s", Evidence: []inventory.Evidence{{Path: "~/x.json", Pointer: "/mcpServers/s"}}}}}
		more, err := s.r.Plan(t.Context(), revoke.Target{ID: "tool-1"}, inventory.NewSnapshot(testNow, rec, false))
		must(t, err)
		steps = append(steps, more...)
		if len(steps) != 3 {
			t.Fatalf("%+v", steps)
		}
		if reverse {
			steps[0], steps[2] = steps[2], steps[0]
		}
		var receipts []revoke.Receipt
		for _, st := range steps {
			r, err := s.r.Apply(t.Context(), st)
			must(t, err)
			if p, err := s.r.Verify(t.Context(), st, r); err != nil || p.Grade != revoke.Proven {
				t.Errorf("%s: %+v %v", st.Summary, p, err)
			}
			receipts = append(receipts, r)
		}
		if got := s.read("x.json"); got != want {
			t.Errorf("got %s\nwant %s", got, want)
		}
		if _, err := s.r.Undo(t.Context(), steps[0], receipts[0]); !errors.Is(err, revoke.ErrChanged) {
			t.Errorf("the first was taken back before the last: %v", err)
		}
		for i := len(steps) - 1; i >= 0; i-- {
			_, err := s.r.Undo(t.Context(), steps[i], receipts[i])
			must(t, err)
		}
		if s.read("x.json") != text {
			t.Error("not as it was")
		}
	}
}

func TestRevokeCommittedAndCancelled(t *testing.T) {
	s := newStage(t)
	tok := fakeToken(1)
	s.write("repo/.env", "T="+tok+"\n", 0o600)
	steps := s.secretPlan(tok, inventory.Location{Path: "~/repo/.env", Pointer: "/T", Form: "whole", Committed: inventory.Yes}, "github-pat-classic")
	if len(steps) != 2 || steps[0].Action != revoke.ActionManual || !strings.Contains(steps[0].Summary, "history") || steps[1].Action != revoke.ActionRemoveSecret {
		t.Fatalf("%+v", steps)
	}
	if p, err := s.r.Verify(t.Context(), steps[0], revoke.Receipt{}); err != nil || p.Grade != revoke.Unproven || p.Detail != "cannot be seen from here" {
		t.Errorf("a step of a person: %+v %v", p, err)
	}
	if steps[0].Git != nil || steps[1].Git != nil || steps[1].Path != filepath.Join(s.home, "repo", ".env") {
		t.Errorf("without a repository: %+v", steps)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.r.Apply(ctx, steps[1]); !errors.Is(err, context.Canceled) || s.read("repo/.env") != "T="+tok+"\n" {
		t.Error(err)
	}
	bad := steps[1]
	bad.Params = map[string]string{"path": "/etc/passwd", "root": s.home, "change": "{}"}
	if _, err := s.r.Apply(t.Context(), bad); err == nil {
		t.Error("a path outside of its folder")
	}
}

func TestTheMarkerIsNoSecret(t *testing.T) {
	if !credential.Placeholder(marker) {
		t.Error("a scan would take the marker for a secret")
	}
}
