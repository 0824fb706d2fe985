// Command shot turns what a terminal shows, as `tmux capture-pane -e -p` prints it, into an SVG picture.
//
//	tmux capture-pane -e -p -t nhitop | go run ./.ci/shot > overview.svg
//
// It understands the 16 colours, bold, faint, underline and reverse, which is all that the dashboard uses.
package main

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/mattn/go-runewidth"
)

const (
	cellW, cellH = 8.4, 18.0
	margin, bar  = 16.0, 30.0
	ink, paper   = "#d6deeb", "#10141c"
)

var palette = [16]string{"#3b4252", "#ef5350", "#22da6e", "#c5e478", "#82aaff", "#c792ea", "#21c7a8", "#d6deeb",
	"#637777", "#ff6b6b", "#5af78e", "#ffd866", "#82aaff", "#d58fff", "#7fdbca", "#ffffff"}

type pen struct {
	fg                             string
	bold, faint, underline, revers bool
}

func main() {
	text, err := io.ReadAll(os.Stdin)
	var lines []string
	width := 0
	if err == nil {
		lines, width, err = read(strings.NewReader(steady(string(text), began())))
	}
	if err == nil {
		err = draw(os.Stdout, lines, width)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "shot:", err)
		os.Exit(1)
	}
}

// began is when the program on the picture was started: $SHOT_FROM, in seconds since 1970, else now.
func began() time.Time {
	if n, err := strconv.ParseInt(os.Getenv("SHOT_FROM"), 10, 64); err == nil {
		return time.Unix(n, 0)
	}
	return time.Now()
}

func read(r io.Reader) (lines []string, width int, err error) {
	s := bufio.NewScanner(r)
	for s.Scan() {
		lines = append(lines, s.Text())
		n := 0
		walk(s.Text(), pen{}, func(text string, _ pen) { n += runewidth.StringWidth(text) })
		width = max(width, n)
	}
	return lines, width, s.Err()
}

// walk calls f for each stretch of text of one look, beginning with the look p, and returns the look at the end: it goes
// on in the next line.
func walk(line string, p pen, f func(string, pen)) pen {
	for line != "" {
		i := strings.Index(line, "\x1b[")
		if i < 0 {
			f(line, p)
			return p
		}
		if i > 0 {
			f(line[:i], p)
		}
		end := strings.IndexByte(line[i:], 'm')
		if end < 0 {
			return p
		}
		p = p.apply(line[i+2 : i+end])
		line = line[i+end+1:]
	}
	return p
}

func (p pen) apply(codes string) pen {
	for _, c := range strings.Split(codes, ";") {
		n, _ := strconv.Atoi(c)
		switch {
		case n == 0:
			p = pen{}
		case n == 1:
			p.bold = true
		case n == 2:
			p.faint = true
		case n == 4:
			p.underline = true
		case n == 7:
			p.revers = true
		case n >= 30 && n <= 37:
			p.fg = palette[n-30]
		case n >= 90 && n <= 97:
			p.fg = palette[n-82]
		case n == 39:
			p.fg = ""
		}
	}
	return p
}

func draw(w io.Writer, lines []string, width int) error {
	wide, high := 2*margin+float64(width)*cellW, margin+bar+float64(len(lines))*cellH
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %.0f %.0f" font-family="'JetBrains Mono','DejaVu Sans Mono',Menlo,Consolas,monospace" font-size="14">`+"\n", wide, high, wide, high)
	fmt.Fprintf(b, `<rect width="100%%" height="100%%" rx="10" fill="%s"/>`+"\n", paper)
	for i, c := range []string{"#ff5f57", "#febc2e", "#28c840"} {
		fmt.Fprintf(b, `<circle cx="%.0f" cy="15" r="5.5" fill="%s"/>`+"\n", margin+6+float64(i)*18, c)
	}
	var look pen
	for row, l := range lines {
		col, y := 0, bar+float64(row)*cellH
		look = walk(l, look, func(text string, p pen) {
			n := runewidth.StringWidth(text)
			stretch(b, text, p, margin+float64(col)*cellW, y, float64(n)*cellW)
			col += n
		})
	}
	fmt.Fprintln(b, "</svg>")
	return b.Flush()
}

func stretch(w io.Writer, text string, p pen, x, y, long float64) {
	fg, bg := p.fg, ""
	if fg == "" {
		fg = ink
	}
	if p.revers {
		fg, bg = paper, fg
	}
	if bg != "" {
		fmt.Fprintf(w, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`+"\n", x, y, long, cellH, bg)
	}
	if strings.TrimSpace(text) == "" {
		return
	}
	if bg == "" && !p.underline { // blanks at the end are no part of the picture
		shown := strings.TrimRight(text, " ")
		long -= float64(len(text)-len(shown)) * cellW
		text = shown
	}
	style := ""
	if p.bold {
		style += ` font-weight="bold"`
	}
	if p.faint {
		style += ` opacity="0.6"`
	}
	if p.underline {
		style += ` text-decoration="underline"`
	}
	fmt.Fprintf(w, `<text x="%.1f" y="%.1f" fill="%s" textLength="%.1f" xml:space="preserve"%s>%s</text>`+"\n", x, y+13.5, fg, long, style, html.EscapeString(text))
}
