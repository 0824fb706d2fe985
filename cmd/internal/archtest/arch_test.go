package archtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"nhitop/sources/all"
)

const module = "nhitop"

// source is one Go file that is not a test.
type source struct {
	path   string // slashed, below the module's root
	dir    string
	lines  int
	file   *ast.File
	set    *token.FileSet
	isTest bool
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// files parses every Go file of the module.
func files(t *testing.T) []source {
	t.Helper()
	base := root(t)
	var out []source
	err := filepath.WalkDir(base, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if n := d.Name(); p != base && (strings.HasPrefix(n, ".") || n == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") {
			return nil
		}
		text, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, p, text, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(base, p)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		out = append(out, source{path: rel, dir: path.Dir(rel), lines: strings.Count(string(text), "\n"), file: f, set: set, isTest: strings.HasSuffix(p, "_test.go")})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 50 {
		t.Fatalf("only %d files: the walk is broken", len(out))
	}
	return out
}

func imports(s source) []string {
	var out []string
	for _, i := range s.file.Imports {
		p, err := strconv.Unquote(i.Path.Value)
		if err == nil {
			out = append(out, p)
		}
	}
	return out
}

func below(dir, room string) bool { return dir == room || strings.HasPrefix(dir, room+"/") }

// room of an import inside the module, "" for one from outside.
func inside(imp string) string { return strings.TrimPrefix(strings.TrimPrefix(imp, module), "/") }

func external(imp string) bool { return strings.Contains(strings.SplitN(imp, "/", 2)[0], ".") }

func own(imp string) bool { return imp == module || strings.HasPrefix(imp, module+"/") }

// charm are the modules of the screen.
func charm(imp string) bool { return strings.HasPrefix(imp, "github.com/charmbracelet/") }

// forbidden says why a package may not import another; "" if it may.
func forbidden(dir, imp string, test bool) string {
	to := ""
	if own(imp) {
		to = inside(imp)
	}
	switch {
	case charm(imp) && !below(dir, "ui"):
		return "Charm is imported in ui/ only"
	case imp == "github.com/spf13/cobra" && !below(dir, "cmd"):
		return "cobra is imported in cmd/ only"
	case dir == "inventory" && !test && (external(imp) || own(imp)):
		return "the nouns import the standard library only"
	case below(dir, "inventory") && (below(to, "sources") || below(to, "ui") || below(to, "cmd")):
		return "inventory knows no source, no screen and no command"
	case below(dir, "ui") && own(imp) && !below(to, "ui") && !below(to, "inventory"):
		return "ui imports inventory/... only"
	case below(dir, "sources") && (below(to, "ui") || below(to, "cmd")):
		return "sources know no screen and no command"
	case below(dir, "sources") && below(to, "inventory/posture"):
		return "sources know no service"
	case below(to, "sources/github/githubsim/contract") && !test && !below(dir, to):
		return "the contract is for tests only"
	case sibling(dir, to):
		return "a source knows no sibling"
	case below(dir, "sources/internal") && below(to, "sources") && !below(to, "sources/internal"):
		return "what sources share knows no source"
	}
	return ""
}

var shared = []string{"internal", "all", "sourcetest"}

// sibling reports whether one source imports another.
func sibling(from, to string) bool {
	a, b := sourceOf(from), sourceOf(to)
	return a != "" && b != "" && a != b
}

func sourceOf(dir string) string {
	parts := strings.Split(dir, "/")
	if len(parts) < 2 || parts[0] != "sources" || slices.Contains(shared, parts[1]) {
		return ""
	}
	return parts[1]
}

func TestArrowsPointDown(t *testing.T) {
	for _, s := range files(t) {
		for _, imp := range imports(s) {
			if why := forbidden(s.dir, imp, s.isTest); why != "" {
				t.Errorf("%s imports %s: %s", s.path, imp, why)
			}
		}
	}
}

// The rules themselves, so that none is true of everything.
func TestTheRulesCatch(t *testing.T) {
	for _, c := range []struct {
		dir, imp string
		bad      bool
	}{
		{"inventory", "fmt", false},
		{"inventory", "github.com/BurntSushi/toml", true},
		{"inventory", "nhitop/inventory/risk", true},
		{"inventory/risk", "nhitop/inventory", false},
		{"inventory/risk", "nhitop/sources/local", true},
		{"inventory/report", "nhitop/ui", true},
		{"inventory/report", "github.com/charmbracelet/lipgloss", true},
		{"ui", "github.com/charmbracelet/bubbletea", false},
		{"ui/table", "nhitop/inventory/posture", false},
		{"ui", "nhitop/sources", true},
		{"ui", "nhitop/cmd/internal/wire", true},
		{"sources/local", "nhitop/sources/internal/doc", false},
		{"sources/local", "nhitop/sources", false},
		{"sources/local", "nhitop/sources/local/mode", false},
		{"sources/local", "nhitop/sources/github", true},
		{"sources/local/mode", "nhitop/sources/github", true},
		{"sources/all", "nhitop/sources/local", false},
		{"sources/github", "nhitop/sources/github/githubsim/contract", true},
		{"sources/internal/doc", "nhitop/sources/local", true},
		{"sources/local", "nhitop/ui", true},
		{"sources/local", "nhitop/inventory/posture", true},
		{"cmd/internal/wire", "nhitop/ui", false},
		{"sources/local", "github.com/spf13/cobra", true},
		{"uix", "github.com/charmbracelet/bubbletea", true},
	} {
		if got := forbidden(c.dir, c.imp, false); (got != "") != c.bad {
			t.Errorf("%s -> %s: %q", c.dir, c.imp, got)
		}
	}
}

func TestEverySourceIsListed(t *testing.T) {
	listed := map[string]bool{}
	for _, f := range all.Factories() {
		if listed[f.Kind] {
			t.Errorf("%s is listed twice", f.Kind)
		}
		listed[f.Kind] = true
		if strings.TrimSpace(f.Sample) == "" || f.Options() == nil {
			t.Errorf("%s has no sample or no options", f.Kind)
		}
	}
	found := map[string]bool{}
	for _, s := range files(t) {
		if s.isTest || sourceOf(s.dir) == "" || strings.Count(s.dir, "/") != 1 || !defines(s.file) {
			continue
		}
		name := sourceOf(s.dir)
		found[name] = true
		if !listed[name] {
			t.Errorf("%s makes a source that sources/all does not list", s.path)
		}
		if _, err := os.Stat(filepath.Join(root(t), "sources", name, "sample.toml")); err != nil {
			t.Errorf("sources/%s has no sample.toml", name)
		}
	}
	for kind := range listed {
		if !found[kind] {
			t.Errorf("%s is listed, and sources/%s makes no source", kind, kind)
		}
	}
}

// defines reports whether a file calls sources.Define.
func defines(f *ast.File) bool { return calls(f, "sources", "Define") }

// calls reports whether a file names a function of a package.
func calls(f *ast.File, pkg, name string) bool {
	found := false
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == name {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == pkg {
				found = true
			}
		}
		return !found
	})
	return found
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	said := map[string]bool{}
	for _, s := range files(t) {
		if !s.isTest {
			said[s.dir] = said[s.dir] || s.file.Doc != nil && len(s.file.Doc.Text()) > 40
		}
	}
	for dir, ok := range said {
		if !ok {
			t.Errorf("%s: no package comment; say in doc.go what it is and is not", dir)
		}
	}
}

