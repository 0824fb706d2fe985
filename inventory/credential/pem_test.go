package credential

import (
	"encoding/base64"
	"encoding/binary"
	"strings"
	"testing"

	"nhitop/inventory"
)

func pemOf(label, body string) string {
	return pemBegin + label + pemDash + "\n" + body + "\n" + pemEnd + label + pemDash
}

func TestPEM(t *testing.T) {
	body := strings.Repeat("FAKEnotARealKey", 5)
	for label, kind := range pemKinds {
		block := pemOf(label, body)
		for form, text := range map[string]string{"plain": block, "in a text": "key:\n" + block + "\nend", "one line": strings.ReplaceAll(block, "\n", `\n`)} {
			ms := Find(text, Context{})
			if len(ms) != 1 || ms[0].Kind != kind || ms[0].Form != "pem" {
				t.Errorf("%s %s: %d matches", label, form, len(ms))
				continue
			}
			if ms[0].Value.Reveal() != block {
				t.Errorf("%s %s: the value is not the block with plain line ends", label, form)
			}
			if ms[0].Value.Hint() != "" {
				t.Errorf("%s: a hint of dashes", label)
			}
			if r := Redact(text); strings.Contains(r, "FAKE") {
				t.Errorf("%s %s: not redacted", label, form)
			}
		}
	}
	for _, text := range []string{pemOf("PUBLIC KEY", body), pemOf("CERTIFICATE", body), pemOf("PRIVATE KEY", "..."), pemBegin + "PRIVATE KEY"} {
		if ms := Find(text, Context{}); len(ms) != 0 {
			t.Errorf("%d matches in what is no private key", len(ms))
		}
	}
	if ms := Find(pemBegin+"PRIVATE KEY"+pemDash+"\n"+body, Context{}); len(ms) != 1 {
		t.Error("a block without its end is not reported")
	}
	ms := Find(pemOf("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n"+body), Context{})
	if len(ms) != 1 || !strings.Contains(ms[0].Note, "encrypted") {
		t.Error("an encrypted key is not told to be one")
	}
}

// openSSHKey builds the outer form of an "openssh-key-v1" file with made-up numbers.
func openSSHKey(cipher, comment string) string {
	str := func(s string) string { return string(binary.BigEndian.AppendUint32(nil, uint32(len(s)))) + s }
	const kind = "ssh-ed25519"
	private := "\x00\x00\x00\x01\x00\x00\x00\x01" + str(kind) + str(strings.Repeat("p", 32)) + str(strings.Repeat("s", 64)) + str(comment)
	raw := "openssh-key-v1\x00" + str(cipher) + str("none") + str("") + "\x00\x00\x00\x01" + str(str(kind)+str(strings.Repeat("p", 32))) + str(private)
	return pemOf("OPENSSH PRIVATE KEY", base64.StdEncoding.EncodeToString([]byte(raw)))
}

func TestSSHKey(t *testing.T) {
	tests := []struct {
		name, data, kind, comment, cipher string
		encrypted, ok                     bool
	}{
		{"plain", openSSHKey("none", "dev@example.com"), "ssh-ed25519", "dev@example.com", "none", false, true},
		{"sealed", openSSHKey("aes256-ctr", "hidden"), "ssh-ed25519", "", "aes256-ctr", true, true},
		{"sec1", pemOf("EC PRIVATE KEY", "FAKE"), "PEM EC PRIVATE KEY", "", "none", false, true},
		{"old pem", pemOf("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nFAKE"), "PEM RSA PRIVATE KEY", "", "aes-128-cbc", true, true},
		{"pkcs8", pemOf("ENCRYPTED PRIVATE KEY", "FAKE"), "PEM ENCRYPTED PRIVATE KEY", "", "", true, true},
		{"putty", "PuTTY-User-Key-File-3: ssh-rsa\nEncryption: aes256-cbc\nComment: dev key\n", "ssh-rsa", "dev key", "aes256-cbc", true, true},
		{"public", "ssh-ed25519 AAAA dev", "", "", "", false, false},
		{"certificate", pemOf("CERTIFICATE", "FAKE"), "", "", "", false, false},
		{"cut", pemOf("OPENSSH PRIVATE KEY", "b3BlbnNzaC1rZXktdjEA"), "", "", "", false, false},
		{"empty", "", "", "", "", false, false},
	}
	for _, tt := range tests {
		kind, comment, cipher, encrypted, ok := SSHKey([]byte(tt.data))
		if kind != tt.kind || comment != tt.comment || cipher != tt.cipher || encrypted != tt.encrypted || ok != tt.ok {
			t.Errorf("%s: %q %q %q %v %v", tt.name, kind, comment, cipher, encrypted, ok)
		}
	}
}

func TestSealed(t *testing.T) {
	hex := strings.Repeat("fa4e", 8)
	if !Sealed(hex + ":" + hex + ":" + hex + hex + "\n") {
		t.Error("iv:tag:ciphertext is not recognised")
	}
	for _, s := range []string{"", hex, hex + ":" + hex, hex + ":" + hex + ":zz"} {
		if Sealed(s) {
			t.Errorf("%q is not sealed", s)
		}
	}
}

func TestLongLived(t *testing.T) {
	day := unix(1767225600)
	if longLived(day, day.AddDate(1, 0, 0)) != inventory.Yes || longLived(day, day.AddDate(0, 0, 1)) != inventory.No || longLived(day.AddDate(-9, 0, 0), unix(0)) != inventory.Yes || longLived(unix(0), day) != "" {
		t.Error("a life is told wrongly")
	}
}
