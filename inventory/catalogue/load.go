package catalogue

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	fast "github.com/pelletier/go-toml/v2"

	"nhitop/inventory/strict"
)

// Bounds of a user's folder. They are far above any real catalogue.
const (
	maxFileSize = 256 << 10
	maxFiles    = 1000
	maxErrors   = 20
)

// The files of a catalogue folder besides assistants/*.toml.
const (
	assistantsDir = "assistants"
	serversFile   = "servers.toml"
	filesFile     = "credential_files.toml"
	kindsFile     = "credential_kinds.toml"
)

// builder puts layers of entries together.
type builder struct {
	trusted bool // embedded: checked by a test, not at each start
	out     Catalogue
	errs    []error
}

type serversTable struct {
	Servers []Server `toml:"server"`
}

type filesTable struct {
	Files []CredentialFile `toml:"file"`
}

type kindsTable struct {
	Kinds []CredentialKind `toml:"kind"`
}

func (b *builder) fail(err error) {
	if len(b.errs) < maxErrors {
		b.errs = append(b.errs, err)
	} else if len(b.errs) == maxErrors {
		b.errs = append(b.errs, errTooMany)
	}
}

// finish orders, indexes and returns what the layers came to.
func (b *builder) finish() (*Catalogue, error) {
	if len(b.errs) > 0 {
		return &Catalogue{}, errors.Join(b.errs...)
	}
	slices.SortFunc(b.out.Assistants, func(x, y Assistant) int { return cmp.Compare(x.ID, y.ID) })
	slices.SortFunc(b.out.Servers, func(x, y Server) int { return cmp.Compare(x.ID, y.ID) })
	slices.SortFunc(b.out.CredentialFiles, func(x, y CredentialFile) int { return cmp.Compare(x.ID, y.ID) })
	slices.SortFunc(b.out.CredentialKinds, func(x, y CredentialKind) int { return cmp.Compare(x.Kind, y.Kind) })
	b.out.index()
	return &b.out, nil
}

// userLayer reads the user's own folder.
func (b *builder) userLayer(dir string) {
	st, err := os.Stat(dir)
	switch {
	case err != nil:
		b.fail(fmt.Errorf("%s: the catalogue folder cannot be read (%w); make it, or take the setting out", dir, plain(err)))
	case !st.IsDir():
		b.fail(fmt.Errorf("%s: not a folder; name one with assistants/ID.toml or servers.toml in it", dir))
	default:
		b.layer(os.DirFS(dir), ".", dir)
	}
}

// layer reads one folder. shown is what its files are called in errors: "" for their own path in the file system.
func (b *builder) layer(fsys fs.FS, root, shown string) {
	name := func(rel string) string {
		if shown == "" {
			return path.Join(root, rel)
		}
		return filepath.Join(shown, filepath.FromSlash(rel))
	}
	entries, err := fs.ReadDir(fsys, path.Join(root, assistantsDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		b.fail(fmt.Errorf("%s: cannot be listed (%w); make it readable", name(assistantsDir), plain(err)))
	}
	if len(entries) > maxFiles {
		b.fail(fmt.Errorf("%s: more than %d files; split the folder", name(assistantsDir), maxFiles))
		return
	}
	var layer Catalogue
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".toml") || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		rel := path.Join(assistantsDir, e.Name())
		var a Assistant
		if f := b.read(fsys, path.Join(root, rel), name(rel), &a); f != nil {
			f.assistant(&a, strings.TrimSuffix(e.Name(), ".toml"))
			a.expand()
			layer.Assistants = append(layer.Assistants, a)
		}
	}
	var servers serversTable
	if f := b.read(fsys, path.Join(root, serversFile), name(serversFile), &servers); f != nil {
		f.servers(servers.Servers)
	}
	var files filesTable
	if f := b.read(fsys, path.Join(root, filesFile), name(filesFile), &files); f != nil {
		f.credentialFiles(files.Files)
	}
	var kinds kindsTable
	if f := b.read(fsys, path.Join(root, kindsFile), name(kindsFile), &kinds); f != nil {
		f.credentialKinds(kinds.Kinds)
	}
	b.out.Assistants = override(b.out.Assistants, layer.Assistants, func(a *Assistant) string { return a.ID })
	b.out.Servers = override(b.out.Servers, servers.Servers, func(s *Server) string { return s.ID })
	b.out.CredentialFiles = override(b.out.CredentialFiles, files.Files, func(f *CredentialFile) string { return f.ID })
	b.out.CredentialKinds = override(b.out.CredentialKinds, kinds.Kinds, func(k *CredentialKind) string { return k.Kind })
}

// read decodes one file into v. It returns nil when the file is not there or so bad that its entries cannot be checked.
func (b *builder) read(fsys fs.FS, name, shown string, v any) *file {
	data, err := readFile(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		b.fail(fmt.Errorf("%s: %w; make it a readable TOML file", shown, plain(err)))
		return nil
	}
	f := &file{name: shown, builder: b}
	if b.trusted {
		// The faster decoder: each start pays for this. A test holds that both give the same.
		if err := fast.Unmarshal(data, v); err != nil {
			b.fail(fmt.Errorf("%s: %w", shown, err))
			return nil
		}
		f.off = true
		return f
	}
	bad := strict.Check(shown, data, reflect.TypeOf(v).Elem())
	for _, err := range bad {
		b.fail(err)
	}
	if _, err := toml.Decode(string(data), v); err != nil {
		if len(bad) == 0 {
			b.fail(fmt.Errorf("%s: %w; give each key the type that the documentation of this folder names", shown, err))
		}
		return nil
	}
	f.lines = strict.Positions(data)
	return f
}

// readFile reads a regular file of bounded size: a user's folder may hold a FIFO.
func readFile(fsys fs.FS, name string) ([]byte, error) {
	st, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	r, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, maxFileSize+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFileSize {
		return nil, fmt.Errorf("larger than %d KiB", maxFileSize>>10)
	}
	return data, nil
}

// override puts later entries in the place of earlier ones with the same id.
func override[T any](base, over []T, id func(*T) string) []T {
	at := make(map[string]int, len(base))
	for i := range base {
		at[id(&base[i])] = i
	}
	for i := range over {
		if j, ok := at[id(&over[i])]; ok {
			base[j] = over[i]
			continue
		}
		base = append(base, over[i])
	}
	return base
}

// plain takes the path out of a file system error: the message names it already.
func plain(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
