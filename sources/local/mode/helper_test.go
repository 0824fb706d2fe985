package mode

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/sources/internal/doc"
)

const shop = "/home/dev/src/shop"

// tree is a set of files under the roots that the catalogue's paths stand for: home/..., repo/..., etc/... (for /etc).
type tree map[string]string

// read loads a configuration tree as its program wrote it.
func read(t *testing.T, name string) tree {
	t.Helper()
	root := filepath.Join("..", "testdata", "corpus", name) // the trees are those of the source itself
	files := tree{}
	err := filepath.WalkDir(root, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(p)
		rel, _ := filepath.Rel(root, p)
		files[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// with adds files to a copy of a tree.
func (f tree) with(more tree) tree {
	out := tree{}
	for _, m := range []tree{f, more} {
		for k, v := range m {
			out[k] = v
		}
	}
	return out
}

func (f tree) only(prefixes ...string) tree {
	out := tree{}
	for k, v := range f {
		for _, p := range prefixes {
			if strings.HasPrefix(k, p) {
				out[k] = v
			}
		}
	}
	return out
}

// place is where a path of the catalogue stands in a tree, and how it is shown.
func place(scope, p string) (in, shown string) {
	switch {
	case strings.HasPrefix(p, "~/"):
		return "home/" + p[2:], p
	case strings.HasPrefix(p, "/"):
		return p[1:], p
	}
	return "repo/" + p, "~/src/shop/" + p
}

// input makes the layers of one product from a tree, by the rows of the embedded catalogue.
func input(t *testing.T, id string, files tree, project bool) Input {
	t.Helper()
	e := catalogue.Embedded().Assistant(id)
	if e == nil {
		t.Fatalf("the catalogue has no %s", id)
	}
	in := Input{Entry: e, Scope: "user", ProjectKey: func(n *doc.Node) *doc.Node { return n.Get(shop) }}
	if project {
		in.Scope, in.Project = "project", shop
	}
	names := make([]string, 0, len(files))
	for k := range files {
		names = append(names, k)
	}
	slices.Sort(names)
	for i := range e.Files {
		f := &e.Files[i]
		if !f.Opened() || !project && (f.Scope == "project" || f.Scope == "local") {
			continue
		}
		for _, p := range f.AllPaths() {
			pattern, shown := place(f.Scope, p)
			for _, name := range names {
				if ok, _ := filepath.Match(pattern, name); !ok {
					continue
				}
				d, err := doc.Parse(doc.Format(f.Format), []byte(files[name]))
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				path := strings.TrimSuffix(shown, strings.TrimPrefix(pattern, strings.SplitN(pattern, "/", 2)[0])) + strings.TrimPrefix(name, strings.SplitN(name, "/", 2)[0])
				in.Layers = append(in.Layers, Layer{File: f, Scope: f.Scope, Path: path, Doc: d})
			}
		}
	}
	return in
}

// resolve is Resolve, checked for what must always hold.
func resolve(t *testing.T, in Input) Result {
	t.Helper()
	r := Resolve(in)
	if r.Autonomy == "" || r.AutonomyReason == "" || r.Sandbox == "" || r.SandboxReason == "" {
		t.Errorf("something is not decided or has no reason: %+v", r)
	}
	if r.Headless != "" && r.HeadlessReason == "" {
		t.Error("headless without a reason")
	}
	for _, s := range r.Settings {
		if s.Name == "" || s.Kind == "" || s.Scope == "" || s.Scope != "default" && (s.Path == "" || s.Line == 0) {
			t.Errorf("setting without a place: %+v", s)
		}
		if !s.Effective && s.Why == "" {
			t.Errorf("not effective without a reason: %+v", s)
		}
	}
	return r
}

// setting finds a setting by file, name and value.
func setting(r Result, path, name, value string) *inventory.Setting {
	for i, s := range r.Settings {
		if s.Path == path && s.Name == name && s.Value == value {
			return &r.Settings[i]
		}
	}
	return nil
}

// server decides about the server of that name in a file.
func server(t *testing.T, in Input, r Result, path, name string) ServerState {
	t.Helper()
	for i, l := range in.Layers {
		if l.Path != path {
			continue
		}
		for _, row := range l.File.Servers {
			for _, box := range l.Doc.Match(row.Pointer) {
				for _, n := range box.Children {
					id := n.Key
					if id == "" && n.Get("name") != nil {
						id = n.Get("name").Text
					}
					scope := l.Scope
					if row.Scope != "" {
						scope = row.Scope
					}
					if id == name {
						return r.Server(i, name, n, scope)
					}
				}
			}
		}
	}
	t.Fatalf("no server %s in %s", name, path)
	return ServerState{}
}
