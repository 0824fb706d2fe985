package credref

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/zalando/go-keyring"

	"nhitop/inventory"
)

// Ref says where a credential is to be had. Exactly one field is set.
type Ref struct {
	Env     string   `toml:"env"`     // name of a variable
	File    string   `toml:"file"`    // path; "~/" is the operator's home
	Command []string `toml:"command"` // program and arguments; it prints the credential
	Keyring string   `toml:"keyring"` // "service/account"
}

// Lookup is what a reference is read with. The zero value is the process's own environment.
type Lookup struct {
	Getenv func(string) string // nil: os.Getenv
	// Home is what "~/" stands for: the home of who runs nhitop, which need not be the home that is scanned. "": that of
	// the variable HOME, else of the operating system.
	Home string
}

// maxSize is the most bytes that a file or a command may give. The largest credentials are keys of some 10 KiB.
const maxSize = 64 << 10

// IsZero reports whether nothing is set.
func (r Ref) IsZero() bool { return len(r.set()) == 0 }

func (r Ref) set() []string {
	var s []string
	for _, f := range []struct {
		name string
		is   bool
	}{{"env", r.Env != ""}, {"file", r.File != ""}, {"command", len(r.Command) > 0}, {"keyring", r.Keyring != ""}} {
		if f.is {
			s = append(s, f.name)
		}
	}
	return s
}

// WantTOML says how a credential is written, to whoever wrote something else. See the package strict.
func (Ref) WantTOML(key string) string {
	return fmt.Sprintf(`a credential is a reference, never a value: %s = { env = "..." }, { file = "..." }, { command = [...] } or { keyring = "..." }`, key)
}

// Check returns what is wrong with the reference, as an error that begins with the key. It reads nothing.
func (r Ref) Check(key string) error {
	wrong := func(text string) error { return fmt.Errorf("%s: %s", key, text) }
	switch set := r.set(); {
	case len(set) == 0:
		return wrong("a credential is needed: " + key + ` = { env = "..." }, or file, command or keyring`)
	case len(set) > 1:
		return wrong("one place only; take out one of " + strings.Join(set, ", "))
	}
	switch {
	case strings.ContainsAny(r.Env, "= \t\x00$"):
		return wrong("env is the name of a variable, without $ and =")
	case len(r.Command) > 0 && r.Command[0] == "":
		return wrong("command begins with the name of a program")
	case r.Keyring != "":
		if s, a, ok := strings.Cut(r.Keyring, "/"); !ok || s == "" || a == "" {
			return wrong(`keyring is written "service/account"`)
		}
	}
	return nil
}

// String names the place in words, for texts and errors.
func (r Ref) String() string {
	clean := func(kind, s string) string { return kind + " " + inventory.Clean(s) }
	switch {
	case r.Env != "":
		return clean("env", r.Env)
	case r.File != "":
		return clean("file", r.File)
	case len(r.Command) > 0:
		return clean("command", r.Command[0]) // the arguments are the operator's own and may say more than a screen should
	case r.Keyring != "":
		return clean("keyring", r.Keyring)
	}
	return "nothing"
}

// Storage is what inventory.Secret.Storage says of a credential that stands there.
func (r Ref) Storage() string {
	switch {
	case r.Env != "":
		return inventory.StorageEnv
	case r.File != "":
		return inventory.StoragePlaintext
	case len(r.Command) > 0:
		return inventory.StorageManager
	case r.Keyring != "":
		return inventory.StorageKeyring
	}
	return ""
}

// Errors that callers tell apart.
var (
	ErrEmpty = errors.New("there is nothing there")
	ErrOpen  = errors.New("others can read it")
)

// Read reads the credential. A newline at its end is no part of it. It may be called from several goroutines.
func (r Ref) Read(ctx context.Context, l Lookup) (inventory.Value, error) {
	if err := ctx.Err(); err != nil {
		return inventory.Value{}, err
	}
	text, err := r.read(ctx, l)
	if err != nil {
		return inventory.Value{}, fmt.Errorf("%s: %w", r, err)
	}
	text = strings.TrimRight(text, "\r\n")
	switch {
	case strings.TrimSpace(text) == "":
		return inventory.Value{}, fmt.Errorf("%s: %w", r, ErrEmpty)
	case len(text) > maxSize:
		return inventory.Value{}, fmt.Errorf("%s: larger than %d KiB; is this a credential?", r, maxSize>>10)
	}
	return inventory.NewValue(text), nil
}

func (r Ref) read(ctx context.Context, l Lookup) (string, error) {
	if err := r.Check("credential"); err != nil {
		return "", err
	}
	switch {
	case r.Env != "":
		if v := l.getenv(r.Env); v != "" {
			return v, nil
		}
		return "", errors.New("the variable is not set")
	case r.File != "":
		path, err := l.expand(r.File)
		if err != nil {
			return "", err
		}
		return readFile(path)
	case len(r.Command) > 0:
		return run(ctx, r.Command)
	}
	return fromKeyring(ctx, r.Keyring)
}

func (l Lookup) getenv(name string) string {
	if l.Getenv == nil {
		return os.Getenv(name)
	}
	return l.Getenv(name)
}

// fromKeyring asks the keyring, which may ask the operator: it is left alone when ctx ends.
func fromKeyring(ctx context.Context, entry string) (string, error) {
	service, account, _ := strings.Cut(entry, "/")
	type answer struct {
		text string
		err  error
	}
	got := make(chan answer, 1)
	go func() {
		text, err := keyring.Get(service, account)
		got <- answer{text, err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case a := <-got:
		switch {
		case errors.Is(a.err, keyring.ErrNotFound):
			return "", errors.New("the keyring has no such entry")
		case a.err != nil:
			return "", errors.New("the keyring cannot be read")
		}
		return a.text, nil
	}
}
