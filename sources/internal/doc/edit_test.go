package doc

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRemove(t *testing.T) {
	for _, c := range []struct {
		name     string
		format   Format
		in       string
		pointers string // separated by " & "
		want     string
	}{
		{"json middle", JSON, "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": 3\n}\n", "/b", "{\n  \"a\": 1,\n  \"c\": 3\n}\n"},
		{"json last", JSON, "{\n  \"a\": 1,\n  \"b\": {\n    \"x\": 1\n  }\n}", "/b", "{\n  \"a\": 1\n}"},
		{"json only", JSON, "{\n  \"a\": {\n    \"x\": 1\n  }\n}\n", "/a/x", "{\n  \"a\": {}\n}\n"},
		{"json inline", JSON, `{"a": 1, "b": 2, "c": [1, 2, 3]}`, "/b", `{"a": 1, "c": [1, 2, 3]}`},
		{"json inline first", JSON, `{"a": 1, "b": 2}`, "/a", `{"b": 2}`},
		{"json inline last", JSON, `{ "a": 1, "b": 2 }`, "/b", `{ "a": 1 }`},
		{"json pair", JSON, "{\"args\": [\n  \"-y\",\n  \"pkg\",\n  \"--api-key\",\n  \"fa4e\"\n]}", "/args/2 & /args/3", "{\"args\": [\n  \"-y\",\n  \"pkg\"\n]}"},
		{"json pair inline", JSON, `["-y", "--api-key", "fa4e", "z"]`, "/2 & /1", `["-y", "z"]`},
		{"json duplicates", JSON, `{"a": 1, "b": 2, "a": 3}`, "/a", `{"b": 2}`},
		{"json above and below", JSON, `{"a": {"b": 1}, "c": 2}`, "/a & /a/b", `{"c": 2}`},
		{"jsonc comments", JSONC, "{\n  // keep\n  \"a\": 1, // of a\n  /* keep too */\n  \"b\": 2 // of b\n  // last\n}\n", "/a", "{\n  // keep\n  /* keep too */\n  \"b\": 2 // of b\n  // last\n}\n"},
		{"jsonc last with comments", JSONC, "{\n  // keep\n  \"a\": 1, // of a\n  \"b\": 2 // of b\n  // last\n}\n", "/b", "{\n  // keep\n  \"a\": 1 // of a\n  // last\n}\n"},
		{"jsonc trailing comma", JSONC, "\xef\xbb\xbf{\r\n\t\"a\": 1,\r\n\t\"b\": 2,\r\n}\r\n", "/b", "\xef\xbb\xbf{\r\n\t\"a\": 1,\r\n}\r\n"},
		{"json escaped pointer", JSON, "{\n  \"/home/x\": {\"~\": 1, \"y\": 2}\n}", "/~1home~1x/~0", "{\n  \"/home/x\": {\"y\": 2}\n}"},
		{"toml table", TOML, "a = 1\n\n# about b\n[b]\nx = 1 # gone\n# stays\n\n[b.env]\nK = \"v\"\n\n[c]\ny = 2\n", "/b", "a = 1\n\n# about b\n# stays\n\n[c]\ny = 2\n"},
		{"toml table last", TOML, "[a]\nx = 1\n\n[b]\ny = 2\n\n[b.env]\nK = 1\n", "/b", "[a]\nx = 1\n"},
		{"toml apart", TOML, "[b]\nx = 1\n\n[a]\nz = 1\n\n[b.c]\ny = 2\n", "/b", "[a]\nz = 1\n"},
		{"toml key", TOML, "[a.env]\nK = \"\"\"\nx\ny\"\"\" # c\nL = 1", "/a/env/K", "[a.env]\nL = 1"},
		{"toml last key", TOML, "[a.env]\nK = 1\nL = 1", "/a/env/L", "[a.env]\nK = 1"},
		{"toml dotted", TOML, "a.b.c = 1\na.d = 2\na.b.e = 3\n", "/a/b", "a.d = 2\n"},
		{"toml inline", TOML, "env = { A = \"x\", B = \"y\" } # c\n", "/env/B", "env = { A = \"x\" } # c\n"},
		{"toml array", TOML, "args = [\n  \"a\", # of a\n  \"b\",\n]\n", "/args/0", "args = [\n  \"b\",\n]\n"},
		{"toml tables", TOML, "[[s]]\nn = 1\n[s.env]\nA = 1\n\n[[s]]\nn = 2\n", "/s/0", "[[s]]\nn = 2\n"},
		{"toml only table of a list", TOML, "x = 1\n\n[[s]]\nn = 1\n", "/s/0", "x = 1\n"},
		{"yaml member", YAML, "a: 1\nb: # of b\n  c: 2\n  # in b\n\n# keep\nd: 3\n", "/b", "a: 1\n  # in b\n\n# keep\nd: 3\n"},
		{"yaml last", YAML, "a: 1\nb:\n  c: 2", "/b", "a: 1"},
		{"yaml only", YAML, "s:\n  env: # e\n    K: v\n  x: 1\n", "/s/env/K", "s:\n  env: {} # e\n  x: 1\n"},
		{"yaml first of a dash", YAML, "s:\n  - name: x\n    env: {A: b, C: d}\n  - name: y\n", "/s/0/name", "s:\n  - env: {A: b, C: d}\n  - name: y\n"},
		{"yaml element", YAML, "s:\n- a: 1\n  b: |\n    t\n\n    u\n- c\n", "/s/0", "s:\n- c\n"},
		{"yaml last element", YAML, "s:\n  - a\n  - b # c\n", "/s/1", "s:\n  - a\n"},
		{"yaml only element", YAML, "s:\n  - a\nt: 1\n", "/s/0", "s: []\nt: 1\n"},
		{"yaml flow", YAML, "s: [a, \"b\", 'c']\n", "/s/1", "s: [a, 'c']\n"},
		{"yaml folded", YAML, "k: one\n  two\nl: >-\n  x\nm: 1\r\n", "/l", "k: one\n  two\nm: 1\r\n"},
		{"yaml second document", YAML, "a: 1\n---\nb: 2\nc: 3\n", "/~doc1/b", "a: 1\n---\nc: 3\n"},
		{"ini key", INI, "[a]\nk = v ; c\n# keep\nl = w\n[b]\nk = v\n", "/a/k", "[a]\n# keep\nl = w\n[b]\nk = v\n"},
		{"ini section", INI, "[a]\nk = v\n\n[profile b]\nk = v\ns3 =\n  x = 1\n\n[c]\n", "/profile b", "[a]\nk = v\n\n[c]\n"},
		{"dotenv", Dotenv, "# c\nA=1\nexport B=\"x\ny\" # c\nC=2\n", "/B", "# c\nA=1\nC=2\n"},
		{"dotenv twice", Dotenv, "A=1\nB=2\nA=3", "/A", "B=2"},
		{"netrc", Netrc, "machine a\n  login x\n  password y\n\nmachine b login x password y\n", "/a", "\nmachine b login x password y\n"},
		{"netrc in a line", Netrc, "machine a login x password y machine b login z\n", "/a", "machine b login z\n"},
		{"netrc password", Netrc, "machine a\n\tlogin x\n\tpassword y\n", "/a/password", "machine a\n\tlogin x\n"},
		{"npmrc", NPMRC, "registry=https://npm.example.com/\r\n//npm.example.com/:_authToken=npm_fa4e\r\n", "/~1~1npm.example.com~1:_authToken", "registry=https://npm.example.com/\r\n"},
		{"properties", Properties, "a=b\nc=d\\\n  e\nf=g\n", "/c", "a=b\nf=g\n"},
		{"lines", Lines, "# c\na\nb\n", "/0", "# c\nb\n"},
	} {
		d, err := Parse(c.format, []byte(c.in))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		got, err := d.Remove(strings.Split(c.pointers, " & ")...)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if string(got) != c.want {
			t.Errorf("%s:\ngot\n%q\nwant\n%q", c.name, got, c.want)
		}
		if !bytes.Equal(d.Data, []byte(c.in)) {
			t.Errorf("%s: the document itself was changed", c.name)
		}
	}
}

