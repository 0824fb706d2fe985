package file

import (
	_ "embed"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"nhitop/inventory"
	"nhitop/inventory/schema"
	"nhitop/inventory/strict"
	"nhitop/sources"
)

// Kind is the factory's name.
const Kind = "file"

//go:embed sample.toml
var sample string

// Options are the table of one file or folder.
type Options struct {
	Name      string            `toml:"name"`
	Path      string            `toml:"path"` // "-": standard input
	Format    string            `toml:"format"`
	Root      string            `toml:"root"`
	MaxBytes  int64             `toml:"max_bytes"` // of one file
	Record    string            `toml:"record"`    // CSV: what a line is
	Columns   map[string]string `toml:"columns"`   // CSV: field -> column
	Separator string            `toml:"separator"` // CSV: within a list
}

var defaults = Options{Format: auto, MaxBytes: 64 << 20, Record: "assistant", Separator: ";"}

// Factory makes file sources.
var Factory = sources.Define(Kind, sample, defaults, func(o Options, e sources.Env) (sources.Source, error) { return New(o, e) })

// The formats.
const (
	auto       = "auto"
	fmtJSON    = "json"
	fmtLines   = "jsonl"
	fmtCSV     = "csv"
	sarif      = "sarif"
	gitleaks   = "gitleaks"
	trufflehog = "trufflehog"
	cyclonedx  = "cyclonedx"
)

var formats = []string{auto, fmtJSON, fmtLines, fmtCSV, sarif, gitleaks, trufflehog, cyclonedx}

const stdin = "-"

// ownerColumn is a column that is no field: a person by name or address.
const ownerColumn = "owner"

// Source is one file or folder. Its methods may be called from several goroutines.
type Source struct {
	o    Options
	env  sources.Env
	name string
	noun schema.Noun // of a line of CSV

	once  sync.Once // standard input can be read once only
	given []byte
	err   error
}

// New makes a source. It reads nothing yet.
func New(o Options, e sources.Env) (*Source, error) {
	name, err := sources.Named(Kind, o.Name)
	if err != nil {
		return nil, err
	}
	if o.Path == "" {
		return nil, fmt.Errorf(`path: name a file or a folder, or "-" for standard input`)
	}
	if !slices.Contains(formats, o.Format) {
		return nil, fmt.Errorf("format: unknown; %s", strict.Advise(o.Format, formats))
	}
	if o.MaxBytes <= 0 {
		return nil, fmt.Errorf("max_bytes: give a number of bytes above 0")
	}
	if o.Separator == "" {
		return nil, fmt.Errorf("separator: give at least one character")
	}
	s := &Source{o: o, env: e, name: name}
	var known []string
	for _, n := range schema.Nouns() {
		if n.Line == o.Record {
			s.noun = n
		}
		known = append(known, n.Line)
	}
	if s.noun.Type == nil {
		return nil, fmt.Errorf("record: unknown; %s", strict.Advise(o.Record, known))
	}
	fields := append(s.noun.Fields(), ownerColumn)
	for f := range o.Columns {
		if !slices.Contains(fields, f) {
			return nil, fmt.Errorf("columns: a field %q is not known of a record %s; %s", f, o.Record, strict.Advise(f, fields))
		}
	}
	return s, nil
}

// Info implements sources.Source.
func (s *Source) Info() sources.Info {
	return sources.Info{
		Name: s.name, Kind: Kind,
		Reads: []string{"records that others wrote (JSON, JSON Lines, CSV)", "secrets and services in reports of scanners (SARIF, gitleaks, trufflehog, CycloneDX)"},
		Needs: []string{"to read " + s.shown(s.path(s.o.Path))},
	}
}

// path is a path of the configuration: "~/" is the home that is scanned.
func (s *Source) path(p string) string {
	if p == stdin || p == "" {
		return p
	}
	if rest, ok := strings.CutPrefix(p, "~/"); ok {
		return filepath.Join(s.env.Home, rest)
	}
	if abs, err := filepath.Abs(p); err == nil {
		return abs
	}
	return p
}

// shown is a path as it stands in the inventory.
func (s *Source) shown(p string) string {
	if p == stdin {
		return "standard input"
	}
	p = filepath.ToSlash(p)
	if rest, ok := strings.CutPrefix(p, strings.TrimRight(filepath.ToSlash(s.env.Home), "/")+"/"); ok && s.env.Home != "" {
		return "~/" + rest
	}
	return p
}

// input reads standard input, once: what is asked again is answered with the same.
func (s *Source) input() ([]byte, error) {
	s.once.Do(func() {
		if s.env.Stdin == nil {
			s.err = fmt.Errorf("standard input is read by nhitop scan only, and a terminal is none")
			return
		}
		s.given, s.err = io.ReadAll(io.LimitReader(s.env.Stdin, s.o.MaxBytes+1))
		if s.err != nil {
			s.err = fmt.Errorf("standard input cannot be read")
		}
	})
	return s.given, s.err
}

var _ sources.Source = (*Source)(nil)

// place is where a scanner's report says that something stands.
func (s *Source) place(p string) string {
	p = filepath.ToSlash(p)
	switch {
	case s.o.Root == "" || strings.HasPrefix(p, "/") || strings.Contains(p, "://") || p == "":
		return s.shown(p)
	}
	root := filepath.ToSlash(s.path(s.o.Root))
	joined := filepath.ToSlash(filepath.Join(root, p))
	if joined != root && !strings.HasPrefix(joined, strings.TrimRight(root, "/")+"/") {
		return inventory.Clean(p) // it leads out of the root: told as it is
	}
	return s.shown(joined)
}
