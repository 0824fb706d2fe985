package local

import (
	"fmt"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/inventory/credential"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/doc"
)

func (r *Revoker) kind(kind string) *catalogue.CredentialKind {
	if r.o.Catalogue == nil {
		return nil
	}
	return r.o.Catalogue.Kind(kind)
}

func secretName(s *inventory.Secret) string {
	if s.Hint != "" {
		return s.Kind + " …" + s.Hint
	}
	return s.Kind
}

// secret adds one step for each file in which a copy of the secret stands.
func (b *planning) secret(s *inventory.Secret, whole bool) {
	byPath := map[string][]inventory.Location{}
	var paths []string
	for _, l := range s.Locations {
		if l.Scope != inventory.ScopeUser && l.Scope != inventory.ScopeRepo && l.Scope != "" {
			continue
		}
		if _, ok := b.resolve(l.Path); !ok {
			continue
		}
		if byPath[l.Path] == nil {
			paths = append(paths, l.Path)
		}
		byPath[l.Path] = append(byPath[l.Path], l)
	}
	slices.Sort(paths)
	for _, p := range paths {
		b.copies(s, p, byPath[p], whole)
	}
}

// copies takes a secret out of one file, all its places there in one step.
func (b *planning) copies(s *inventory.Secret, path string, at []inventory.Location, whole bool) {
	f := draft{
		action: revoke.ActionRemoveSecret, layer: revoke.LayerCopy, target: s.ID, name: secretName(s),
		summary: fmt.Sprintf("take %s out of %s", secretName(s), path), effect: "this file no longer holds the secret",
		breaks: b.users(s),
	}
	f.unended, f.ends = b.outlives(s)
	if len(s.Locations) > len(at) {
		f.known = fmt.Sprintf("; %d places of it are known in all", len(s.Locations))
	}
	p, err := b.open(path, b.dirs)
	if err != nil {
		b.unreadable(f, path, pointersOf(at), err)
		return
	}
	f.git = b.inGit(p.path)
	if slices.ContainsFunc(at, func(l inventory.Location) bool { return l.Committed == inventory.Yes }) {
		kept := f
		if kept.git = b.inGit(p.path); kept.git != nil {
			kept.git.History = true
		}
		b.manual(kept, fmt.Sprintf("the history of the repository keeps %s of %s: rotate it, then rewrite the history if it must go", secretName(s), path),
			"what was committed stays in every clone, whatever the file says now")
	}
	var c change
	var d *doc.Doc
	for _, l := range at {
		if slices.ContainsFunc(b.removed[p.path], func(gone string) bool { return l.Pointer == gone || strings.HasPrefix(l.Pointer, gone+"/") }) {
			continue
		}
		dl, n := b.read(p, l.Pointer, l.Line)
		if n == nil || d != nil && d.Format != dl.Format {
			b.byHand(f, path, []string{l.Pointer}, "its place in the file cannot be told")
			continue
		}
		found, all := spots(dl, n, s, l)
		switch {
		case whole && b.isCredentialFile(p.path) || all:
			b.delete(p, s, f)
			return
		case len(found) == 0:
			b.byHand(f, path, []string{l.Pointer}, "its place in the file cannot be told")
			continue
		}
		d = dl
		c.Secrets = append(c.Secrets, found...)
	}
	if d == nil {
		return
	}
	if slices.ContainsFunc(c.Secrets, func(x spot) bool { return len(x.Remove) == 0 }) {
		f.effect = "in this file " + marker + " stands where the secret was; the text around it stays"
	}
	f.summary += " (" + strings.Join(pointersOf(at), ", ") + ")"
	b.file(p, d, c, f)
}

// delete adds the step that deletes a file which is nothing but a secret.
func (b *planning) delete(p *onDisk, s *inventory.Secret, f draft) {
	f.action, f.summary, f.effect = revoke.ActionDeleteFile, fmt.Sprintf("delete %s, which is %s", p.shown, secretName(s)), "the file is gone"
	// The change is shown without the content.
	d := &doc.Doc{Format: doc.Text, Data: []byte(redactedText + "\n"), Root: &doc.Node{}}
	b.file(p, d, change{Delete: true}, f)
}

func pointersOf(at []inventory.Location) []string {
	var ps []string
	for _, l := range at {
		switch {
		case l.Pointer != "":
			ps = append(ps, l.Pointer)
		case l.Line > 0:
			ps = append(ps, fmt.Sprintf("line %d", l.Line))
		}
	}
	return ps
}

