package doc

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestDiff(t *testing.T) {
	old := "a\nb\nc\nd\ntoken = fa4e1234\ne\nf\ng\nh\ni\nj\nk\nl\nm\nn"
	next := "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\nM\nn"
	got := Diff([]byte(old), []byte(next), "~/x", func(s string) string { return strings.ReplaceAll(s, "fa4e1234", "****") })
	want := "--- ~/x\n+++ ~/x\n@@ -2,7 +2,6 @@\n b\n c\n d\n-token = ****\n e\n f\n g\n@@ -11,5 +10,5 @@\n j\n k\n l\n-m\n+M\n n\n\\ No newline at end of file\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if d := Diff([]byte(old), []byte(old), "x", nil); d != "" {
		t.Errorf("a diff of nothing: %q", d)
	}
}

// TestDiffApplies carries random diffs out and compares the result.
func TestDiffApplies(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		text := func() string {
			var b strings.Builder
			for range r.IntN(40) {
				fmt.Fprintf(&b, "l%d\n", r.IntN(8))
			}
			return b.String()
		}
		a, b := text(), text()
		if got := applyDiff(t, a, Diff([]byte(a), []byte(b), "x", nil)); got != b {
			t.Fatalf("%q to %q gave %q", a, b, got)
		}
	}
}

func applyDiff(t *testing.T, a, diff string) string {
	if diff == "" {
		return a
	}
	lines := splitLines(a)
	var out []string
	at := 0
	for _, l := range splitLines(diff)[2:] {
		switch l[0] {
		case '@':
			var from, count, x, y int
			if _, err := fmt.Sscanf(l, "@@ -%d,%d +%d,%d @@", &from, &count, &x, &y); err != nil {
				t.Fatal(err)
			}
			if count > 0 {
				from--
			}
			out = append(out, lines[at:from]...)
			at = from
		case ' ', '-':
			if lines[at] != l[1:] {
				t.Fatalf("context %q, have %q", l, lines[at])
			}
			if l[0] == ' ' {
				out = append(out, lines[at])
			}
			at++
		case '+':
			out = append(out, l[1:])
		}
	}
	return strings.Join(append(out, lines[at:]...), "")
}
