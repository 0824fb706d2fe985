//go:build linux || darwin

package exec

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"

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

// A port that is not named cannot be connected to, and no process outside can be signalled, where the kernel tells (6.7, 6.12).
func TestNetworkAndSignals(t *testing.T) {
	if abi, err := ll.LandlockGetABIVersion(); err != nil || abi < 6 {
		t.Skipf("Landlock here is of version %d; 6 is needed: %v", abi, err)
	}
	if _, err := os.Stat("/bin/bash"); err != nil {
		t.Skip("bash, which can connect by itself, is not here")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	port := l.Addr().(*net.TCPAddr).Port
	try := fmt.Sprintf("/bin/bash -c ': </dev/tcp/127.0.0.1/%d' 2>/dev/null", port)
	o := plugin(t, fmt.Sprintf("if %s; then exit 3; fi\nif kill -0 %d 2>/dev/null; then exit 4; fi\n", try, os.Getpid())+say(bot, done))
	if _, st := collect(t, o, sources.Env{}); st.Status != inventory.SourceOK {
		t.Errorf("not named: %s: %s", st.Status, st.Reason)
	}
	o = plugin(t, try+" || exit 3\n"+say(bot, done))
	o.Ports = []int{port}
	if _, st := collect(t, o, sources.Env{}); st.Status != inventory.SourceOK {
		t.Errorf("named: %s: %s", st.Status, st.Reason)
	}
}
