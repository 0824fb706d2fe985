package credential

import (
	"errors"

	"golang.org/x/crypto/ssh"
)

// SSHFingerprint returns the fingerprint of the public key that belongs to a private key file, as ssh-keygen and the code
// hosts print it ("SHA256:..."). An OpenSSH file holds the public key in the clear even where it is encrypted. It is ""
// where the file does not tell: an encrypted PEM file, a PuTTY file, no key.
func SSHFingerprint(data []byte) string {
	signer, err := ssh.ParsePrivateKey(data)
	if err == nil {
		return ssh.FingerprintSHA256(signer.PublicKey())
	}
	var sealed *ssh.PassphraseMissingError
	if errors.As(err, &sealed) && sealed.PublicKey != nil {
		return ssh.FingerprintSHA256(sealed.PublicKey)
	}
	return ""
}

// SSHPublicFingerprint returns the fingerprint of a public key in the form of authorized_keys, "" where it is none.
func SSHPublicFingerprint(line string) string {
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line))
	if err != nil {
		return ""
	}
	return ssh.FingerprintSHA256(key)
}