const (
	mostLines     = 350
	mostFuncLines = 60
)

// long are the files and functions that may be longer, each with the reason.
var long = map[string]string{
	"inventory/records.go": "the types of the JSON interface in one place, in the order of the document",
}

func TestFilesAndFunctionsStaySmall(t *testing.T) {
	used := map[string]bool{}
	for _, s := range files(t) {
		if s.isTest {
			continue
		}
		if s.lines > mostLines {
			if used[s.path] = long[s.path] != ""; !used[s.path] {
				t.Errorf("%s has %d lines, at most %d", s.path, s.lines, mostLines)
			}
		}
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			n := s.set.Position(f.End()).Line - s.set.Position(f.Pos()).Line
			key := s.path + ":" + f.Name.Name
			if n > mostFuncLines {
				if used[key] = long[key] != ""; !used[key] {
					t.Errorf("%s has %d lines, at most %d", key, n, mostFuncLines)
				}
			}
		}
	}
	for key := range long {
		if !used[key] {
			t.Errorf("%s need not be in the list any more", key)
		}
	}
}

// reveals are the packages that may take a secret's value in hand, each with the reason.
var reveals = map[string]string{
	"inventory":                 "declares it",
	"inventory/credential":      "tells a secret by its shape",
	"sources/exec":              "writes a secret of its table into the pipe that the plugin reads",
	"sources/gitea":             "knows its own token again by the end that the server lists",
	"sources/github":            "signs with an app's key",
	"sources/ldap":              "signs in to a directory",
	"sources/local":             "finds a copy again in the file that it is taken out of",
	"sources/managers":          "puts a new credential beside the other keys of a secret that its manager keeps as one text",
	"sources/internal/httpx":    "puts a credential into the one request that it is for",
	"sources/internal/handover": "hands a new credential to the place that the operator named",
}

