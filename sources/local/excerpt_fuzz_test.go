package local

import (
	"bytes"
	"strings"
	"testing"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
)

// FuzzExcerpt shows every line of any file. Nothing may panic, no line may hold a control character, and the planted value must
// not come out, whatever stands around it.
func FuzzExcerpt(f *testing.F) {
	secret := fakeToken(434343)
	for _, seed := range []string{
		"{\n\"env\": {\n\"GITHUB_TOKEN\": \"SECRET\"\n}\n}\n", "a: SECRET\nb:\n  - SECRET\n", "[x]\ny = \"SECRET\"\n", "export A=SECRET\n\tB=SECRET\r\n",
		"https://u:SECRET@git.example\n", "-----BEGIN X\nSECRET\n-----END X\n", "\x1b[2JSECRET\xff\x00", strings.Repeat("x", 3000) + " SECRET", "",
	} {
		for which := range uint8(4) {
			f.Add([]byte(seed), which, "/env/GITHUB_TOKEN")
		}
	}
	paths := []string{"/home/a/.claude.json", "/home/a/.codex/config.toml", "/home/a/.vault-token", "/home/a/src/.env"}
	r := NewRevoker(RevokerOptions{Catalogue: catalogue.Embedded()})
	f.Fuzz(func(t *testing.T, data []byte, which uint8, pointer string) {
		// A value with more letters at its ends is another text, and no known form.
		if len(data) > 64<<10 || glued.Match(data) {
			t.Skip()
		}
		data = bytes.ReplaceAll(data, []byte("SECRET"), []byte(secret))
		file := shownFile{r: r, path: paths[int(which)%len(paths)], data: data}
		file.parse()
		n := file.at(pointer, 1)
		file.hide(t.Context(), "~/x", nil)
		for line := range min(bytes.Count(data, []byte("\n"))+2, 64) {
			x := inventory.Excerpt{At: inventory.Evidence{Line: line}}
			if line == 0 {
				x.At.Pointer = pointer
				file.around(&x, n)
			} else {
				file.around(&x, nil)
			}
			for _, l := range x.Lines {
				if l != inventory.Clean(l) {
					t.Fatalf("a line is not clean: %q", l)
				}
				if strings.Contains(l, secret[4:16]) {
					t.Fatalf("the value is shown: %q", l)
				}
			}
		}
	})
}
