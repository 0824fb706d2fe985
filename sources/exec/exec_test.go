//go:build linux || darwin

package exec

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/sources"
	"nhitop/sources/internal/credref"
	"nhitop/sources/sourcetest"
)

const info = `{"apiVersion":"nhitop/v1alpha1","kind":"PluginInfo","name":"crm","version":"1"}`

const done = `{"apiVersion":"nhitop/v1alpha1","kind":"InventoryDone","complete":true}`

const bot = `{"type":"assistant","id":"bot","kind":"custom","name":"deploy bot"}`

// plugin writes a shell script that answers describe as it should, and inventory by the given commands.
func plugin(t *testing.T, inventory string) Options {
	t.Helper()
	return program(t, "#!/bin/sh\nread -r request\nif [ \"$1\" = describe ]; then echo '"+info+"'; exit 0; fi\n"+inventory+"\n")
}

func program(t *testing.T, text string) Options {
	t.Helper()
	// The folders of a link (macOS: /tmp) are no place for a plugin.
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	o := defaults
	o.Command = filepath.Join(dir, "plugin")
	if err := os.WriteFile(o.Command, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	if o.SHA256, err = digestOf(o.Command); err != nil {
		t.Fatal(err)
	}
	return o
}

func say(lines ...string) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString("echo '" + l + "'\n")
	}
	return b.String()
}

var now = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

func collect(t *testing.T, o Options, e sources.Env) (inventory.Batch, inventory.SourceStatus) {
	t.Helper()
	e.Now = func() time.Time { return now }
	s, err := New(o, e)
	if err != nil {
		t.Fatal(err)
	}
	s.grace = 100 * time.Millisecond
	sink := inventory.NewSink(s.Info().Name, inventory.Key{1}, e.Now)
	st := sources.Collector{Now: e.Now, Deadline: time.Minute}.Collect(t.Context(), s, sink)
	return sink.Batch(), st
}