func TestValuesAreRevealedInFewPlaces(t *testing.T) {
	used := map[string]bool{}
	for _, s := range files(t) {
		if s.isTest {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if x, ok := n.(*ast.SelectorExpr); ok && x.Sel.Name == "Reveal" {
				used[s.dir] = true
				if reveals[s.dir] == "" {
					t.Errorf("%s:%d reveals a secret's value", s.path, s.set.Position(x.Pos()).Line)
				}
			}
			return true
		})
	}
	for dir := range reveals {
		if dir != "inventory" && !used[dir] {
			t.Errorf("%s reveals nothing any more; take it out of the list", dir)
		}
	}
}

// registries are hosts that no file of the repository names: a test or a build that asked one would depend on it. They
// are put together here so that this file does not name them either.
var registries = []string{"registry." + "npmjs", "registry." + "yarnpkg", "proxy." + "golang.org", "sum." + "golang.org", "deb." + "debian.org", "security." + "debian.org"}

func TestNoRegistryIsNamed(t *testing.T) {
	base := root(t)
	err := filepath.WalkDir(base, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			// What is installed for the tests is no part of the repository.
			if err == nil && (d.Name() == ".git" || p == filepath.Join(base, ".ci", "verdaccio")) {
				return filepath.SkipDir
			}
			return err
		}
		if info, err := d.Info(); err != nil || !info.Mode().IsRegular() || info.Size() > 4<<20 {
			return nil
		}
		text, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		for _, host := range registries {
			if strings.Contains(string(text), host) {
				t.Errorf("%s names the registry %s", p, host)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestMainIsSmall(t *testing.T) {
	for _, s := range files(t) {
		if s.path == "cmd/nhitop/main.go" && s.lines > 40 {
			t.Errorf("%s has %d lines, at most 40", s.path, s.lines)
		}
	}
}

// Every source passes the suite that all of them must pass, in a test of its own package.
func TestEverySourceRunsTheSuite(t *testing.T) {
	runs := map[string]bool{}
	for _, s := range files(t) {
		if s.isTest && strings.Count(s.dir, "/") == 1 && sourceOf(s.dir) != "" && calls(s.file, "sourcetest", "Run") {
			runs[sourceOf(s.dir)] = true
		}
	}
	for _, f := range all.Factories() {
		if !runs[f.Kind] {
			t.Errorf("sources/%s has no test that calls sourcetest.Run", f.Kind)
		}
	}
}
