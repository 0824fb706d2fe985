package local

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/doc"
)

// Revoker takes away what stands in files of this machine: a secret, a tool server, an unattended mode, a credential
// file. It changes nothing but the bytes that a step is about, keeps a backup first, and can take every step back.
//
// What it does not do: end a credential at its issuer. Every plan says so.
//
// Its methods may be called from several goroutines.
type Revoker struct {
	o      RevokerOptions
	roots  []string
	backup backups
	mu     sync.Mutex // one change of a file at a time
}

// RevokerOptions are what a [Revoker] works with.
type RevokerOptions struct {
	Home      string   // what "~/" stands for; "" where several homes are scanned and paths are absolute
	Roots     []string // folders in whose files it may change something, with Home
	StateDir  string   // backups are kept below it
	Enabled   bool     // else Apply and Undo refuse
	Catalogue *catalogue.Catalogue
	MaxBytes  int64            // larger files are left alone; 0: 16 MiB
	Now       func() time.Time // nil: the clock

	disk disk
}

// NewRevoker makes a revoker. It touches nothing.
func NewRevoker(o RevokerOptions) *Revoker {
	if o.MaxBytes <= 0 {
		o.MaxBytes = Defaults().MaxFileBytes
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	r := &Revoker{o: o, backup: backups{filepath.Join(o.StateDir, "backups")}}
	for _, dir := range append([]string{o.Home}, o.Roots...) {
		if dir != "" && filepath.IsAbs(dir) {
			r.roots = append(r.roots, filepath.Clean(dir))
		}
	}
	return r
}

// revoker makes the revoker of this source.
func (s *Source) revoker() *Revoker {
	o := RevokerOptions{
		StateDir: s.env.StateDir, Enabled: s.opt.Revoke && !s.env.ReadOnly, Catalogue: s.catalogue, MaxBytes: s.opt.MaxFileBytes, Now: s.env.Now, disk: s.disk(),
	}
	homes := s.homes()
	if len(homes) == 1 {
		o.Home = homes[0]
	}
	o.Roots = append(homes, s.env.Paths...)
	for _, p := range s.opt.Paths {
		o.Roots = append(o.Roots, expandTilde(p, s.env.Home))
	}
	return NewRevoker(o)
}

// Plan implements revoke.Revoker.
func (s *Source) Plan(ctx context.Context, t revoke.Target, snap *inventory.Snapshot) ([]revoke.Step, error) {
	return s.revoker().Plan(ctx, t, snap)
}

// Apply implements revoke.Revoker.
func (s *Source) Apply(ctx context.Context, step revoke.Step) (revoke.Receipt, error) {
	return s.revoker().Apply(ctx, step)
}

// Verify implements revoke.Revoker.
func (s *Source) Verify(ctx context.Context, step revoke.Step, r revoke.Receipt) (revoke.Proof, error) {
	return s.revoker().Verify(ctx, step, r)
}

// Undo implements revoke.Undoer.
func (s *Source) Undo(ctx context.Context, step revoke.Step, r revoke.Receipt) (revoke.Receipt, error) {
	return s.revoker().Undo(ctx, step, r)
}

// VerifyUndo implements revoke.UndoVerifier.
func (s *Source) VerifyUndo(ctx context.Context, step revoke.Step, r revoke.Receipt) (revoke.Proof, error) {
	return s.revoker().VerifyUndo(ctx, step, r)
}

// Recover implements revoke.Recoverer.
func (s *Source) Recover(ctx context.Context, step revoke.Step) (revoke.Receipt, string, error) {
	return s.revoker().Recover(ctx, step)
}

var _ interface {
	revoke.Revoker
	revoke.Undoer
	revoke.UndoVerifier
	revoke.Recoverer
} = (*Source)(nil)

// tilde shows a path as the plan does: "~/" for the home.
func (r *Revoker) tilde(path string) string {
	if rel, err := filepath.Rel(r.o.Home, path); r.o.Home != "" && err == nil && filepath.IsLocal(rel) {
		return "~/" + filepath.ToSlash(rel)
	}
	return path
}

// resolve turns a path as shown into one of this machine. ok is false for what is no path of it.
func (r *Revoker) resolve(shown string) (string, bool) {
	if rest, ok := strings.CutPrefix(shown, "~/"); ok {
		if r.o.Home == "" {
			return "", false
		}
		return filepath.Join(r.o.Home, filepath.FromSlash(rest)), true
	}
	if p := r.o.disk.here(shown); p != "" {
		if _, err := os.Lstat(p); err == nil {
			return p, true
		}
	}
	if !filepath.IsAbs(shown) {
		return "", false
	}
	return filepath.Clean(shown), true
}

// within returns the folders in which files may be changed: the configured ones and the projects of the snapshot.
func (r *Revoker) within(snap *inventory.Snapshot) []string {
	dirs := r.roots
	if snap == nil {
		return dirs
	}
	for _, a := range snap.Records().Assistants {
		if p, ok := r.resolve(a.Path); ok && a.Scope != "user" && filepath.Dir(p) != p {
			dirs = append(dirs[:len(dirs):len(dirs)], p)
		}
	}
	return dirs
}

// onDisk is a file that a plan looks at.
type onDisk struct {
	shown string
	root  string // the folder that it lies in
	*held
}

// open reads a file of the snapshot.
func (r *Revoker) open(shown string, dirs []string) (*onDisk, error) {
	path, ok := r.resolve(shown)
	if !ok {
		return nil, errNoFile
	}
	h, err := hold(path, newRoots(dirs...), r.o.MaxBytes)
	if err != nil {
		return nil, err
	}
	p := &onDisk{shown: shown, held: h}
	for _, d := range newRoots(dirs...) {
		if below(d, h.path) && len(d) > len(p.root) {
			p.root = d
		}
	}
	return p, nil
}

// formats returns the formats that a file may be of, the likeliest first: what the catalogue says of its place, what its
// name says, then all.
func (r *Revoker) formats(path string) []doc.Format {
	var fs []doc.Format
	try := func(f doc.Format) {
		for _, have := range fs {
			if have == f {
				return
			}
		}
		fs = append(fs, f)
	}
	base := path
	for _, suffix := range []string{".orig", ".bak", ".bad", ".old"} {
		base = strings.TrimSuffix(base, suffix)
	}
	if c := r.o.Catalogue; c != nil {
		for i := range c.Assistants {
			for j := range c.Assistants[i].Files {
				if f := &c.Assistants[i].Files[j]; matchesPlace(f.AllPaths(), base) {
					try(doc.Format(f.Format))
				}
			}
		}
		for i := range c.CredentialFiles {
			if f := &c.CredentialFiles[i]; matchesPlace(f.AllPaths(), base) || matchesPlace(f.Repo, base) {
				try(doc.Format(f.Format))
			}
		}
	}
	if f, ok := extensions[strings.ToLower(filepath.Ext(base))]; ok {
		try(f)
	}
	for _, f := range []doc.Format{doc.JSON, doc.TOML, doc.YAML, doc.Netrc, doc.NPMRC, doc.INI, doc.Dotenv, doc.Properties, doc.Lines, doc.Text} {
		try(f)
	}
	return fs
}

var extensions = map[string]doc.Format{
	".json": doc.JSON, ".jsonc": doc.JSONC, ".toml": doc.TOML, ".yaml": doc.YAML, ".yml": doc.YAML, ".env": doc.Dotenv, ".ini": doc.INI,
	".properties": doc.Properties, ".tfrc": doc.JSON,
}

// matchesPlace reports whether a path ends as one of the catalogue's places does.
func matchesPlace(places []string, path string) bool {
	parts := strings.Split(filepath.ToSlash(path), "/")
	for _, p := range places {
		want := strings.Split(strings.TrimPrefix(strings.TrimPrefix(p, "~/"), "/"), "/")
		if len(want) > len(parts) {
			continue
		}
		match := true
		for i, w := range want {
			ok, err := filepath.Match(w, parts[len(parts)-len(want)+i])
			match = match && ok && err == nil
		}
		if match {
			return true
		}
	}
	return false
}

// read parses a file so that a value stands at the pointer, on the line where one is known. It returns nil when no format
// gives that.
func (r *Revoker) read(p *onDisk, pointer string, line int) (*doc.Doc, *doc.Node) {
	var second *doc.Doc
	for _, f := range r.formats(p.path) {
		if (pointer == "") != (f == doc.Text) {
			continue
		}
		d, err := doc.ParseLimits(f, p.data, docLimits)
		if err != nil {
			continue
		}
		n := d.At(pointer)
		switch {
		case n == nil:
		case line == 0 || n.Line == line || n.KeyLine == line || f == doc.Text:
			return d, n
		case second == nil:
			second = d
		}
	}
	if second == nil {
		return nil, nil
	}
	return second, second.At(pointer)
}
