package credential

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"testing"

	"golang.org/x/crypto/ssh"
)

func TestSSHFingerprint(t *testing.T) {
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewPublicKey(pub)
	if err != nil {
		t.Fatal(err)
	}
	want := ssh.FingerprintSHA256(key)
	open, err := ssh.MarshalPrivateKey(priv, "made by a test")
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := ssh.MarshalPrivateKeyWithPassphrase(priv, "made by a test", []byte("FAKE"))
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(priv)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string]*pem.Block{"open": open, "with a passphrase": sealed, "PKCS#8": {Type: "PRIVATE KEY", Bytes: der}} {
		if got := SSHFingerprint(pem.EncodeToMemory(b)); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := SSHPublicFingerprint(string(ssh.MarshalAuthorizedKey(key)) + "a comment"); got != want {
		t.Errorf("public: %q", got)
	}
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	rk, err := ssh.NewPublicKey(&r.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	if got := SSHFingerprint(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(r)})); got != ssh.FingerprintSHA256(rk) {
		t.Errorf("RSA: %q", got)
	}
	for _, text := range []string{"", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----", "ssh-ed25519 AAAA"} {
		if SSHFingerprint([]byte(text)) != "" || SSHPublicFingerprint(text) != "" {
			t.Errorf("%q has a fingerprint", text)
		}
	}
}
