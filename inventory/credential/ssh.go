package credential

import (
	"encoding/base64"
	"encoding/binary"
	"regexp"
	"strings"
)

// SSHKey reads what a private key file says of itself without a passphrase: the type of the key, its comment (only where
// the key is not encrypted), the cipher ("none" where it is not encrypted, "" where the form does not tell) and whether
// it is encrypted. ok is false where the file holds no private key. Formats: OpenSSH (PROTOCOL.key of OpenSSH 9), PEM
// PKCS#1, SEC 1 and PKCS#8, PuTTY.
func SSHKey(data []byte) (kind, comment, cipher string, encrypted, ok bool) {
	text := string(data)
	if strings.HasPrefix(text, "PuTTY-User-Key-File-") {
		return puttyKey(text)
	}
	i := strings.Index(text, pemBegin)
	if i < 0 {
		return "", "", "", false, false
	}
	label, rest, found := strings.Cut(text[i+len(pemBegin):], pemDash)
	if !found || pemKinds[label] == "" || pemKinds[label] == "pgp-private-key" {
		return "", "", "", false, false
	}
	body, _, _ := strings.Cut(rest, pemEnd)
	if label == "OPENSSH PRIVATE KEY" {
		if kind, cipher, comment, ok = openSSH(body); !ok {
			return "", "", "", false, false
		}
		return kind, comment, cipher, cipher != "none", true
	}
	encrypted = pemSealed(label, body)
	if encrypted {
		cipher = dekInfo(body)
	} else {
		cipher = "none"
	}
	return "PEM " + label, "", cipher, encrypted, true
}

var dek = regexp.MustCompile(`DEK-Info:\s*([\w-]{1,40})`)

func dekInfo(body string) string {
	if g := dek.FindStringSubmatch(body); g != nil {
		return strings.ToLower(g[1])
	}
	return ""
}

var puttyLine = regexp.MustCompile(`(?m)^(PuTTY-User-Key-File-\d|Encryption|Comment): ([^\r\n]{0,300})`)

func puttyKey(text string) (kind, comment, cipher string, encrypted, ok bool) {
	for _, g := range puttyLine.FindAllStringSubmatch(text[:min(len(text), 4096)], 5) {
		switch g[1] {
		case "Encryption":
			cipher = g[2]
		case "Comment":
			comment = g[2]
		default:
			kind = g[2]
		}
	}
	return kind, comment, cipher, cipher != "none" && cipher != "", kind != ""
}

// sshReader takes length-prefixed strings off a buffer.
type sshReader struct {
	b   []byte
	bad bool
}

func (r *sshReader) uint32() uint32 {
	if len(r.b) < 4 {
		r.bad, r.b = true, nil
		return 0
	}
	n := binary.BigEndian.Uint32(r.b)
	r.b = r.b[4:]
	return n
}

func (r *sshReader) str() []byte {
	n := r.uint32()
	if uint64(n) > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return nil
	}
	s := r.b[:n]
	r.b = r.b[n:]
	return s
}

// privateParts is how many strings the private half of each type of key holds before the comment.
var privateParts = map[string]int{"ssh-ed25519": 2, "ssh-rsa": 6, "ssh-dss": 5, "ecdsa-sha2-nistp256": 3, "ecdsa-sha2-nistp384": 3,
	"ecdsa-sha2-nistp521": 3}

// openSSH reads the header of an "openssh-key-v1" file, and the comment where it is not encrypted.
func openSSH(body string) (kind, cipher, comment string, ok bool) {
	const magic = "openssh-key-v1\x00"
	body = strings.NewReplacer("\n", "", "\r", "", " ", "", "\t", "", `\n`, "").Replace(body)
	raw, err := base64.StdEncoding.DecodeString(body)
	if err != nil || !strings.HasPrefix(string(raw), magic) {
		return "", "", "", false
	}
	r := &sshReader{b: raw[len(magic):]}
	cipher = string(r.str())
	r.str() // kdf name
	r.str() // kdf options
	if keys := r.uint32(); keys != 1 {
		return "", cipher, "", !r.bad
	}
	pub := &sshReader{b: r.str()}
	kind = string(pub.str())
	if pub.bad || len(kind) > 64 {
		return "", "", "", false
	}
	if cipher == "none" {
		comment = sshComment(r.str(), kind)
	}
	return kind, cipher, comment, true
}

func sshComment(private []byte, kind string) string {
	n, known := privateParts[kind]
	if !known {
		return ""
	}
	r := &sshReader{b: private}
	r.uint32()
	r.uint32() // the check number twice
	if string(r.str()) != kind {
		return ""
	}
	for range n {
		r.str()
	}
	c := r.str()
	if r.bad || len(c) > 300 {
		return ""
	}
	return string(c)
}

var sealedFile = regexp.MustCompile(`^[0-9a-fA-F]{16,32}:[0-9a-fA-F]{32}:[0-9a-fA-F]{2,}$`)

// Sealed reports whether text has the form "iv:tag:ciphertext" in hex, with which Gemini CLI and its like keep an
// encrypted keychain file. It is recognised only, never opened.
func Sealed(text string) bool { return sealedFile.MatchString(strings.TrimSpace(text)) }
