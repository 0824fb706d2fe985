package local_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/sources"
	"nhitop/sources/local"
)

// excerpts is what a person is shown of the whole tree: around every place of every record, and of every file every line.
func (tr *tree) excerpts() string {
	tr.t.Helper()
	snap := inventory.NewSnapshot(corpusNow, tr.got, false)
	show := tr.src.(sources.Excerpter)
	var b strings.Builder
	shown := 0
	look := func(at inventory.Evidence) {
		x, ok := show.Excerpt(tr.t.Context(), at, snap)
		if !ok {
			return
		}
		for _, l := range x.Lines {
			b.WriteString(l + "\n")
			shown++
		}
	}
	files := map[string]bool{}
	for _, id := range ids(snap) {
		for _, at := range snap.Places(id) {
			look(at)
			files[at.Path] = true
		}
	}
	for _, f := range inventory.SortedKeys(files) {
		path := strings.Replace(f, "~", filepath.Join(tr.dir, "home"), 1)
		data, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		for line := 4; line <= bytes.Count(data, []byte("\n"))+4; line += 7 {
			look(inventory.Evidence{Path: f, Line: line, Source: "local"})
		}
	}
	if shown == 0 {
		tr.t.Error("no line at all is shown")
	}
	return b.String()
}

func ids(s *inventory.Snapshot) []inventory.ID {
	var out []inventory.ID
	r := s.Records()
	for _, x := range r.Assistants {
		out = append(out, x.ID)
	}
	for _, x := range r.Secrets {
		out = append(out, x.ID)
	}
	for _, x := range r.Tools {
		out = append(out, x.ID)
	}
	for _, x := range r.Owners {
		out = append(out, x.ID)
	}
	for _, x := range r.Entitlements {
		out = append(out, x.ID)
	}
	return out
}

func fakeToken() string { return "gh" + "p_FAKE" + strings.Repeat("aB3dE", 6) + "9z" }

// excerptOf puts a file into a home and shows a place of it.
func excerptOf(t *testing.T, name, text string, at inventory.Evidence, secrets ...inventory.Secret) inventory.Excerpt {
	t.Helper()
	home := resolved(t)
	path := filepath.Join(home, name)
	check(t, os.MkdirAll(filepath.Dir(path), 0o700))
	if text != "" {
		check(t, os.WriteFile(path, []byte(text), 0o600))
	}
	o := local.Defaults()
	o.Root = resolved(t)
	src, err := local.New(o, sources.Env{Home: home, Explicit: true})
	check(t, err)
	at.Path = "~/" + name
	x, ok := src.(sources.Excerpter).Excerpt(t.Context(), at, inventory.NewSnapshot(time.Time{}, inventory.Records{Secrets: secrets}, false))
	if !ok {
		t.Fatal("the place is none of its own")
	}
	return x
}

func TestExcerptShowsTheLinesAroundAPlace(t *testing.T) {
	text := "{\n  \"a\": 1,\n  \"env\": {\n    \"GH_TOKEN\": \"" + fakeToken() + "\",\n    \"LANG\": \"C\"\n  },\n  \"mode\": \"auto\",\n  \"z\": 0\n}\n"
	x := excerptOf(t, ".claude.json", text, inventory.Evidence{Pointer: "/env/GH_TOKEN", Line: 4})
	want := "{|  \"a\": 1,|  \"env\": {|    \"GH_TOKEN\": \"[redacted]\",|    \"LANG\": \"C\"|  },|  \"mode\": \"auto\","
	if got := strings.Join(x.Lines, "|"); got != want || x.First != 1 || x.Line != 4 || x.State != inventory.LookedRead || x.Modified.IsZero() {
		t.Errorf("%+v", x)
	}
	// What has moved is found where it is now.
	x = excerptOf(t, ".claude.json", "{\n\n\n\n\n\n\n\n\"mode\": \"auto\"}\n", inventory.Evidence{Pointer: "/mode", Line: 2})
	if x.Line != 9 || x.First != 6 {
		t.Errorf("the place is said to be on line %d: %+v", x.Line, x)
	}
}

