package credref

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"

	"nhitop/inventory"
)

var secret = "ghp_" + "FAKE0123456789"

func TestMain(m *testing.M) {
	switch os.Getenv("CREDREF_TEST") { // this binary is the command of the tests
	case "print":
		fmt.Println(secret)
	case "fail":
		fmt.Fprintln(os.Stderr, "your secret is "+secret)
		os.Exit(7)
	case "flood":
		for range 1 << 20 {
			fmt.Println(strings.Repeat("x", 1<<10))
		}
	case "hang":
		select {}
	case "quiet":
	default:
		keyring.MockInit()
		os.Exit(m.Run())
	}
	os.Exit(0)
}

func env(kv ...string) Lookup {
	return Lookup{Getenv: func(n string) string {
		for i := 0; i < len(kv); i += 2 {
			if kv[i] == n {
				return kv[i+1]
			}
		}
		return ""
	}}
}

func write(t *testing.T, dir, name, text string, mode os.FileMode) string {
	t.Helper()
	p := filepath.Join(dir, name)
	if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(p, mode); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestRead(t *testing.T) {
	dir := t.TempDir()
	if err := keyring.Set("nhitop", "npm/acme", secret); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(write(t, dir, "good", secret+"\r\n", 0o600), link); err != nil {
		t.Skip("no links here")
	}
	for name, c := range map[string]struct {
		ref  Ref
		l    Lookup
		want string
	}{
		"env":           {Ref{Env: "T"}, env("T", secret), ""},
		"env unset":     {Ref{Env: "T"}, env(), "env T: the variable is not set"},
		"file":          {Ref{File: filepath.Join(dir, "good")}, env(), ""},
		"link":          {Ref{File: link}, env(), ""},
		"home":          {Ref{File: "~/good"}, env("HOME", dir), ""},
		"given home":    {Ref{File: "~/good"}, Lookup{Home: dir}, ""},
		"relative":      {Ref{File: "good"}, env(), "must be an absolute path"},
		"missing":       {Ref{File: filepath.Join(dir, "none")}, env(), "no such file"},
		"folder":        {Ref{File: dir}, env(), "not a regular file"},
		"device":        {Ref{File: "/dev/zero"}, env(), "not a regular file"},
		"group":         {Ref{File: write(t, dir, "group", secret, 0o640)}, env(), "others can read it (mode 0640); run: chmod 600"},
		"world":         {Ref{File: write(t, dir, "world", secret, 0o604)}, env(), "others can read it"},
		"empty":         {Ref{File: write(t, dir, "empty", " \n", 0o600)}, env(), "there is nothing there"},
		"large":         {Ref{File: write(t, dir, "large", strings.Repeat("x", maxSize+1), 0o600)}, env(), "larger than 64 KiB"},
		"keyring":       {Ref{Keyring: "nhitop/npm/acme"}, env(), ""},
		"keyring other": {Ref{Keyring: "nhitop/none"}, env(), "the keyring has no such entry"},
		"no program":    {Ref{Command: []string{"/nowhere/at/all"}}, env(), "no such program"},
		"not in path":   {Ref{Command: []string{"no-such-program-of-ours"}}, env(), "no such program"},
		"nothing":       {Ref{}, env(), "a credential is needed"},
		"two":           {Ref{Env: "A", File: "/b"}, env(), "one place only"},
	} {
		t.Run(name, func(t *testing.T) {
			if runtime.GOOS == "windows" && (name == "group" || name == "world") {
				t.Skip("no such bits")
			}
			v, err := c.ref.Read(t.Context(), c.l)
			if c.want == "" {
				if err != nil || v.Reveal() != secret {
					t.Fatalf("%v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || !v.IsZero() {
				t.Errorf("%v; want %s", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "FAKE") {
				t.Errorf("the error quotes what stands there: %v", err)
			}
		})
	}
}

func TestCommand(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	was := commandTime
	defer func() { commandTime = was }()
	for what, want := range map[string]string{"print": "", "fail": "it ended with status 7", "flood": "it prints more than 64 KiB", "hang": "it did not end within", "quiet": "there is nothing there"} {
		t.Run(what, func(t *testing.T) {
			commandTime = was
			if what == "hang" {
				commandTime = time.Millisecond
			}
			t.Setenv("CREDREF_TEST", what)
			v, err := Ref{Command: []string{self}}.Read(t.Context(), Lookup{})
			if want == "" && (err != nil || v.Reveal() != secret) || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("%v; want %q", err, want)
			}
			if err != nil && strings.Contains(err.Error(), "FAKE") {
				t.Errorf("the error repeats what the program said: %v", err)
			}
		})
	}
	t.Run("no shell", func(t *testing.T) {
		t.Setenv("CREDREF_TEST", "print")
		if _, err := (Ref{Command: []string{self + "; true"}}).Read(t.Context(), Lookup{}); err == nil {
			t.Error("the command went through a shell")
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := (Ref{Command: []string{self}}).Read(ctx, Lookup{}); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	})
}

func TestCheck(t *testing.T) {
	for want, r := range map[string]Ref{
		"":                            {Env: "GITHUB_TOKEN"},
		"token: a credential is":      {},
		"token: one place only":       {Env: "A", Keyring: "a/b"},
		"token: env is the name":      {Env: "$TOKEN"},
		"token: command begins":       {Command: []string{""}},
		`token: keyring is written "`: {Keyring: "alone"},
	} {
		err := r.Check("token")
		if (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
}

func TestWords(t *testing.T) {
	for want, r := range map[string]Ref{
		"env A": {Env: "A"}, "file ~/x": {File: "~/x"}, "command op": {Command: []string{"op", "read", "op://v/i"}}, "keyring s/a": {Keyring: "s/a"}, "nothing": {},
	} {
		if r.String() != want || r.IsZero() != (want == "nothing") {
			t.Errorf("%q, want %q", r, want)
		}
	}
	for want, r := range map[string]Ref{
		inventory.StorageEnv: {Env: "A"}, inventory.StoragePlaintext: {File: "~/x"}, inventory.StorageManager: {Command: []string{"op"}}, inventory.StorageKeyring: {Keyring: "s/a"}, "": {},
	} {
		if r.Storage() != want {
			t.Errorf("%q, want %q", r.Storage(), want)
		}
	}
}
