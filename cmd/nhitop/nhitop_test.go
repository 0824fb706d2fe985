package main

import (
	"crypto/ed25519"
	"database/sql"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/crypto/ssh"
)

func TestMain(m *testing.M) {
	testscript.Main(tests{m}, commands)
}

// tests takes away at the end what all tests used together.
type tests struct{ m *testing.M }

var scratch []string

const nowhere = "http://127.0.0.1:1" // where nothing listens

func (t tests) Run() int {
	defer func() {
		for _, dir := range scratch {
			_ = os.RemoveAll(dir)
		}
	}()
	for _, name := range []string{"HTTPS_PROXY", "HTTP_PROXY"} { // no test leaves the machine
		if err := os.Setenv(name, nowhere); err != nil {
			panic(err)
		}
	}
	return t.m.Run()
}

// TestScripts runs the program as a person and a pipeline do. Each script starts in a project, with a home beside it that
// a real program wrote; every secret in them is fake and contains FAKE or fa4e.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup:               setup,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":   exits,
			"noleak":  noleak,
			"mode":    mode,
			"capture": capture,
			"same":    same,
			"damage":  damage,
			"schema":  schema,
			"replace": replace,
			"hold":    hold,
			"keypair": keypair,
		},
	})
}

func setup(e *testscript.Env) error {
	home, repo := filepath.Join(e.WorkDir, "home"), filepath.Join(e.WorkDir, "repo")
	for from, to := range map[string]string{"testdata/claude/home": home, "testdata/claude/repo": repo} {
		if err := os.CopyFS(to, os.DirFS(from)); err != nil {
			return err
		}
	}
	err := filepath.WalkDir(home, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			return os.Chmod(p, 0o600)
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := os.CopyFS(filepath.Join(e.WorkDir, "before"), os.DirFS("testdata/claude")); err != nil {
		return err
	}
	e.Cd = repo
	e.Setenv("HOME", home)
	e.Setenv("NHITOP_STATE", filepath.Join(e.WorkDir, "state"))
	e.Setenv("XDG_CONFIG_HOME", "")
	e.Setenv("XDG_STATE_HOME", "")
	e.Setenv("NHITOP_CONFIG", "")
	e.Setenv("NO_COLOR", "")
	e.Setenv("HTTPS_PROXY", nowhere)
	e.Setenv("HTTP_PROXY", nowhere)
	return nil
}

// exits CODE nhitop ... runs the program and compares the exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE command...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var e *exec.ExitError
		if !errors.As(err, &e) {
			ts.Fatalf("%v", err)
		}
		got = e.ExitCode()
	}
	if got != want {
		ts.Fatalf("%s ended with %d, want %d\nstdout: %s\nstderr: %s", strings.Join(args[1:], " "), got, want, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

var fakes = regexp.MustCompile(`[A-Za-z0-9_./+-]*(?:FAKE|fa4e)[A-Za-z0-9_./+-]*`)

// secrets are the fake values that stand in the test's own home and project, where they are long enough to be one.
func secrets(ts *testscript.TestScript) []string {
	var out []string
	err := filepath.WalkDir(ts.MkAbs("../before"), func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(p)
		for _, v := range fakes.FindAllString(string(text), -1) {
			if len(v) >= 20 && !strings.Contains(v, "/") {
				out = append(out, v)
			}
		}
		return err
	})
	ts.Check(err)
	if len(out) < 8 {
		ts.Fatalf("only %d secrets are planted: the check shows nothing", len(out))
	}
	return out
}

// hold END FILE writes the planted secret with that end into a file, as somebody who pastes it would.
func hold(ts *testscript.TestScript, _ bool, args []string) {
	for _, v := range secrets(ts) {
		if strings.HasSuffix(v, args[0]) {
			ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(v+"\n"), 0o600))
			return
		}
	}
	ts.Fatalf("no planted secret ends in %s", args[0])
}