func TestExcerptSaysWhatIsGone(t *testing.T) {
	if x := excerptOf(t, ".claude.json", "{}\n", inventory.Evidence{Pointer: "/env/GH_TOKEN", Line: 4}); !x.Gone || len(x.Lines) > 0 {
		t.Errorf("a value that was taken out: %+v", x)
	}
	if x := excerptOf(t, "notes.txt", "one\n", inventory.Evidence{Line: 40}); !x.Gone {
		t.Errorf("a file that became shorter: %+v", x)
	}
	if x := excerptOf(t, ".claude.json", "", inventory.Evidence{Line: 4}); x.State != inventory.LookedAbsent {
		t.Errorf("a file that is not there: %+v", x)
	}
}

// Whatever a secret is called, and wherever in the file it stands, none of it is shown.
func TestExcerptMasksWhatNobodyDeclared(t *testing.T) {
	drawn := "q7Rw2Xp9Lk4Zt8Vb3Nm6"
	for name, text := range map[string]string{
		"a value of no name":      "note: see " + drawn + " for it\n",
		"an argument on its line": "[\n\"--key\",\n\"" + drawn + "\"\n]\n",
		"a half-written file":     "{\"OPENAI_API_KEY\": \"" + drawn + "\n",
		"base64":                  "auth " + "q7Rw2Xp9/Lk4Zt8Vb3+Nm6q7Rw2X==" + "\n",
		"lower case":              "x = 9f8e7d6c5b4a39281706f5e4d3c2b1a0\n",
		"a key":                   "-----BEGIN OPENSSH " + "PRIVATE KEY-----\nabcd\n-----END OPENSSH " + "PRIVATE KEY-----\nafter\n",
	} {
		for line := 1; line <= 4; line++ {
			got := strings.Join(excerptOf(t, "file.txt", text, inventory.Evidence{Line: line}).Lines, "\n")
			for _, part := range []string{drawn[:6], drawn[7:13], "Rw2Xp9", "Lk4Zt8", "7d6c5b", "abcd"} {
				if strings.Contains(got, part) {
					t.Errorf("%s: line %d shows %q:\n%s", name, line, part, got)
				}
			}
		}
	}
	x := excerptOf(t, ".vault-token", "hv"+"s.FAKE"+drawn, inventory.Evidence{Line: 1})
	if got := strings.Join(x.Lines, ""); got != "[redacted]" {
		t.Errorf("a file that is a secret shows %q", got)
	}
	x = excerptOf(t, "settings.json", "{\n\"endpoint\": \"https://mcp.example/tools\",\n\"model\": \"claude-sonnet-4-5-20250929\",\n\"path\": \"/home/alice/src/design-system/version2\"}\n", inventory.Evidence{Line: 2})
	if got := strings.Join(x.Lines, "\n"); strings.Contains(got, "redacted") {
		t.Errorf("what everybody may see is hidden:\n%s", got)
	}
}

// A place outside the folders that are scanned is not read, whoever names it.
func TestExcerptStaysInItsFolders(t *testing.T) {
	home, other := resolved(t), resolved(t)
	check(t, os.WriteFile(filepath.Join(other, "f"), []byte("outside\n"), 0o600))
	o := local.Defaults()
	o.Root = resolved(t)
	src, err := local.New(o, sources.Env{Home: home, Explicit: true})
	check(t, err)
	for _, at := range []inventory.Evidence{{Path: filepath.Join(other, "f"), Line: 1}, {Path: filepath.Join(other, "f"), Line: 1, Source: "local"}, {Path: "https://git.example/x", Line: 1}} {
		if x, ok := src.(sources.Excerpter).Excerpt(t.Context(), at, nil); ok && len(x.Lines) > 0 {
			t.Errorf("%+v shows %v", at, x.Lines)
		}
	}
}
