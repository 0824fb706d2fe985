package audit

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// keyPair writes a key pair into a folder: in OpenSSH's format, or as PEM.
func keyPair(t *testing.T, openssh bool) (private, public string) {
	t.Helper()
	pub, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	private, public = filepath.Join(dir, "key"), filepath.Join(dir, "key.pub")
	var block *pem.Block
	var line []byte
	if openssh {
		if block, err = ssh.MarshalPrivateKey(key, ""); err != nil {
			t.Fatal(err)
		}
		p, err := ssh.NewPublicKey(pub)
		if err != nil {
			t.Fatal(err)
		}
		line = ssh.MarshalAuthorizedKey(p)
	} else {
		der, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		block = &pem.Block{Type: "PRIVATE KEY", Bytes: der}
		if der, err = x509.MarshalPKIXPublicKey(pub); err != nil {
			t.Fatal(err)
		}
		line = pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	}
	if err := errors.Join(os.WriteFile(private, pem.EncodeToMemory(block), 0o600), os.WriteFile(public, line, 0o644)); err != nil {
		t.Fatal(err)
	}
	return private, public
}

func signing(t *testing.T, private string) *Log {
	t.Helper()
	key, err := OpenKey(private)
	if err != nil {
		t.Fatal(err)
	}
	l := filled(t)
	l.Forward(nil, key)
	return l
}

func public(t *testing.T, path string) ed25519.PublicKey {
	t.Helper()
	key, err := PublicKey(path)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestSignAndVerify(t *testing.T) {
	for _, openssh := range []bool{true, false} {
		private, pub := keyPair(t, openssh)
		l := signing(t, private)
		l.Sign("ana")
		l.Sign("ana") // nothing was added: there is nothing to sign
		if n, signed, err := l.VerifySigned(public(t, pub)); n != 4 || signed != 3 || err != nil {
			t.Fatal(n, signed, err)
		}
		mustAppend(t, l, "arm", "")
		if n, signed, err := l.VerifySigned(public(t, pub)); n != 5 || signed != 3 || err != nil {
			t.Error(n, signed, err)
		}
		l.Sign("ana")
		if n, signed, err := l.VerifySigned(public(t, pub)); n != 6 || signed != 5 || err != nil || l.Trouble() != "" {
			t.Error(n, signed, err, l.Trouble())
		}
		_, other := keyPair(t, openssh)
		if _, _, err := l.VerifySigned(public(t, other)); err == nil {
			t.Error("signed by a key that never signed")
		}
	}
}

// Who can write the folder can compute the chain anew; without the key the signatures tell.
func TestAChainThatWasComputedAnew(t *testing.T) {
	private, pub := keyPair(t, true)
	l := signing(t, private)
	l.Sign("ana")
	mustAppend(t, l, "undo", "")
	l.Sign("ana")
	es, err := l.List()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	prev := genesis
	for i := range es {
		if i == 4 {
			es[i].Detail = "nothing of note"
		}
		es[i].Prev = prev
		es[i].Hash = es[i].sum()
		prev = es[i].Hash
		line, err := json.Marshal(es[i])
		if err != nil {
			t.Fatal(err)
		}
		out.Write(append(line, '\n'))
	}
	if err := errors.Join(os.WriteFile(l.path, out.Bytes(), 0o600), l.writeHead(es[len(es)-1])); err != nil {
		t.Fatal(err)
	}
	if n, err := l.Verify(); n != 6 || err != nil {
		t.Fatalf("the chain alone: %d %v", n, err)
	}
	var b *Broken
	if _, signed, err := l.VerifySigned(public(t, pub)); !errors.As(err, &b) || b.Line != 6 || signed != 3 || !strings.Contains(b.Reason, "behind entry 3") {
		t.Errorf("%d %v", signed, err)
	}
}

func TestKeysThatAreNone(t *testing.T) {
	private, pub := keyPair(t, true)
	readable := filepath.Join(t.TempDir(), "readable")
	data, _ := os.ReadFile(private)
	if err := errors.Join(os.WriteFile(readable, data, 0o600), os.Chmod(readable, 0o644)); err != nil {
		t.Fatal(err)
	}
	for path, words := range map[string]string{readable: "chmod 600", pub: "", t.TempDir(): "no file of a key", "/nonexistent/key": "no such file"} {
		if _, err := OpenKey(path); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := PublicKey(private); err == nil {
		t.Error("a private key was taken for a public one")
	}
}

// That the key is gone stops nothing, and is told; when it is back, everything is signed.
func TestKeyThatIsGone(t *testing.T) {
	private, pub := keyPair(t, false)
	l := signing(t, private)
	if err := os.Rename(private, private+"x"); err != nil {
		t.Fatal(err)
	}
	l.Sign("ana")
	if !strings.Contains(l.Trouble(), "not signed") {
		t.Errorf("%q", l.Trouble())
	}
	mustAppend(t, l, "arm", "")
	if err := os.Rename(private+"x", private); err != nil {
		t.Fatal(err)
	}
	l.Sign("ana")
	if _, signed, err := l.VerifySigned(public(t, pub)); signed != 4 || err != nil || l.Trouble() != "" {
		t.Error(signed, err, l.Trouble())
	}
}
