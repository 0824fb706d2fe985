package table

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"nhitop/inventory"
	"nhitop/ui/theme"
)

// odd are texts whose cells are not their bytes or their runes.
var odd = []string{
	"plain", "日本語の名前", "한국어 이름", "Zoe\u0308 Z\u0327", "👩\u200d👩\u200d👧 family", "🇩🇪🇫🇷 flags", "👍🏽 thumbs", "✔\ufe0f check", "❤ heart", "ไทยสวัสดี", "हिन्दी नाम", "שלום עולם", "مرحبا",
	"zero\u200bwidth", "soft\u00adhyphen", "half ｶﾅ full カナ", "①②③", "a\u0301\u0302\u0303\u0304b", "…", "", " ", "～tilde", "ﷺ", "\U0001f468\u200d\U0001f4bb dev", "ᄀ\u1161\u11a8", "𝔞𝔟𝔠", "\u2014dash\u2014",
}

// TestEveryTextTakesItsCells draws texts of every kind at every width: each line is as wide as it is said to be, each column
// begins where its title does, and the cursor's line fills the screen.
func TestEveryTextTakesItsCells(t *testing.T) {
	var d lines
	for i, s := range odd {
		s = inventory.Clean(s)
		d = append(d, []string{fmt.Sprint(i), s, "high", fmt.Sprint(i), s + "/" + s})
	}
	tb := New(cols, theme.New(theme.Mono))
	tb.Show(Prepare(d, cols, Sort{Column: -1}, nil), nil)
	for w := 12; w < 90; w++ {
		drawn := tb.Lines(w, len(d)+1)
		risk := strings.Index(drawn[0], "RISK")
		for i, l := range drawn {
			if n := ansi.StringWidth(l); n > w || i == tb.cursor+1 && n != w {
				t.Fatalf("width %d: line %d takes %d cells: %q", w, i, n, l)
			}
			if i > 0 && risk > 0 && !strings.HasPrefix(ansi.TruncateLeft(l, risk, ""), "high") {
				t.Fatalf("width %d: RISK is at %d, and not in %q", w, risk, l)
			}
		}
		tb.Move(1)
		if tb.cursor == tb.Len()-1 {
			tb.Home()
		}
	}
}

// TestOddTextsAreFound holds that a filter finds what is typed as it is shown.
func TestOddTextsAreFound(t *testing.T) {
	var d lines
	for i, s := range odd {
		d = append(d, []string{fmt.Sprint(i), inventory.Clean(s), "high", "", ""})
	}
	tb := New(cols, theme.New(theme.Mono))
	tb.Show(Prepare(d, cols, Sort{Column: 0}, nil), nil)
	for i, row := range d {
		if strings.TrimSpace(row[1]) == "" {
			continue
		}
		filterBy(tb, `"`+row[1]+`"`)
		found := false
		for pos := range tb.Len() {
			found = found || tb.index[pos] == int32(i)
		}
		if !found {
			t.Errorf("%q is not found", row[1])
		}
	}
}

func FuzzLines(f *testing.F) {
	for i, s := range odd {
		f.Add(s, s, uint8(20+i), uint8(i))
	}
	f.Fuzz(func(t *testing.T, a, b string, w, at uint8) {
		a, b = inventory.Clean(a), inventory.Clean(b)
		d := lines{{"1", a, b, a, b}, {"2", b, a, "7", a + b}, {"3", a + b, "", "", ""}}
		tb := New(cols, theme.New(theme.Mono))
		tb.Show(Prepare(d, cols, Sort{Column: int(at) % 4, Desc: at > 127}, nil), nil)
		tb.Move(int(at) % 3)
		tb.Toggle()
		for i, l := range tb.Lines(int(w), 4) {
			if n := ansi.StringWidth(l); n > max(int(w), lead+1) {
				t.Fatalf("width %d: line %d takes %d cells: %q", w, i, n, l)
			}
		}
	})
}