func TestRemoveRefuses(t *testing.T) {
	for _, c := range []struct {
		name    string
		format  Format
		in      string
		pointer string
		want    error
	}{
		{"not there", JSON, `{"a": 1}`, "/b", ErrNotThere},
		{"the root", JSON, `{"a": 1}`, "", ErrNoEdit},
		{"whole file", Text, "abc", "", ErrNoEdit},
		{"broken", JSON, `{"a": 1, "b": `, "/a", ErrNoEdit},
		{"anchor in use", YAML, "a: &x {k: v}\nb: *x\n", "/a", ErrNoEdit},
		{"behind an alias", YAML, "a: &x {k: v}\nb: *x\n", "/b/k", ErrNoEdit},
		{"seen through an alias", YAML, "a: &x {k: v, l: w}\nb: *x\n", "/a/k", ErrNoEdit},
		{"second document", YAML, "a: 1\n---\nb: 1\n", "/~doc1", ErrNoEdit},
	} {
		d, _ := Parse(c.format, []byte(c.in))
		if got, err := d.Remove(c.pointer); !errors.Is(err, c.want) || got != nil {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
	}
}

func TestSet(t *testing.T) {
	for _, c := range []struct {
		name    string
		format  Format
		in      string
		pointer string
		kind    Kind
		text    string
		want    string
	}{
		{"json string", JSON, "{\"mode\": \"bypass\", // c\n \"b\": 1}", "/mode", String, "de\"fault", "{\"mode\": \"de\\\"fault\", // c\n \"b\": 1}"},
		{"json bool", JSON, `{"yolo": true}`, "/yolo", Bool, "false", `{"yolo": false}`},
		{"json add", JSON, "{\n\t\"s\": {\n\t\t\"command\": \"x\" // c\n\t}\n}\n", "/s/disabled", Bool, "true", "{\n\t\"s\": {\n\t\t\"command\": \"x\", // c\n\t\t\"disabled\": true\n\t}\n}\n"},
		{"json add inline", JSON, `{"s": {"command": "x"}}`, "/s/disabled", Bool, "true", `{"s": {"command": "x", "disabled": true}}`},
		{"json add to empty", JSON, "{\n  \"s\": {}\n}", "/s/disabled", Bool, "true", "{\n  \"s\": {\n    \"disabled\": true\n  }\n}"},
		{"json add behind a trailing comma", JSONC, "{\n  \"a\": 1,\n}\n", "/b", Number, "2", "{\n  \"a\": 1,\n  \"b\": 2,\n}\n"},
		{"toml literal", TOML, "mode = 'never' # c\n", "/mode", String, "on-request", "mode = 'on-request' # c\n"},
		{"toml add", TOML, "x = 1\n[s]\ncommand = \"x\" # c\n\n[s.env]\nA = 1\n", "/s/enabled", Bool, "false", "x = 1\n[s]\ncommand = \"x\" # c\nenabled = false\n\n[s.env]\nA = 1\n"},
		{"toml add to root", TOML, "[s]\nx = 1\n", "/mode", String, "ask", "mode = \"ask\"\n[s]\nx = 1\n"},
		{"toml add inline", TOML, "s = {x = 1}\n", "/s/y", Number, "2", "s = {x = 1, y = 2}\n"},
		{"yaml plain", YAML, "GOOSE_MODE: auto # c\nx: 1\n", "/GOOSE_MODE", String, "approve", "GOOSE_MODE: approve # c\nx: 1\n"},
		{"yaml word that is a bool", YAML, "m: auto\n", "/m", String, "yes", "m: \"yes\"\n"},
		{"yaml bool", YAML, "s:\n  enabled: true\n", "/s/enabled", Bool, "false", "s:\n  enabled: false\n"},
		{"yaml null", YAML, "m:\nn: 1\n", "/m", String, "ask", "m: ask\nn: 1\n"},
		{"yaml add", YAML, "s:\n  a:\n    cmd: x\n\n  b: 1\n", "/s/a/enabled", Bool, "false", "s:\n  a:\n    cmd: x\n    enabled: false\n\n  b: 1\n"},
		{"yaml flow", YAML, "s: {a: b}\n", "/s/enabled", Bool, "false", "s: {a: b, enabled: false}\n"},
		{"dotenv", Dotenv, "export A='x' # c\nB=1", "/A", String, "y z", "export A='y z' # c\nB=1"},
		{"dotenv add", Dotenv, "A=1", "/B", String, "2", "A=1\nB=2"},
		{"ini", INI, "[a]\r\nk = v ; c\r\n", "/a/k", String, "w", "[a]\r\nk = w ; c\r\n"},
		{"ini add", INI, "[a]\nk = v\n[b]\n", "/a/l", String, "w", "[a]\nk = v\nl = w\n[b]\n"},
		{"lines", Lines, "https://a:b@h\nx\n", "/0", String, "https://a:c@h", "https://a:c@h\nx\n"},
	} {
		d, err := Parse(c.format, []byte(c.in))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		got, err := d.Set(c.pointer, c.kind, c.text)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if string(got) != c.want {
			t.Errorf("%s:\ngot\n%q\nwant\n%q", c.name, got, c.want)
		}
	}
	d, _ := Parse(INI, []byte("[a]\nk = v\n"))
	for _, bad := range []string{"x\ny = z", " lead", "a # b"} {
		if got, err := d.Set("/a/k", String, bad); err == nil {
			t.Errorf("a value that cannot be written: %q", got)
		}
	}
}

// TestRemoveEverything removes each value of each real file on its own. What is left must be the same but for that; what
// is refused must be rare.
func TestRemoveEverything(t *testing.T) {
	tried, refused := 0, 0
	err := filepath.WalkDir("testdata/real", func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		d, err := Parse(formatOf(path), data)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return nil
		}
		d.Root.Walk(func(n *Node) bool {
			if n == d.Root {
				return true
			}
			tried++
			out, err := d.Remove(n.Pointer)
			if err != nil {
				t.Logf("%s %s: %v", path, n.Pointer, err)
				refused++
				return true
			}
			checkRemoved(t, d, n.Pointer, out)
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if tried < 300 || refused > 0 {
		t.Errorf("%d of %d removals refused", refused, tried)
	}
}

func formatOf(path string) Format {
	base := filepath.Base(path)
	switch filepath.Ext(base) {
	case ".json":
		return JSON
	case ".jsonc":
		return JSONC
	case ".toml":
		return TOML
	case ".yaml", ".yml":
		return YAML
	case ".env":
		return Dotenv
	}
	return Format(strings.TrimPrefix(filepath.Ext(base), "."))
}

// checkRemoved checks an edit by other means than the edit itself does: what is left is made of bytes of the file in
// their order, and every line that is a comment is still there.
func checkRemoved(t testing.TB, d *Doc, pointer string, out []byte) {
	t.Helper()
	rest := d.Data
	for _, part := range bytes.FieldsFunc(out, func(r rune) bool { return strings.ContainsRune(" {}[]\r\n", r) }) {
		i := bytes.Index(rest, part)
		if i < 0 {
			t.Fatalf("%s: the edit made up bytes", pointer)
		}
		rest = rest[i+len(part):]
	}
	if len(out) > len(d.Data)+3 {
		t.Fatalf("%s: the file grew", pointer)
	}
	next, err := Parse(d.Format, out)
	if err != nil {
		t.Fatalf("%s: %v", pointer, err)
	}
	// A pointer into an array is there again when a later element moves up.
	if at := next.At(pointer); at != nil && at.keyStart >= 0 && !strings.ContainsAny(pointer, "0123456789") {
		t.Fatalf("%s: still there", pointer)
	}
	hash := func(data []byte) (n int) {
		for _, l := range bytes.Split(data, []byte("\n")) {
			if l = bytes.TrimSpace(l); bytes.HasPrefix(l, []byte("#")) || bytes.HasPrefix(l, []byte("//")) {
				n++
			}
		}
		return n
	}
	if d.Format != Text && d.Format != NPMRC && hash(out) < hash(d.Data) && !bytes.Contains(d.Data, []byte("\"\"\"")) && !bytes.Contains(d.Data, []byte("|")) {
		t.Fatalf("%s: a comment is lost", pointer)
	}
}

func FuzzRemove(f *testing.F) {
	for i, c := range parseCases {
		f.Add(c.in, i)
	}
	f.Fuzz(func(t *testing.T, in string, pick int) {
		for _, format := range formats {
			d, err := ParseLimits(format, []byte(in), Limits{MaxNodes: 300})
			if err != nil {
				continue
			}
			var ps []string
			d.Root.Walk(func(n *Node) bool { ps = append(ps, n.Pointer); return true })
			p := ps[int(uint(pick)%uint(len(ps)))]
			out, err := d.Remove(p)
			if err != nil {
				if out != nil {
					t.Fatal("bytes and an error")
				}
				continue
			}
			if _, err := Parse(format, out); err != nil {
				t.Fatalf("%s %s: %v", format, p, err)
			}
			if _, err := d.Set(p, String, "x y"); err != nil && !errors.Is(err, ErrNoEdit) {
				t.Fatal(err)
			}
		}
	})
}
