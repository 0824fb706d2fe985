package local

import (
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/sources/internal/doc"
)

type expectedFact struct {
	File      string
	Pointer   *string
	Kind      string
	Last4     *string
	Owner     map[string]string
	Expires   *time.Time
	LongLived *bool `json:"long_lived"`
	Report    *bool
	Ref       string
	Form      string
	Encrypted *bool
	Cipher    string
	Format    string
	Note      string
}

func embedded(t testing.TB) *catalogue.Catalogue {
	t.Helper()
	c, err := catalogue.Load("")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// entryFor finds the row of the catalogue that a file of the tree falls under, by the same patterns as the scan.
func entryFor(c *catalogue.Catalogue, file string) *catalogue.CredentialFile {
	rel, isHome := strings.CutPrefix(file, "home/")
	for i := range c.CredentialFiles {
		e := &c.CredentialFiles[i]
		patterns, name := e.Repo, path.Base(file)
		if isHome {
			patterns, name = e.AllPaths(), "~/"+rel
		}
		for _, p := range patterns {
			if ok, _ := path.Match(p, name); ok {
				return e
			}
		}
	}
	return nil
}

// misprints are last four characters that expect.json states otherwise than the file it speaks of has them: the token's
// signature ends with base64url of "RE", not of "URE".
var misprints = map[string]string{"home/.kube/config": "VUkU"}

const inheritedTree = "testdata/corpus/inherited"

// TestInheritedTree reads every file of the tree and holds what comes out against expect.json, in both directions.
func TestInheritedTree(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(inheritedTree, "expect.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want struct{ Facts []expectedFact }
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	if len(want.Facts) < 40 {
		t.Fatalf("only %d facts", len(want.Facts))
	}
	c := embedded(t)
	read := map[string][]Found{}
	used := map[string]map[int]bool{}
	for _, w := range want.Facts {
		t.Run(w.File+" "+w.Kind, func(t *testing.T) {
			if read[w.File] == nil {
				read[w.File], used[w.File] = readTree(t, c, w.File), map[int]bool{}
			}
			i := w.find(read[w.File])
			if w.Report != nil && !*w.Report {
				if i >= 0 {
					t.Fatal("reported, but is no secret")
				}
				return
			}
			if i < 0 {
				t.Fatalf("not found at %v; there is: %s", w.pointer(), places(read[w.File]))
			}
			used[w.File][i] = true
			w.check(t, read[w.File][i])
		})
	}
	for file, fs := range read {
		for i, f := range fs {
			if !used[file][i] && f.Identity == nil && f.Ref == nil {
				t.Errorf("%s%s: %s is reported, but not expected", file, f.Secret.Locations[0].Pointer, f.Secret.Kind)
			}
		}
	}
}

func readTree(t *testing.T, c *catalogue.Catalogue, file string) []Found {
	t.Helper()
	e := entryFor(c, file)
	if e == nil {
		t.Fatalf("no entry of the catalogue is for %s", file)
	}
	data, err := os.ReadFile(filepath.Join(inheritedTree, filepath.FromSlash(file)))
	if err != nil {
		t.Fatal(err)
	}
	fs, err := ReadCredentialFile(e, path.Base(file), data)
	if err != nil {
		t.Fatal(err)
	}
	return fs
}

func places(fs []Found) string {
	var ps []string
	for _, f := range fs {
		ps = append(ps, f.Secret.Kind+f.Secret.Locations[0].Pointer)
	}
	return strings.Join(ps, ", ")
}

func (w expectedFact) pointer() string {
	if w.Pointer == nil {
		return ""
	}
	return *w.Pointer
}

// find matches the pointer in the several ways in which the expectation writes it.
func (w expectedFact) find(fs []Found) int {
	p := w.pointer()
	for i, f := range fs {
		l := f.Secret.Locations[0]
		plain := doc.Unescape(l.Pointer)
		switch {
		case l.Pointer == p, plain == p, plain == "/"+p, plain == p+"/password", plain == "/"+p+"/password", plain == doc.Unescape(p):
			return i
		case p == "line 1" && l.Line == 1, p == "line 2" && l.Line == 2:
			return i
		}
	}
	return -1
}

func (w expectedFact) check(t *testing.T, f Found) {
	t.Helper()
	s := f.Secret
	if s.Locations[0].Line < 1 {
		t.Error("no line")
	}
	switch w.Kind {
	case "identity-only":
		if f.Identity == nil || !f.Value.IsZero() {
			t.Fatalf("not told to be an account without a secret: %s", s.Kind)
		}
	case "reference", "exec-plugin", "credential-helper":
		if f.Ref == nil || !f.Value.IsZero() {
			t.Fatalf("not told to be a reference: %s", s.Kind)
		}
		if w.Ref != "" && f.Ref.Text != w.Ref {
			t.Errorf("reference %q", f.Ref.Text)
		}
	default:
		if s.Kind != w.Kind || f.Value.IsZero() {
			t.Fatalf("kind %q", s.Kind)
		}
	}
	w.checkOwner(t, f)
	if last, ok := misprints[w.File]; ok && w.Last4 != nil {
		w.Last4 = &last
	}
	if w.Last4 != nil {
		if !strings.HasSuffix(f.Value.Reveal(), *w.Last4) {
			t.Error("not the last four characters")
		}
		if h := f.Value.Hint(); h != "" && h != *w.Last4 {
			t.Errorf("hint %q", h)
		}
	} else if h := f.Value.Hint(); h != "" && strings.Contains(s.Kind, "key") && s.Locations[0].Form == "pem" {
		t.Errorf("hint %q of a key in PEM form", h)
	}
	if w.Expires != nil && !s.Expires.Equal(*w.Expires) {
		t.Errorf("expires %v, want %v", s.Expires, *w.Expires)
	}
	if w.LongLived != nil {
		if life := map[bool]inventory.Answer{true: inventory.Yes, false: inventory.No}[*w.LongLived]; s.LongLived != life {
			t.Errorf("long-lived %q, want %q", s.LongLived, life)
		}
	}
	if strings.HasPrefix(w.Form, "base64") && s.Locations[0].Form != "base64" {
		t.Errorf("form %q", s.Locations[0].Form)
	}
	if w.Encrypted != nil && (s.Storage == inventory.StorageEncrypted) != *w.Encrypted {
		t.Errorf("storage %q", s.Storage)
	}
	for _, part := range []string{w.Cipher, w.Format} {
		if !strings.Contains(s.Note, part) {
			t.Errorf("note %q lacks %q", s.Note, part)
		}
	}
}

// checkOwner looks for each fact about the owner in what is said of the account.
func (w expectedFact) checkOwner(t *testing.T, f Found) {
	t.Helper()
	said := f.Secret.Account + "\n" + f.Secret.KeyID + "\n" + f.Secret.Note
	if f.Identity != nil {
		id := *f.Identity
		said += strings.Join([]string{id.Account, id.Email, id.Role, id.Host, id.Project, id.Note}, "\n")
	}
	if f.Ref != nil {
		said += f.Ref.Text
	}
	for k, v := range w.Owner {
		if !strings.Contains(said, v) {
			t.Errorf("%s %q is not told; there is %q", k, v, said)
		}
	}
}
