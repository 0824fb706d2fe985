package exec

import (
	_ "embed"
	"encoding/hex"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/credential"
	"nhitop/sources"
	"nhitop/sources/internal/credref"
)

// Kind is the factory's name.
const Kind = "exec"

//go:embed sample.toml
var sample string

// Options are the table of one plugin.
type Options struct {
	Name      string                 `toml:"name"`
	Command   string                 `toml:"command"`
	SHA256    string                 `toml:"sha256"`
	Config    map[string]any         `toml:"config"`
	Secrets   map[string]credref.Ref `toml:"secrets"`
	Revoke    bool                   `toml:"revoke"`         // may be told to take away
	Revokers  map[string]credref.Ref `toml:"revoke_secrets"` // handed over with that order alone, in place of those of the same name
	Env       []string               `toml:"env"`
	Read      []string               `toml:"read"`
	Write     []string               `toml:"write"`
	Ports     []int                  `toml:"ports"`
	Timeout   int                    `toml:"timeout_seconds"`
	MaxOutput int64                  `toml:"max_output"`
	MaxMemory int64                  `toml:"max_memory"`
	MaxProcs  int                    `toml:"max_processes"`
}

var defaults = Options{Timeout: 120, MaxOutput: 64 << 20, MaxMemory: 1 << 30, MaxProcs: 32}

// Factory makes exec sources.
var Factory = sources.Define(Kind, sample, defaults, func(o Options, e sources.Env) (sources.Source, error) { return New(o, e) })

// Source is one plugin. Its methods may be called from several goroutines; each starts the program anew.
type Source struct {
	o      Options
	env    sources.Env
	name   string
	lookup credref.Lookup
	grace  time.Duration // between SIGTERM and SIGKILL
}

const grace = 2 * time.Second

// New makes a source. It starts nothing and reads no secret.
func New(o Options, e sources.Env) (*Source, error) {
	name, err := sources.Named(Kind, o.Name)
	if err != nil {
		return nil, err
	}
	if !filepath.IsAbs(o.Command) || filepath.Clean(o.Command) != o.Command {
		return nil, fmt.Errorf("command: name the program by its absolute path")
	}
	if b, err := hex.DecodeString(o.SHA256); err != nil || len(b) != 32 {
		return nil, fmt.Errorf("sha256: pin the program by the 64 hexadecimal digits that sha256sum prints of it")
	}
	for key, refs := range map[string]map[string]credref.Ref{"secrets.": o.Secrets, "revoke_secrets.": o.Revokers} {
		for _, k := range inventory.SortedKeys(refs) {
			if err := refs[k].Check(key + k); err != nil {
				return nil, err
			}
		}
	}
	for _, n := range o.Env {
		if credential.SecretName(n) || strings.HasPrefix(n, "LD_") || strings.HasPrefix(n, "DYLD_") || strings.ContainsAny(n, "=\x00") {
			return nil, fmt.Errorf("env: a variable of that name is not handed on; a secret goes by secrets = { name = { env = \"...\" } }")
		}
	}
	for _, l := range []struct {
		key   string
		paths []string
	}{{"read", o.Read}, {"write", o.Write}} {
		for _, p := range l.paths {
			if !filepath.IsAbs(p) {
				return nil, fmt.Errorf("%s: name absolute paths", l.key)
			}
		}
	}
	for _, l := range []struct {
		key string
		n   int64
	}{{"timeout_seconds", int64(o.Timeout)}, {"max_output", o.MaxOutput}, {"max_memory", o.MaxMemory}, {"max_processes", int64(o.MaxProcs)}} {
		if l.n <= 0 {
			return nil, fmt.Errorf("%s: give a number above 0", l.key)
		}
	}
	for _, p := range o.Ports {
		if p < 1 || p > 65535 {
			return nil, fmt.Errorf("ports: give numbers from 1 to 65535")
		}
	}
	return &Source{o: o, env: e, name: name, lookup: credref.Lookup{Getenv: e.Getenv}, grace: grace}, nil
}

// Info implements sources.Source.
func (s *Source) Info() sources.Info {
	i := sources.Info{Name: s.name, Kind: Kind, Reads: []string{"what the program " + s.o.Command + " tells"}, Needs: []string{"to start " + s.o.Command}}
	refs := s.secrets(verbDescribe)
	if s.o.Revoke {
		i.Revokes = []string{"what the program declares that it can take away"}
		refs = s.secrets(verbRevoke)
	}
	for _, k := range inventory.SortedKeys(refs) {
		i.Needs = append(i.Needs, fmt.Sprintf("%s (%s)", inventory.Clean(k), refs[k]))
	}
	return i
}

// secrets are those that a verb gets.
func (s *Source) secrets(verb string) map[string]credref.Ref {
	if verb != verbRevoke {
		return s.o.Secrets
	}
	all := map[string]credref.Ref{}
	maps.Copy(all, s.o.Secrets)
	maps.Copy(all, s.o.Revokers)
	return all
}

var _ sources.Source = (*Source)(nil)
