package local

import (
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/credential"
	"nhitop/sources/internal/doc"
)

// paired finds the access key id that goes with an AWS secret key: in the text that it stands in, or in what holds both.
// A text of that form beside an id of its name is a secret key whatever it was taken for.
func paired(d *doc.Doc, n *doc.Node, m credential.Match, sec *inventory.Secret) {
	known := sec.Kind == kindAWSSecret || sec.Kind == kindAWSTemporary
	if sec.KeyID != "" || !known && (!vague[sec.Kind] || !credential.AWSSecretForm(m.Value.Reveal())) {
		return
	}
	id := credential.AWSPairIn(n.Text, m.Start)
	if id == "" && d != nil && d.Root != nil {
		id = pairAround(d, n, m)
	}
	if id == "" {
		return
	}
	sec.KeyID = id
	if !known {
		sec.Kind, sec.Issuer, sec.LongLived = kindAWSSecret, "aws", inventory.Yes
	}
	if credential.AWSKeyClass(id) == "ASIA" {
		sec.Kind, sec.LongLived = kindAWSTemporary, inventory.No
	}
	if account, ok := credential.AWSAccount(id); ok && (sec.Account == "" || sec.Account == id) {
		sec.Account = account
	}
}

// keyID takes what stands in the place of an access key id for one only if it has the form of one.
func keyID(text string) string {
	if credential.AWSKeyClass(text) == "" || strings.ContainsFunc(text, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '0' || r > '9') }) {
		return ""
	}
	return text
}

const (
	kindAWSSecret    = "aws-secret-key"
	kindAWSTemporary = "aws-temporary-key"

	mostAround = 64 << 10 // bytes that are looked through for an id
)

// pairAround looks among the members beside a node, or in the lines of a file that has none.
func pairAround(d *doc.Doc, n *doc.Node, m credential.Match) string {
	parent, _ := parentOf(d, n)
	switch {
	case d.Root.Kind == doc.String: // a line of a script
		if at := lineStart(d.Root.Text, n.Line-d.Root.Line); at >= 0 {
			if i := strings.Index(d.Root.Text[at:], m.Value.Reveal()); i >= 0 {
				return credential.AWSPairIn(d.Root.Text, at+i)
			}
		}
	case parent == nil:
	case parent.Kind == doc.Array: // arguments: a name and its value stand in one of them or in two
		var b strings.Builder
		at := 0
		for _, c := range parent.Children {
			if c == n {
				at = b.Len() + m.Start
			}
			if b.Len()+len(c.Text) < mostAround {
				b.WriteString(c.Text + "\n")
			}
		}
		return credential.AWSPairIn(b.String(), at)
	default:
		var beside []credential.Beside
		for _, c := range parent.Children {
			beside = append(beside, credential.Beside{Name: c.Key, Text: c.Text})
		}
		return credential.AWSPair(n.Key, beside)
	}
	return ""
}

// lineStart returns where a line begins, -1 where there are not so many.
func lineStart(text string, lines int) int {
	at := 0
	for range lines {
		i := strings.IndexByte(text[at:], '\n')
		if i < 0 {
			return -1
		}
		at += i + 1
	}
	return at
}
