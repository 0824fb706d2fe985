//go:build linux || darwin

package exec

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"

	"nhitop/sources"
	"nhitop/sources/exec/starter"
)

// check returns what is wrong, by check, and the names of all checks.
func check(t *testing.T, c Checking) (wrong map[string]string, all []string) {
	t.Helper()
	wrong = map[string]string{}
	Check(t.Context(), c, func(name string, faults []string) {
		all = append(all, name)
		if len(faults) > 0 {
			wrong[name] = strings.Join(faults, "\n")
		}
	})
	return wrong, all
}

// started writes a starting point, builds it where that is due, and reads its table.
func started(t *testing.T, lang string) (o Options, accounts string) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "crm")
	files, err := starter.Write(lang, path)
	if err != nil {
		t.Fatal(err)
	}
	switch lang {
	case "go":
		if testing.Short() {
			t.Skip("it is built")
		}
		cmd := exec.Command("go", "build", "-o", path, files[0])
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	case "python":
		if testing.Short() {
			t.Skip("the shell's is enough for a short run")
		}
		if _, err := os.Stat("/usr/bin/python3"); err != nil {
			t.Skip("there is no /usr/bin/python3")
		}
	}
	o = defaults
	if _, err := toml.DecodeFile(path+starter.TableSuffix, &o); err != nil {
		t.Fatal(err)
	}
	o.Command = path
	return o, files[2]
}

// Each starting point passes, with an account that is really suspended and resumed.
func TestStartingPoints(t *testing.T) {
	for _, lang := range starter.Languages() {
		t.Run(lang, func(t *testing.T) {
			o, accounts := started(t, lang)
			before, err := os.ReadFile(accounts)
			if err != nil {
				t.Fatal(err)
			}
			wrong, all := check(t, Checking{Options: o, Act: "assistant/ci-bot"})
			for name, faults := range wrong {
				t.Errorf("%s: %s", name, faults)
			}
			if len(all) != 17 {
				t.Errorf("%d checks: %v", len(all), all)
			}
			after, err := os.ReadFile(accounts)
			if err != nil || string(after) != string(before) {
				t.Errorf("the accounts are not as they were: %v\n%s", err, after)
			}
			if err := os.WriteFile(accounts, []byte("ci-bot on ann\nwhat is this\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			if wrong, _ := check(t, Checking{Options: o}); !strings.Contains(wrong["it is collected"], "could not read everything") {
				t.Errorf("a line that is not understood: %v", wrong)
			}
		})
	}
}

func TestStartingPointsOverwriteNothing(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "crm.toml"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := starter.Write("shell", filepath.Join(dir, "crm")); err == nil || !strings.Contains(err.Error(), "crm.toml is there already") {
		t.Errorf("%v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	for _, c := range [][2]string{{"cobol", filepath.Join(dir, "x")}, {"shell", filepath.Join(dir, "none", "x")}} {
		if _, err := starter.Write(c[0], c[1]); err == nil {
			t.Errorf("%v was written", c)
		}
	}
}

// What is wrong with a plugin is told by the check that it fails.
func TestCheckFinds(t *testing.T) {
	for i, c := range []struct{ old, now, check, says string }{
		{"exit 2", "exit 0", "it refuses a verb that it does not know", "must end with code 2"},
		{`read -r request`, "read -r request\ncase \"$request\" in *ofALater*) exit 1;; esac", "it passes over what it does not know", "ended with code 1"},
		{`"version":"1"`, `"version":""`, "it says what it is", "does not describe itself"},
		{`"layer":"principal"`, `"layer":"soul"`, "it says what it is", "layer is none of"},
		{`"reversible":true,`, "", "it says what it is", "what is reversible names its undo"},
		{`"undo":"resume"`, `"undo":"delete"`, "it says what it is", "undo is a word of its own"},
		{`"complete":true,"counts":{"assistant":`, `"complete":true,"counts":{"assistant":30`, "it is collected", "of one kind of record, and told 3"},
		{`"kind":"custom","name":"%s"`, `"kind":"custom","name":"%s'$$'"`, "two collections are alike", "they differ from byte"},
		{"plan) #", "plan) echo x; exit 1 #", "it plans for what is there, and that lives", "no JSON"},
		{`"action":"suspend","summary"`, `"action":"delete","summary"`, "it plans for what is there, and that lives", "is not declared"},
		{`on) stand=alive`, `on) stand=dead`, "it plans for what is there, and that lives", "before anything was done"},
		{`"observed":{"detail":"'"$seen"'"}`, `"x":1`, "it plans for what is there, and that lives", "does not say what it saw"},
		{"*) stand=dead", "*) stand=alive", "it plans nothing for what is not there, and does not say that it lives", "never gave"},
		{`suspend:on) put "$id" off ;;`, `suspend:on) ;;`, "assistant ci-bot: suspend, told twice, is done once and is seen", "STILL ALIVE"},
		{`suspend:off |`, ``, "assistant ci-bot: suspend, told twice, is done once and is seen", "the second time"},
		{`resume:off) put "$id" on ;;`, `resume:off) ;;`, "assistant ci-bot: suspend is taken back", "contained"},
		{"plan) #", "plan) put ci-bot off #", "it plans without changing anything", ""},
	} {
		if testing.Short() && i%4 > 0 {
			continue
		}
		o, _ := started(t, "shell")
		b, err := os.ReadFile(o.Command)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Replace(string(b), c.old, c.now, 1)
		if text == string(b) {
			t.Errorf("%q does not stand in the plugin", c.old)
		}
		if err := os.WriteFile(o.Command, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
		wrong, _ := check(t, Checking{Options: o, Act: "assistant/ci-bot"})
		if faults, ok := wrong[c.check]; !ok || !strings.Contains(faults, c.says) {
			t.Errorf("%q: want %q with %q: %v", c.now, c.check, c.says, wrong)
		}
	}
	o, _ := started(t, "shell")
	if err := os.Chmod(o.Command, 0o777); err != nil {
		t.Fatal(err)
	}
	if wrong, all := check(t, Checking{Options: o}); len(all) != 1 || !strings.Contains(wrong[all[0]], "chmod go-w") {
		t.Errorf("%v", wrong)
	}
	o, _ = started(t, "shell")
	if wrong, _ := check(t, Checking{Options: o, Act: "assistant/nobody"}); !strings.Contains(wrong["it takes assistant/nobody away"], "did not tell of such a record") {
		t.Errorf("%v", wrong)
	}
}

// A plugin that only lists is whole.
func TestCheckOfAList(t *testing.T) {
	o := program(t, "#!/bin/sh\ncase $1 in describe) echo '"+info+"';; inventory) echo '"+bot+"'; echo '"+done+"';; *) exit 2;; esac\n")
	wrong, all := check(t, Checking{Options: o, Env: sources.Env{}})
	if len(wrong) > 0 || slices.ContainsFunc(all, func(s string) bool { return strings.Contains(s, "taken back") }) {
		t.Errorf("%v %v", wrong, all)
	}
}
