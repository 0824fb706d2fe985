package audit

import (
	"crypto"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"

	"golang.org/x/crypto/ssh"
)

// ActionSignature is the entry that signs the chain up to the entry before it: its subject is the key's fingerprint as
// OpenSSH shows it, its detail the signature in base64. The same key signs the same place in the same way.
const ActionSignature = "signature"

const maxKeyFile = 64 << 10 // bytes; far above any key

// Key is the file of an ed25519 key. The key itself is read again each time that it signs.
type Key struct{ path string }

// OpenKey checks that a file holds an ed25519 key that only its owner can read, without a passphrase: in the format of
// OpenSSH, or PKCS #8 as PEM. The error names the file and never quotes it.
func OpenKey(path string) (*Key, error) {
	k := &Key{path}
	_, err := k.read()
	return k, err
}

func (k *Key) read() (ed25519.PrivateKey, error) {
	data, err := readKeyFile(k.path, true)
	if err != nil {
		return nil, err
	}
	defer clear(data)
	raw, err := ssh.ParseRawPrivateKey(data)
	var locked *ssh.PassphraseMissingError
	if errors.As(err, &locked) {
		return nil, fmt.Errorf("%s: is protected by a passphrase; name a key without one", k.path)
	}
	switch key := raw.(type) {
	case *ed25519.PrivateKey:
		return *key, nil
	case ed25519.PrivateKey:
		return key, nil
	}
	return nil, fmt.Errorf("%s: is no ed25519 private key (OpenSSH or PEM); make one with ssh-keygen -t ed25519 -N '' -f FILE", k.path)
}

// readKeyFile reads a small regular file; a private one must be out of the reach of others.
func readKeyFile(path string, private bool) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular() || info.Size() > maxKeyFile:
		return nil, fmt.Errorf("%s: is no file of a key", path)
	case private && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		return nil, fmt.Errorf("%s: others can reach the key; chmod 600", path)
	}
	return io.ReadAll(io.LimitReader(f, maxKeyFile))
}

// PublicKey reads the file of a public ed25519 key: a line as OpenSSH writes it, or PEM.
func PublicKey(path string) (ed25519.PublicKey, error) {
	data, err := readKeyFile(path, false)
	if err != nil {
		return nil, err
	}
	var found any
	if block, _ := pem.Decode(data); block != nil {
		found, _ = x509.ParsePKIXPublicKey(block.Bytes)
	} else if pub, _, _, _, err := ssh.ParseAuthorizedKey(data); err == nil {
		if c, ok := pub.(ssh.CryptoPublicKey); ok {
			found = c.CryptoPublicKey()
		}
	}
	if key, ok := found.(ed25519.PublicKey); ok {
		return key, nil
	}
	return nil, fmt.Errorf("%s: is no public ed25519 key (OpenSSH or PEM)", path)
}

func fingerprint(key ed25519.PublicKey) (string, error) {
	pub, err := ssh.NewPublicKey(key)
	if err != nil {
		return "", err
	}
	return ssh.FingerprintSHA256(pub), nil
}

// signedText is what a signature is over: the place in the chain, which stands for everything before it.
func signedText(seq int, hash string) []byte {
	return fmt.Appendf(nil, "nhitop audit log\n%d %s\n", seq, hash)
}

// Sign adds a signature over the head of the chain, where there is a key and this process added something since it signed
// last. That it cannot be signed is told by [Log.Trouble] and tried again the next time.
func (l *Log) Sign(by string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.key == nil || !l.unsigned {
		return
	}
	_, l.signErr = l.add(func(seq int, prev string) (Entry, error) {
		key, err := l.key.read()
		if err != nil {
			return Entry{}, err
		}
		defer clear(key)
		sig, err := key.Sign(nil, signedText(seq-1, prev), crypto.Hash(0))
		if err != nil {
			return Entry{}, err
		}
		mark, err := fingerprint(key.Public().(ed25519.PublicKey)) //nolint:forcetypeassert // of an ed25519 key
		return l.entry(seq, prev, by, ActionSignature, mark, base64.StdEncoding.EncodeToString(sig)), err
	})
	l.unsigned = l.signErr != nil
}

// VerifySigned checks the chain like [Log.Verify] and every signature of a key in it. It returns how many entries hold and up
// to which entry the key has signed. A log without a signature of the key is an error.
func (l *Log) VerifySigned(key ed25519.PublicKey) (entries, signed int, err error) {
	if entries, err = l.Verify(); err != nil {
		return entries, 0, err
	}
	mark, err := fingerprint(key)
	if err != nil {
		return entries, 0, err
	}
	es, err := l.List()
	if err != nil {
		return entries, 0, err
	}
	for i, e := range es {
		if e.Action != ActionSignature || e.Subject != mark {
			continue
		}
		sig, err := base64.StdEncoding.DecodeString(e.Detail)
		if err != nil || !ed25519.Verify(key, signedText(e.Seq-1, e.Prev), sig) {
			return i, signed, &Broken{i + 1, fmt.Sprintf("the signature does not fit what stands before it: the chain was computed anew behind entry %d", signed)}
		}
		signed = e.Seq - 1
	}
	if signed == 0 {
		return entries, 0, fmt.Errorf("audit log: nothing in it is signed by %s", mark)
	}
	return entries, signed, nil
}