func text(t *testing.T, v ...any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestConforms(t *testing.T) {
	o := plugin(t, say(bot, `{"type":"secret","id":"k1","kind":"crm-key","assistants":["bot"]}`, `{"type":"entitlement","id":"e","assistant":"bot","via":"k1","capability":"data-read"}`,
		`{"type":"owner","id":"ann","kind":"person","name":"Ann"}`, `{"type":"tool","id":"t","assistant":"bot","name":"jira"}`, done))
	table := fmt.Sprintf("command = %q\nsha256 = %q", o.Command, o.SHA256)
	sourcetest.Run(t, Factory, sourcetest.Case{Name: "shell", Table: table})
}

// fake is a value put together here, so that no scanner finds it in this file.
var fake = "gh" + "p_FAKEw7Xc3bN9mQ1zL5kJ8hG2fD6sP4aR0yTq"

// Each hostile plugin costs only itself: the state of the source, what it says, and how many assistants were taken.
func TestHostile(t *testing.T) {
	for _, c := range []struct {
		name, run  string
		status     string
		says       string
		assistants int
	}{
		{"as it should be", say(bot, done), "ok", "", 1},
		{"endless line", "echo '" + bot + "'\nwhile :; do printf xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done | head -c 3000000", "partial", "a line of more than 1 MiB", 1},
		{"no newline at the end", say(bot) + "printf '" + done + "'", "ok", "", 1},
		{"flood", "yes '" + `{"apiVersion":"nhitop/v1alpha1","kind":"Progress","text":"still"}` + "'", "failed", "more than max_output", 0},
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
			o.MaxOutput, o.Timeout = 8<<20, 20
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

// A plugin's ids are its own, though they look like those of another source.
func TestIDsAreTheirOwn(t *testing.T) {
	other := inventory.NewID(inventory.NounAssistant, "nhitop")
	b, _ := collect(t, plugin(t, say(strings.Replace(bot, `"bot"`, `"`+string(other)+`"`, 1), done)), sources.Env{})
	if len(b.Records.Assistants) != 1 || b.Records.Assistants[0].ID == other {
		t.Error("a plugin speaks of another source's assistant")
	}
}

func TestTooManyProcesses(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the processes of a group are counted on Linux only")
	}
	o := plugin(t, say(bot)+"i=0; while [ $i -lt 60 ]; do sleep 600 & i=$((i+1)); done; wait")
	o.MaxProcs, o.Timeout = 20, 30
	b, st := collect(t, o, sources.Env{})
	if all := text(t, st); st.Status != inventory.SourcePartial || len(b.Records.Assistants) != 1 || !strings.Contains(all, "more processes than it may") && !strings.Contains(all, "ended with code") {
		t.Errorf("%s: %s", st.Status, st.Reason)
	}
}

// Only the program that was pinned is started, and only where nobody else can change it.
func TestPinned(t *testing.T) {
	for want, change := range map[string]func(o *Options) error{
		"is not the program that was pinned": func(o *Options) error {
			return os.WriteFile(o.Command, []byte("#!/bin/sh\ntouch "+o.Command+".ran\n"), 0o700)
		},
		"others may write to":  func(o *Options) error { return os.Chmod(o.Command, 0o722) },
		"others may write to ": func(o *Options) error { return os.Chmod(filepath.Dir(o.Command), 0o770) },
		"cannot be looked at":  func(o *Options) error { return os.Remove(o.Command) },
		"name the program itself": func(o *Options) error {
			if err := os.Rename(o.Command, o.Command+".real"); err != nil {
				return err
			}
			return os.Symlink(o.Command+".real", o.Command)
		},
	} {
		o := plugin(t, say(bot, done))
		if err := change(&o); err != nil {
			t.Fatal(err)
		}
		if _, st := collect(t, o, sources.Env{}); st.Status != inventory.SourceFailed || !strings.Contains(st.Reason, want) {
			t.Errorf("%s: %s, want %s", st.Status, st.Reason, want)
		}
		if _, err := os.Stat(o.Command + ".ran"); err == nil {
			t.Error("another program was started")
		}
	}
}

// A secret comes on its descriptor and stands in no argument and no variable; the environment is the plugin's own.
func TestSecretsAndEnvironment(t *testing.T) {
	o := plugin(t, `read -r token <&3
case "$request" in *'"token":{"fd":3}'*) ;; *) exit 2;; esac
[ "$token" = "`+fake+`" ] || exit 3
env | grep -q FAKE && exit 4
tr '\0' ' ' < /proc/self/cmdline 2>/dev/null | grep -q FAKE && exit 5
[ -n "$NHITOP_OTHER" ] && exit 6
[ "$PROXY_OF_TEST" = here ] || exit 7
`+say(bot, done))
	o.Secrets, o.Env = map[string]credref.Ref{"token": {Env: "CRM"}}, []string{"PROXY_OF_TEST"}
	t.Setenv("NHITOP_OTHER", "leaks")
	env := map[string]string{"CRM": fake, "PROXY_OF_TEST": "here"}
	b, st := collect(t, o, sources.Env{Getenv: func(k string) string { return env[k] }})
	if st.Status != inventory.SourceOK {
		t.Fatalf("%s: %s", st.Status, st.Reason)
	}
	if strings.Contains(text(t, b, st), "FAKE") {
		t.Error("the secret came out")
	}
}

// What is not named cannot be read or written, where the kernel has Landlock.
func TestFolders(t *testing.T) {
	if _, err := os.Stat("/sys/kernel/security/lsm"); runtime.GOOS != "linux" {
		t.Skipf("no Landlock here: %v", err)
	}
	if lsm, err := os.ReadFile("/sys/kernel/security/lsm"); err == nil && !strings.Contains(string(lsm), "landlock") {
		t.Skip("this kernel has no Landlock")
	}
	dir := t.TempDir()
	for _, n := range []string{"closed", "open"} {
		if err := os.WriteFile(filepath.Join(dir, n), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o := plugin(t, fmt.Sprintf("cat %[1]s/open >/dev/null || exit 2\nif cat %[1]s/closed 2>/dev/null; then exit 3; fi\nif echo x 2>/dev/null >%[1]s/new; then exit 4; fi\necho x >$TMPDIR/mine || exit 5\n", dir)+say(bot, done))
	o.Read = []string{filepath.Join(dir, "open")}
	if _, st := collect(t, o, sources.Env{}); st.Status != inventory.SourceOK {
		t.Errorf("%s: %s", st.Status, st.Reason)
	}
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "nhitop-exec-*"))
	if err != nil || slices.ContainsFunc(left, func(p string) bool { _, err := os.Stat(filepath.Join(p, "mine")); return err == nil }) {
		t.Errorf("the temporary folder is left: %v %v", left, err)
	}
}

func TestMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the limit of data is held on Linux")
	}
	o := plugin(t, say(bot)+"x=xxxxxxxxxxxxxxxx; while :; do x=$x$x; done")
	o.MaxMemory = 64 << 20
	if _, st := collect(t, o, sources.Env{}); st.Status != inventory.SourcePartial {
		t.Errorf("%s: %s", st.Status, st.Reason)
	}
}