// noleak FILE... fails when a planted value, or 13 characters of it (fewer are words of a format, such as clientSecret) in a row before the last four, stand in the files.
// A folder stands for all files in it but the backups, which hold what was taken out, for the owner alone.
func noleak(ts *testscript.TestScript, _ bool, args []string) {
	planted := secrets(ts)
	check := func(name, text string) {
		for _, v := range planted {
			for i := 0; i+13 <= len(v)-4; i++ {
				if part := v[i : i+13]; strings.Contains(text, part) && !notSecret[v] && strings.Trim(part, part[:1]) != "" {
					ts.Fatalf("%s holds %q of a planted value", name, part)
				}
			}
		}
	}
	for _, a := range args {
		if a == "stdout" || a == "stderr" {
			check(a, ts.ReadFile(a))
			continue
		}
		err := filepath.WalkDir(ts.MkAbs(a), func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				if err == nil && d.Name() == "backups" {
					return filepath.SkipDir
				}
				return err
			}
			text, err := os.ReadFile(p)
			check(p, string(text))
			return err
		})
		ts.Check(err)
	}
}

// notSecret are values of the trees that only name something: they may be shown.
var notSecret = map[string]bool{
	"0fa4e000-1111-4222-8333-444455556666": true,
	"0fa4e000-7777-4888-8999-aaaabbbbcccc": true,
}

// mode PERM FILE compares permission bits.
func mode(ts *testscript.TestScript, _ bool, args []string) {
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := strconv.FormatInt(int64(info.Mode().Perm()), 8); got != args[0] {
		ts.Fatalf("%s has mode %s, want %s", args[1], got, args[0])
	}
}

// capture NAME REGEXP puts the first group of a match in standard output into a variable.
func capture(ts *testscript.TestScript, _ bool, args []string) {
	m := regexp.MustCompile(args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if len(m) < 2 {
		ts.Fatalf("no match of %s in %s", args[1], ts.ReadFile("stdout"))
	}
	ts.Setenv(args[0], m[1])
}

// same FILE OTHER compares files byte for byte.
func same(ts *testscript.TestScript, neg bool, args []string) {
	a, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	b, err := os.ReadFile(ts.MkAbs(args[1]))
	ts.Check(err)
	if (string(a) == string(b)) == neg {
		ts.Fatalf("%s and %s: equal is %v", args[0], args[1], !neg)
	}
}

// damage DIR TEXT puts TEXT in the place of the database of a state folder.
func damage(ts *testscript.TestScript, _ bool, args []string) {
	file := filepath.Join(ts.MkAbs(args[0]), "nhitop.db")
	if _, err := os.Stat(file); err != nil {
		ts.Fatalf("no database in %s", args[0])
	}
	ts.Check(os.WriteFile(file, []byte(strings.Join(args[1:], " ")), 0o600))
}

// schema DIR N makes the database of a state folder one of schema N.
func schema(ts *testscript.TestScript, _ bool, args []string) {
	db, err := sql.Open("sqlite", filepath.Join(ts.MkAbs(args[0]), "nhitop.db"))
	ts.Check(err)
	_, err = db.Exec("PRAGMA user_version = " + args[1])
	ts.Check(errors.Join(err, db.Close()))
}

// replace OLD NEW FILE changes text of the same length in a file.
func replace(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[2])
	text, err := os.ReadFile(path)
	ts.Check(err)
	changed := strings.ReplaceAll(string(text), args[0], args[1])
	if changed == string(text) {
		ts.Fatalf("%q does not stand in %s", args[0], args[2])
	}
	ts.Check(os.WriteFile(path, []byte(changed), 0o600))
}

// keypair FILE makes an ed25519 key and writes it into a file, and its public half into FILE.pub.
func keypair(ts *testscript.TestScript, _ bool, args []string) {
	pub, key, err := ed25519.GenerateKey(nil)
	ts.Check(err)
	block, err := ssh.MarshalPrivateKey(key, "")
	ts.Check(err)
	line, err := ssh.NewPublicKey(pub)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), pem.EncodeToMemory(block), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".pub"), ssh.MarshalAuthorizedKey(line), 0o600))
}

// commands are what this test binary is when it is called by another name.
var commands = map[string]func(){"nhitop": main}
