package doc

import (
	"fmt"
	"strings"
	"testing"
)

// dump writes every node as "pointer=text@line" for comparison.
func dump(d *Doc) string {
	var b strings.Builder
	d.Root.Walk(func(n *Node) bool {
		if n.Kind == Object || n.Kind == Array {
			if len(n.Children) == 0 {
				fmt.Fprintf(&b, "%s=%s@%d\n", n.Pointer, n.Compact(), n.Line)
			}
			return true
		}
		fmt.Fprintf(&b, "%s=%s@%d\n", n.Pointer, n.Compact(), n.Line)
		return true
	})
	return b.String()
}

var parseCases = []struct {
	name, in, want string
	format         Format
}{
	{"json", "{\"a\": {\"b/c\": [1, \"x\\u00e9\\n\", true, null]},\n\"~\": -1.5e3}", "/a/b~1c/0=1@1\n/a/b~1c/1=\"xé\\n\"@1\n/a/b~1c/2=true@1\n/a/b~1c/3=null@1\n/~0=-1.5e3@2\n", JSON},
	{"jsonc", "\xef\xbb\xbf// c\r\n{ /* x */ \"a\": [1,], // y\r\n \"b\": {},\r\n}\r\n", "/a/0=1@2\n/b={}@3\n", JSONC},
	{"duplicates", `{"a":1,"a":2}`, "/a=1@1\n/a=2@1\n", JSON},
	{"empty json", " // nothing\n", "=null@1\n", JSON},
	{"surrogates", `["\ud83d\ude00","\ud83d"]`, "/0=\"😀\"@1\n/1=\"\ufffd\"@1\n", JSON},
	{"toml", "a = 'x'\n[t]\nb.c = [1, # one\n  {d = \"e\"}, ]\n[[t.s]]\nx = 1\n[t.s.sub]\ny=2\n[[t.s]]\nx = 3\n[\"q.r\"]\nm = '''\nmany\nlines'''\n",
		"/a=\"x\"@1\n/t/b/c/0=1@3\n/t/b/c/1/d=\"e\"@4\n/t/s/0/x=1@6\n/t/s/0/sub/y=2@8\n/t/s/1/x=3@10\n/q.r/m=\"many\\nlines\"@12\n", TOML},
	{"yaml", "a:\n  b: 1\n  c: [x, {y: z}]\nd: |\n  one\n  two\ne: 'it''s'\nf:\n- g: h\n  i: True\n- j\n", "/a/b=1@2\n/a/c/0=\"x\"@3\n/a/c/1/y=\"z\"@3\n/d=\"one\\ntwo\\n\"@4\n/e=\"it's\"@7\n/f/0/g=\"h\"@9\n/f/0/i=true@10\n/f/1=\"j\"@11\n", YAML},
	{"yaml documents", "a: 1\n---\nb: 2\n", "/a=1@1\n/~doc1/b=2@3\n", YAML},
	{"yaml aliases", "a: &x {k: v}\nb: *x\nc:\n  <<: *x\n  n: 1\n", "/a/k=\"v\"@1\n/b/k=\"v\"@2\n/c/<</k=\"v\"@4\n/c/n=1@5\n", YAML},
	{"ini", "top = 1\n[default]\nk = v ; c\n# x = y\n[profile dev]\na: b\nnested =\n  x = 1\n[default]\nl = \"q\"\n", "/top=\"1\"@1\n/default/k=\"v\"@3\n/default/l=\"q\"@10\n/profile dev/a=\"b\"@6\n/profile dev/nested=\"\\nx = 1\"@7\n", INI},
	{"git config", "[core]\n\tbare = false\n\teditor = vi\n", "/core/bare=\"false\"@2\n/core/editor=\"vi\"@3\n", INI},
	{"dotenv", "A=1\nexport B='two words' # c\nC=\"x\\ny\nz\"\nD=a#b # c\n\n# E=1\nF=\nnonsense\nG: h\n", "/A=\"1\"@1\n/B=\"two words\"@2\n/C=\"x\\ny\\nz\"@3\n/D=\"a#b\"@5\n/F=\"\"@8\n/G=\"h\"@10\n", Dotenv},
	{"netrc", "machine a.example\n  login me\n  password pw # x\nmacdef m\ncd /\n\nmachine b login you password \"p w\" default login anon\n", "/a.example/login=\"me\"@2\n/a.example/password=\"pw\"@3\n/b/login=\"you\"@7\n/b/password=\"p w\"@7\n/default/login=\"anon\"@7\n", Netrc},
	{"npmrc", "registry=https://npm.example.com/\n//npm.example.com/:_authToken=${T}\n; c\n", "/registry=\"https://npm.example.com/\"@1\n/~1~1npm.example.com~1:_authToken=\"${T}\"@2\n", NPMRC},
	{"properties", "a=b\nc : d\\\n   e\n! x\nf\\=g h\\u0041\n", "/a=\"b\"@1\n/c=\"de\"@2\n/f=g=\"hA\"@5\n", Properties},
	{"lines", "a\r\n\n# c\n  b  \n", "/0=\"a\"@1\n/1=\"b\"@4\n", Lines},
	{"text", "\n  abc \n", "=\"abc\"@2\n", Text},
}

