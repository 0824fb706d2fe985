package doc

import (
	"fmt"
	"strings"
)

const (
	diffContext = 3
	maxDiff     = 4 << 20 // cells of the table of common lines; above it the whole middle is shown as replaced
)

// Diff returns the change from old to new as a unified diff with three lines of context, "" if there is none. Each line
// goes through mask, without its line end, before it is written; lines that mask makes equal stay apart.
func Diff(old, new []byte, path string, mask func(string) string) string {
	if string(old) == string(new) {
		return ""
	}
	a, b := splitLines(string(old)), splitLines(string(new))
	ops := diffLines(a, b)
	var out strings.Builder
	fmt.Fprintf(&out, "--- %s\n+++ %s\n", path, path)
	for _, h := range hunks(ops) {
		writeHunk(&out, h, mask)
	}
	return out.String()
}

// splitLines keeps the line ends, so that a change of them is one.
func splitLines(s string) []string {
	lines := strings.SplitAfter(s, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

type diffOp struct {
	mark byte // ' ', '-', '+'
	text string
	a, b int // 0-based lines in old and new before this one
}

// diffLines compares what is left between the common lines at both ends by a table of longest common runs: edits are
// small.
func diffLines(a, b []string) []diffOp {
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	ma, mb := a[head:len(a)-tail], b[head:len(b)-tail]
	var marks []byte
	if len(ma)*len(mb) <= maxDiff {
		marks = commonRuns(ma, mb)
	} else {
		marks = []byte(strings.Repeat("-", len(ma)) + strings.Repeat("+", len(mb)))
	}
	marks = []byte(strings.Repeat(" ", head) + string(marks) + strings.Repeat(" ", tail))
	ops := make([]diffOp, 0, len(marks))
	i, j := 0, 0
	for _, m := range marks {
		op := diffOp{mark: m, a: i, b: j}
		if m == '+' {
			op.text = b[j]
		} else {
			op.text = a[i]
			i++
		}
		if m != '-' {
			j++
		}
		ops = append(ops, op)
	}
	return ops
}

// commonRuns returns one mark for each line of the comparison.
func commonRuns(a, b []string) []byte {
	width := len(b) + 1
	best := make([]int32, (len(a)+1)*width)
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				best[i*width+j] = best[(i+1)*width+j+1] + 1
			} else {
				best[i*width+j] = max(best[(i+1)*width+j], best[i*width+j+1])
			}
		}
	}
	var marks []byte
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			marks = append(marks, ' ')
			i, j = i+1, j+1
		case i < len(a) && (j == len(b) || best[(i+1)*width+j] >= best[i*width+j+1]):
			marks = append(marks, '-')
			i++
		default:
			marks = append(marks, '+')
			j++
		}
	}
	return marks
}

// hunks groups changes that are near each other, with their context.
func hunks(ops []diffOp) [][]diffOp {
	var hs [][]diffOp
	end := -1 // of the last hunk, in ops
	for i, op := range ops {
		if op.mark == ' ' {
			continue
		}
		from, to := max(0, i-diffContext), min(len(ops), i+1+diffContext)
		if from <= end {
			from = end
			hs[len(hs)-1] = append(hs[len(hs)-1], ops[from:max(from, to)]...)
		} else {
			hs = append(hs, append([]diffOp(nil), ops[from:to]...))
		}
		end = max(end, to)
	}
	return hs
}

func writeHunk(out *strings.Builder, h []diffOp, mask func(string) string) {
	a, b := 0, 0
	for _, op := range h {
		if op.mark != '+' {
			a++
		}
		if op.mark != '-' {
			b++
		}
	}
	from := func(line, count int) int {
		if count == 0 {
			return line
		}
		return line + 1
	}
	fmt.Fprintf(out, "@@ -%d,%d +%d,%d @@\n", from(h[0].a, a), a, from(h[0].b, b), b)
	for _, op := range h {
		text, ended := strings.CutSuffix(op.text, "\n")
		text, windows := strings.CutSuffix(text, "\r")
		if mask != nil {
			text = mask(text)
		}
		out.WriteByte(op.mark)
		out.WriteString(text)
		if windows {
			out.WriteByte('\r')
		}
		out.WriteByte('\n')
		if !ended {
			out.WriteString("\\ No newline at end of file\n")
		}
	}
}