// users names who stops working.
func (b *planning) users(s *inventory.Secret) string {
	var names []string
	for _, a := range b.snap.AssistantsOf(s.ID) {
		if !slices.Contains(names, a.Name) {
			names = append(names, a.Name)
		}
	}
	for _, t := range b.snap.ToolsOf(s.ID) {
		if n := "tool server " + t.Name; !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	const most = 6
	if len(names) > most {
		names = append(names[:most], fmt.Sprintf("%d more", len(names)-most))
	}
	return strings.Join(names, revoke.Also)
}

func (r *Revoker) isCredentialFile(path string) bool {
	if r.o.Catalogue == nil {
		return false
	}
	for i := range r.o.Catalogue.CredentialFiles {
		if matchesPlace(r.o.Catalogue.CredentialFiles[i].AllPaths(), path) {
			return true
		}
	}
	for i := range r.o.Catalogue.Assistants {
		for _, f := range r.o.Catalogue.Assistants[i].Files {
			if f.Role == "credentials" && matchesPlace(f.AllPaths(), path) {
				return true
			}
		}
	}
	return false
}

// wholeKinds are secrets that are a file of their own.
var wholeKinds = map[string]bool{"ssh-private-key": true, "encrypted-keychain-file": true}

// spots finds the secret in the value where it was seen. all says that it is the whole file.
func spots(d *doc.Doc, n *doc.Node, s *inventory.Secret, l inventory.Location) (found []spot, all bool) {
	if d.Format == doc.Text && wholeKinds[s.Kind] && (l.Form == "" || l.Form == "whole" || l.Form == "pem") && l.Line <= 1 {
		return nil, true
	}
	parent, index := parentOf(d, n)
	for _, m := range matches(d, n, s, l) {
		found = append(found, spot{Pointer: n.Pointer, Start: m.Start, End: m.End})
	}
	if len(found) == 0 && d.Format != doc.Text && n.Text != "" && (l.Form == "whole" || l.Form == "" || l.Form == "pem") && inventory.NewValue(n.Text).Hint() == s.Hint {
		found = []spot{{Pointer: n.Pointer, End: len(n.Text)}}
	}
	if d.Format == doc.Text {
		if len(found) == 1 && strings.TrimSpace(n.Text[:found[0].Start]+n.Text[found[0].End:]) == "" {
			return nil, true
		}
		return found, false
	}
	for i := range found {
		found[i].Remove = goes(d, parent, n, index, found[i])
	}
	return found, false
}

// matches finds the secret in the text of a node as the scan does: by what the catalogue says of its place.
func matches(d *doc.Doc, n *doc.Node, s *inventory.Secret, l inventory.Location) []credential.Match {
	parent, index := parentOf(d, n)
	ctx := credential.Context{Key: n.Key, Position: position(n, ""), Declared: true, DeclaredKind: s.Kind, DeclaredIssuer: s.Issuer}
	if d.Format == doc.Text {
		ctx = credential.Context{Position: credential.PositionFile}
	}
	if parent != nil && parent.Kind == doc.Array && index > 0 && strings.HasPrefix(parent.Children[index-1].Text, "-") {
		ctx.Key, ctx.Position = strings.TrimLeft(parent.Children[index-1].Text, "-"), credential.PositionArgument
	}
	return slices.DeleteFunc(credential.Find(n.Text, ctx), func(m credential.Match) bool {
		elsewhere := d.Format == doc.Text && l.Line > 0 && n.Line+strings.Count(n.Text[:m.Start], "\n") != l.Line
		return elsewhere || m.Value.Hint() != s.Hint || l.Form != "" && m.Form != l.Form ||
			m.Sure && m.Kind != s.Kind && !vague[s.Kind] && !vague[m.Kind] && m.Form == "whole"
	})
}

// parentOf returns what holds a node, and at which index.
func parentOf(d *doc.Doc, n *doc.Node) (*doc.Node, int) {
	i := strings.LastIndexByte(n.Pointer, '/')
	if i < 0 {
		return nil, 0
	}
	p := d.At(n.Pointer[:i])
	if p == nil {
		return nil, 0
	}
	return p, slices.Index(p.Children, n)
}

// goes says what is removed with a secret; nothing where only the secret's part of a longer text is replaced.
func goes(d *doc.Doc, parent, n *doc.Node, index int, at spot) []string {
	before, after := n.Text[:at.Start], n.Text[at.End:]
	switch {
	case d.Format == doc.Lines:
		return []string{n.Pointer}
	case d.Format == doc.Netrc && parent != nil:
		return []string{parent.Pointer}
	case strings.Contains(before, "://") || strings.TrimSpace(after) != "":
		return nil
	case parent != nil && parent.Kind == doc.Array:
		return argument(parent, n, index, before)
	case strings.TrimSpace(before) == "" || authScheme(before):
		return []string{n.Pointer}
	}
	return nil
}

// authScheme reports whether a text is what stands before a token in a header: Bearer, Basic, token.
func authScheme(s string) bool {
	s = strings.TrimSpace(s)
	if _, rest, ok := strings.Cut(s, ":"); ok { // Authorization: Bearer
		s = strings.TrimSpace(rest)
	}
	return s != "" && len(s) <= 24 && !strings.ContainsAny(s, " =/?&")
}

// argument says what goes with an argument: a flag before it that takes it as its value; of --key=value and NAME=value the
// whole. A flag that names neither a secret nor something that carries one stays.
func argument(parent, n *doc.Node, index int, before string) []string {
	name, _, assigned := strings.Cut(before, "=")
	if assigned && strings.ContainsAny(name, " \t:/?") {
		return nil
	}
	if !assigned && strings.TrimSpace(before) != "" && !authScheme(before) {
		return nil
	}
	if index > 0 && !strings.HasPrefix(n.Text, "-") {
		flag := parent.Children[index-1]
		if strings.HasPrefix(flag.Text, "-") && !strings.Contains(flag.Text, "=") && (credential.SecretName(flag.Text) || carriers[flag.Text]) {
			return []string{flag.Pointer, n.Pointer}
		}
	}
	return []string{n.Pointer}
}

// carriers are flags whose value may carry a secret.
var carriers = map[string]bool{"-e": true, "--env": true, "-H": true, "--header": true, "-u": true, "--user": true, "-h": true, "-p": true, "-k": true, "-t": true, "--auth": true, "--authorization": true}
