package credential

import (
	"strings"

	"nhitop/inventory"
)

const (
	pemBegin = "-----BEGIN "
	pemEnd   = "-----END "
	pemDash  = "-----"
	kindPEM  = "pem-private-key"
	kindSSH  = "ssh-private-key"
)

// pemKinds tells the kind of a private key by its label.
var pemKinds = map[string]string{
	"OPENSSH PRIVATE KEY":        kindSSH,
	"RSA PRIVATE KEY":            kindPEM,
	"EC PRIVATE KEY":             kindPEM,
	"DSA PRIVATE KEY":            kindPEM,
	"PRIVATE KEY":                kindPEM,
	"ENCRYPTED PRIVATE KEY":      kindPEM,
	"SSH2 ENCRYPTED PRIVATE KEY": kindSSH,
	"PGP PRIVATE KEY BLOCK":      "pgp-private-key",
}

// pemAt recognises a private key in PEM form at i, with real or escaped line ends. A block that has no end takes the
// rest of the text.
func pemAt(text string, i int) (m Match, ok bool) {
	head := text[i+len(pemBegin):]
	n := strings.Index(head[:min(len(head), 60)], pemDash)
	if n < 0 {
		return Match{}, false
	}
	label := head[:n]
	kind, known := pemKinds[label]
	if !known {
		return Match{}, false
	}
	bodyStart := i + len(pemBegin) + n + len(pemDash)
	end := len(text)
	bodyEnd := end
	if j := strings.Index(text[bodyStart:], pemEnd+label); j >= 0 {
		bodyEnd = bodyStart + j
		end = bodyEnd + len(pemEnd) + len(label)
		if strings.HasPrefix(text[end:], pemDash) {
			end += len(pemDash)
		}
	}
	body := text[bodyStart:bodyEnd]
	const shortestKey = 32
	if len(strings.TrimSpace(body)) < shortestKey || runs.MatchString(body) {
		return Match{}, false
	}
	whole := strings.ReplaceAll(text[i:end], `\n`, "\n")
	whole = strings.ReplaceAll(strings.ReplaceAll(whole, `\r`, ""), "\r", "")
	m = Match{
		Kind: kind, Value: inventory.NewValueWithin(strings.TrimSpace(whole), "", 0), Form: "pem", Start: i, End: end,
		LongLived: inventory.Yes, Sure: true, Note: "PEM " + label,
	}
	if pemSealed(label, body) {
		m.Note += ", encrypted with a passphrase"
	}
	return m, true
}

// pemSealed reports whether the key inside is encrypted.
func pemSealed(label, body string) bool {
	if strings.Contains(label, "ENCRYPTED") || strings.Contains(body, "Proc-Type: 4,ENCRYPTED") {
		return true
	}
	if label == "OPENSSH PRIVATE KEY" {
		_, cipher, _, ok := openSSH(body)
		return ok && cipher != "none"
	}
	return false
}