func TestParse(t *testing.T) {
	for _, c := range parseCases {
		d, err := Parse(c.format, []byte(c.in))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := dump(d); got != c.want {
			t.Errorf("%s:\ngot\n%swant\n%s", c.name, got, c.want)
		}
		inRange(t, d)
	}
}

func inRange(t testing.TB, d *Doc) {
	t.Helper()
	d.Root.Walk(func(n *Node) bool {
		if n.Start < 0 || n.End < n.Start || n.End > len(d.Data) || n.Line < 1 || n.KeyLine < 1 {
			t.Fatalf("%s: %d:%d of %d, line %d, key line %d", n.Pointer, n.Start, n.End, len(d.Data), n.Line, n.KeyLine)
		}
		return true
	})
}

func TestParseBroken(t *testing.T) {
	deep := strings.Repeat("[", 100_000)
	for _, c := range []struct {
		name, in, want string
		format         Format
		line           int
	}{
		{"half-written", "{\"a\": 1,\n\"b\": {\"c\": \"x\", \"d\": \"cut of", "/a=1@1\n/b/c=\"x\"@2\n", JSON, 2},
		{"not closed", "{\"a\": [1,\n2", "/a/0=1@1\n/a/1=2@2\n", JSON, 1},
		{"garbage behind", "{\"a\": 1}\n<<<<<<< HEAD\n", "/a=1@1\n", JSON, 2},
		{"no comma", "{\"a\": 1\n\"b\": 2}", "/a=1@1\n", JSON, 2},
		{"toml goes on", "a = 1\nb = oops\nc = 2\n[t]\nd = 3\n", "/a=1@1\n/t/d=3@5\n", TOML, 2},
		{"yaml", "a: 1\nb:\n  - x\n c: 2\nd: 3\n", "/a=1@1\n/b/0=\"x\"@3\n", YAML, 0},
		{"utf-16", "\xff\xfe{\x00}\x00", "", JSON, 1},
		{"nul", "{\n\x00}", "", JSON, 2},
		{"deep json", deep, "?", JSON, 1},
		{"deep toml", "a=" + deep, "?", TOML, 1},
		{"deep yaml", deep, "?", YAML, 0},
		{"aliases of aliases", bomb(), "?", YAML, 0},
	} {
		d, err := Parse(c.format, []byte(c.in))
		if err == nil {
			t.Errorf("%s: no error", c.name)
			continue
		}
		if e := err.(*Error); c.line > 0 && e.Line != c.line {
			t.Errorf("%s: line %d, want %d (%v)", c.name, e.Line, c.line, err)
		}
		if d == nil {
			if c.want != "" && c.want != "?" {
				t.Errorf("%s: no document", c.name)
			}
			continue
		}
		if got := dump(d); c.want != "?" && got != c.want {
			t.Errorf("%s:\ngot\n%swant\n%s", c.name, got, c.want)
		}
		inRange(t, d)
	}
}

func bomb() string {
	s := "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
	for i := 1; i < 12; i++ {
		s += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i-1), 10), ","))
	}
	return s
}