func TestDescribe(t *testing.T) {
	for want, run := range map[string]string{
		"does not describe itself": "exit 0", "another version": say(strings.Replace(info, "v1alpha1", "v3", 1)),
		"does not describe itself: one": say(`[1]`), "does not understand": "exit 2",
	} {
		if _, st := collect(t, program(t, "#!/bin/sh\n"+run+"\n"), sources.Env{}); st.Status != inventory.SourceFailed || !strings.Contains(st.Reason, want) {
			t.Errorf("%s: %s, want %s", st.Status, st.Reason, want)
		}
	}
}

func TestOptions(t *testing.T) {
	good := defaults
	good.Command, good.SHA256 = "/bin/x", strings.Repeat("0", 64)
	for want, change := range map[string]func(*Options){
		"command:": func(o *Options) { o.Command = "x" }, "command: ": func(o *Options) { o.Command = "/bin/../x" }, "sha256:": func(o *Options) { o.SHA256 = "00" },
		"secrets.t": func(o *Options) { o.Secrets = map[string]credref.Ref{"t": {}} }, "env:": func(o *Options) { o.Env = []string{"GITHUB_TOKEN"} },
		"env: ": func(o *Options) { o.Env = []string{"LD_PRELOAD"} }, "read:": func(o *Options) { o.Read = []string{"crm"} }, "timeout_seconds:": func(o *Options) { o.Timeout = 0 }, "name:": func(o *Options) { o.Name = "/" },
	} {
		o := good
		change(&o)
		if _, err := New(o, sources.Env{}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func FuzzHear(f *testing.F) {
	for _, l := range []string{info, done, bot, bot + "\n" + done, "{", `{"type":"secret","id":1}`, `{"kind":3}`} {
		f.Add([]byte(l))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := New(Options{Command: "/bin/x", SHA256: strings.Repeat("0", 64), Timeout: 1, MaxOutput: 1, MaxMemory: 1, MaxProcs: 1}, sources.Env{})
		if err != nil {
			t.Fatal(err)
		}
		x, r := newCollecting(s, inventory.NewSink("exec", inventory.Key{1}, func() time.Time { return now })), &run{Source: s}
		for _, line := range strings.Split(string(data), "\n") {
			if x.hear(r, []byte(line)) != nil {
				return
			}
		}
		if err := x.verdict(); err == nil && !x.done {
			t.Error("whole without done")
		}
	})
}

// What a plugin started and left behind is ended with it, whether it ends well or is ended.
func TestChildrenAreEnded(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("processes are looked at in /proc")
	}
	for name, rest := range map[string]string{"ends well": done, "is ended": "hangs"} {
		dir := t.TempDir()
		run := "trap '' TERM\nsleep 600 >/dev/null 2>&1 &\necho $! >" + dir + "/pid\n"
		o := plugin(t, run+say(bot, rest))
		if rest == "hangs" {
			o = plugin(t, run+say(bot)+"while :; do sleep 0.05; done")
			o.Timeout = 1
		}
		o.Write = []string{dir}
		_, _ = collect(t, o, sources.Env{})
		pid, err := os.ReadFile(filepath.Join(dir, "pid"))
		if err != nil {
			t.Fatal(err)
		}
		if !gone("/proc/" + strings.TrimSpace(string(pid)) + "/stat") {
			t.Errorf("%s: the child lives", name)
		}
	}
}

// gone waits until a process that was ended is no more: the signal is sent before it is obeyed.
func gone(stat string) bool {
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); runtime.Gosched() {
		text, err := os.ReadFile(stat)
		if _, after, _ := strings.Cut(string(text), ") "); err != nil || strings.HasPrefix(after, "Z") || strings.HasPrefix(after, "X") {
			return true
		}
	}
	return false
}
