package demo

import (
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"nhitop/inventory"
)

// Scope is what the facts of the demo are stored under, wherever its folder is.
const Scope = "demo"

// Operator is who is at the keyboard.
const Operator = "grace@acme.example"

const marker = "demo" // the file in a state folder that says whose it is, with the time that the company's times count from

// ErrOtherState says that a state folder is not one of the demo.
var ErrOtherState = errors.New("holds the state of something else; the demo keeps its own in a new folder")

// Company is the company in a folder. Its methods may be called from several goroutines.
type Company struct {
	books *books
	dir   string // all of it; removed by Close unless it is kept
	keep  bool
	old   bool // it was there, and has its past
	disk  tree
	write *writer
	key   inventory.Key
	env   map[string]string
	clock
	services

	once   sync.Once
	rsa    *rsa.PrivateKey
	rsaErr error
}

// New makes the company's folder: below the temporary folder of the system, or, to be kept, in state. now is the clock
// that the company lives by. Nothing stands in it yet but its configuration; [Company.Play] makes the rest.
func New(state string, now func() time.Time) (*Company, error) {
	b, err := load()
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	c := &Company{books: b, keep: state != "", clock: clock{real: now}, key: sha256.Sum256([]byte("the key of the demo, which protects nothing"))}
	start := now().UTC().Truncate(time.Minute)
	if c.keep {
		if start, err = c.reopen(state, start); err != nil {
			return nil, err
		}
	} else if c.dir, err = os.MkdirTemp("", "nhitop-demo-"); err != nil {
		return nil, err
	}
	if real, err := filepath.EvalSymlinks(c.dir); err == nil {
		c.dir = real
	}
	c.deeds.now = c.Now
	if c.keep {
		c.deeds.file = filepath.Join(c.dir, "providers.jsonl")
	}
	for _, i := range issuers() {
		c.put(i.host, i)
	}
	if err := c.aws(); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	c.disk = tree{root: filepath.Join(c.dir, "disk"), have: map[string]file{}}
	c.write = newWriter(start)
	if err := c.found(start); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// reopen takes a state folder that is to be kept, new or of the demo before.
func (c *Company) reopen(state string, start time.Time) (time.Time, error) {
	dir, err := filepath.Abs(state)
	if err != nil {
		return start, err
	}
	c.dir = dir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return start, err
	}
	text, err := os.ReadFile(filepath.Join(dir, marker))
	if err == nil {
		c.old = true
		return time.Parse(time.RFC3339, strings.TrimSpace(string(text)))
	}
	list, err := os.ReadDir(dir)
	if err == nil && len(list) > 0 {
		err = fmt.Errorf("%s %w", dir, ErrOtherState)
	}
	return start, err
}

// found writes what must be there before anything is read: folders, key and configuration.
func (c *Company) found(start time.Time) error {
	for _, dir := range []string{c.State(), c.Home()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	c.write.funcs["disk"] = func() string { return filepath.ToSlash(c.disk.root) }
	c.write.funcs["folder"] = func() string { return filepath.ToSlash(c.dir) }
	npm, err := c.npmTokens()
	if err != nil {
		return err
	}
	c.write.funcs["npm"] = func(name string) (string, error) {
		if npm[name] == "" {
			return "", fmt.Errorf("the registry has no token %q", name)
		}
		return npm[name], nil
	}
	if err := c.own(); err != nil {
		return err
	}
	config, err := c.write.fill("config.toml", c.books.config)
	if err != nil {
		return err
	}
	for name, text := range map[string]string{c.Config(): config, filepath.Join(c.State(), "key"): string(c.key[:])} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			return err
		}
	}
	if !c.keep || c.old {
		return nil
	}
	return os.WriteFile(filepath.Join(c.dir, marker), []byte(start.Format(time.RFC3339)+"\n"), 0o600)
}

// Config is the configuration file, State the state folder, Home the home folder of whoever runs the program.
func (c *Company) Config() string { return filepath.Join(c.dir, "config.toml") }

// State is the state folder.
func (c *Company) State() string { return filepath.Join(c.dir, "state") }

// Home is what stands for the home folder of the operator: an empty one, for the company's homes are in the configuration.
func (c *Company) Home() string { return filepath.Join(c.dir, "operator") }

// credentials are those that nhitop itself has at the company's providers, by the variables that the configuration names,
// as templates.
var credentials = map[string]string{
	"NHITOP_NPM":           `<<npm "nhitop-read">>`,
	"NHITOP_NPM_REVOKE":    `<<npm "nhitop-revoke">>`,
	"NHITOP_GITLAB":        `<<secret "gitlab-pat" "nhitop-read">>`,
	"NHITOP_GITLAB_REVOKE": `<<secret "gitlab-pat" "nhitop-revoke">>`,
	"NHITOP_VAULT":         `<<secret "vault-service-token" "nhitop-rotate">>`,
	"NHITOP_GITEA":         `<<secret "hex" "gitea-nhitop">>`,
	"NHITOP_GITEA_REVOKE":  `<<secret "hex" "gitea-nhitop-revoke">>`,
}

// own fills in nhitop's own credentials.
func (c *Company) own() error {
	c.env = map[string]string{"HOME": c.Home()}
	for name, text := range credentials {
		v, err := c.write.fill(name, text)
		if err != nil {
			return err
		}
		c.env[name] = v
	}
	return nil
}

// Getenv is the environment: nothing of this process is in it.
func (c *Company) Getenv(name string) string { return c.env[name] }

// Close removes the folder unless it is kept.
func (c *Company) Close() error {
	if c.keep {
		return nil
	}
	err := os.RemoveAll(c.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// clock is the company's time: that of the calendar while it is played, then the real one.
type clock struct {
	real func() time.Time
	mu   sync.Mutex
	past time.Time
}

// Now is the company's time.
func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.past.IsZero() {
		return c.past
	}
	return c.real()
}

// set puts the clock to a time of the calendar; the zero time lets it run again.
func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.past = t
}