func TestParseLimits(t *testing.T) {
	if _, err := ParseLimits(JSON, []byte("[1,2,3]"), Limits{MaxNodes: 2}); err == nil {
		t.Error("more nodes than allowed")
	}
	if _, err := ParseLimits(JSON, []byte("[1,2,3]"), Limits{MaxBytes: 6}); err == nil {
		t.Error("more bytes than allowed")
	}
	long := `{"` + strings.Repeat("k", 1<<20) + `":[` + strings.Repeat("1,", 1000) + `]}`
	if _, err := Parse(JSON, []byte(long)); err == nil {
		t.Error("pointers longer than allowed")
	}
	if _, err := Parse("nonsense", nil); err == nil {
		t.Error("a format that is not known")
	}
}

func TestErrorsQuoteNothing(t *testing.T) {
	planted := "zq" + "PLANTED" + "qz"
	for _, f := range formats {
		for _, in := range []string{`{"a": ` + planted + `}`, `{"a": "` + planted, "a = " + planted, "a: &" + planted + " [", "b: *" + planted, "%" + planted + "\n", "a: !<" + planted, "\t- " + planted + ": x: y"} {
			if _, err := Parse(f, []byte(in)); err != nil && strings.Contains(err.Error(), "PLANTED") {
				t.Errorf("%s: the error quotes the file: %v", f, err)
			}
		}
	}
}

var formats = []Format{JSON, JSONC, TOML, YAML, INI, Dotenv, Netrc, NPMRC, Properties, Lines, Text}

func FuzzParse(f *testing.F) {
	for _, c := range parseCases {
		f.Add(c.in)
	}
	f.Add("{\"a\": [1,\n2")
	f.Add("[a]\n[[a]]\nb.c.d={}\na.b=1")
	f.Add("a: &a [*a, {<<: *a}]\n---\n? b\n--- |\n x\n...")
	f.Fuzz(func(t *testing.T, in string) {
		for _, format := range formats {
			d, err := ParseLimits(format, []byte(in), Limits{MaxNodes: 5000})
			if err != nil {
				if _, ok := err.(*Error); !ok {
					t.Fatalf("%T", err)
				}
			}
			if d != nil {
				inRange(t, d)
				d.Root.Compact()
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	var j, y, to strings.Builder
	j.WriteString("{")
	for i := 0; j.Len() < 1<<20; i++ {
		if i > 0 {
			j.WriteString(",")
		}
		fmt.Fprintf(&j, "\n  \"server-%d\": {\"command\": \"npx\", \"args\": [\"-y\", \"pkg-%d\"], \"env\": {\"A\": \"b\\n\"}}", i, i)
		fmt.Fprintf(&y, "server-%d:\n  command: npx\n  args: [-y, \"pkg-%d\"]\n  env:\n    A: b\n", i, i)
		fmt.Fprintf(&to, "[server-%d]\ncommand = \"npx\"\nargs = [\"-y\", \"pkg-%d\"]\nenv.A = \"b\"\n", i, i)
	}
	j.WriteString("\n}\n")
	for _, c := range []struct {
		f  Format
		in string
	}{{JSON, j.String()}, {YAML, y.String()}, {TOML, to.String()}} {
		b.Run(string(c.f), func(b *testing.B) {
			b.SetBytes(int64(len(c.in)))
			b.ReportAllocs()
			for range b.N {
				if _, err := Parse(c.f, []byte(c.in)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestMatchBeginning(t *testing.T) {
	d, err := Parse(JSON, []byte(`{"token@a":1,"tokens":2,"token@b":{"x":3},"*":4,"token@*":5}`))
	if err != nil {
		t.Fatal(err)
	}
	for pattern, want := range map[string]string{
		"/token@*": "/token@a /token@b /token@*", "/token@*/x": "/token@b/x", "/token": "", "/*": "/token@a /tokens /token@b /* /token@*", "/none*": "",
	} {
		var got []string
		for _, n := range d.Match(pattern) {
			got = append(got, n.Pointer)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", pattern, got, want)
		}
	}
}
