package local

import (
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/credential"
	"nhitop/sources/internal/doc"
)

const (
	redactedText = "[redacted]"
	maxDiffLine  = 240
	maxDiffText  = 24 << 10
	minHidden    = 5 // a shorter piece of a value hides nothing and would blot out much
)

// preview is the change as a unified diff in which every secret of the file is masked, not only the one that goes.
func preview(shown string, before, after *doc.Doc, secrets []string) string {
	hide := hidden(before, secrets)
	old := before.Data
	var next []byte
	if after != nil {
		next = after.Data
	}
	text := doc.Diff(old, next, inventory.Clean(shown), func(line string) string {
		for _, h := range hide {
			if strings.Contains(line, h) {
				line = strings.ReplaceAll(line, h, redactedText)
			}
		}
		line = redactedAround(line)
		if len(line) > maxDiffLine {
			line = strings.ToValidUTF8(line[:maxDiffLine], "") + " …"
		}
		return line
	})
	if len(text) > maxDiffText {
		text = text[:strings.LastIndexByte(text[:maxDiffText], '\n')+1] + "… the rest is left out\n"
	}
	return text
}

// clean is [inventory.Clean] for a line that is to be applied as it stands: a tab stays one.
func clean(line string) string {
	parts := strings.Split(line, "\t")
	for i := range parts {
		parts[i] = inventory.Clean(parts[i])
	}
	return strings.Join(parts, "\t")
}

// redactedAround masks what looks like a secret, and lets the marker stand that takes the place of one.
func redactedAround(line string) string {
	parts := strings.Split(line, marker)
	for i := range parts {
		parts[i] = clean(credential.Redact(parts[i]))
	}
	return strings.Join(parts, marker)
}

// hidden lists the texts that no line of a diff may show, longest first: the values that go, and every value of the file
// that is a secret by its form, its name or its place, as it reads and as it is written.
func hidden(d *doc.Doc, secrets []string) []string {
	seen := map[string]bool{}
	add := func(s string) {
		for _, line := range strings.Split(s, "\n") {
			if line = strings.Trim(line, " \t\r\"'`,"); len(line) >= minHidden {
				seen[line] = true
			}
		}
	}
	for _, s := range secrets {
		add(s)
		seen[s] = len(s) > 0
	}
	d.Root.Walk(func(n *doc.Node) bool {
		if n.Kind != doc.String && n.Kind != doc.Number || len(n.Text) < minHidden {
			return true
		}
		raw := string(d.Data[n.Start:n.End])
		if slices.ContainsFunc(secrets, func(s string) bool { return s != "" && strings.Contains(n.Text, s) }) && raw != n.Text && strings.Contains(raw, `\`) {
			add(raw) // escapes may write the secret otherwise
		}
		ctx := credential.Context{Key: n.Key, Position: position(n, "")}
		held := inEnvironment(n.Pointer) || d.Format == doc.Netrc && n.Key == "password"
		for _, m := range credential.Find(n.Text, ctx) {
			add(n.Text[m.Start:m.End])
			add(m.Value.Reveal())
			held = true
		}
		if !held && !credential.SecretName(n.Key) {
			return true
		}
		if _, ok := credential.Reference(n.Text); ok && !strings.Contains(n.Text, "\n") {
			return true
		}
		if d.Format != doc.Text {
			add(n.Text)
			add(raw)
		}
		return true
	})
	delete(seen, "")
	all := make([]string, 0, len(seen))
	for s := range seen {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return all
}

// inEnvironment reports whether a value stands in a table of variables or headers.
func inEnvironment(pointer string) bool {
	parts := strings.Split(pointer, "/")
	for i, p := range parts[:max(len(parts)-1, 0)] {
		if i > 0 && (positions[p] == credential.PositionEnv || positions[p] == credential.PositionHeader) {
			return true
		}
	}
	return false
}
