package mode

import "nhitop/inventory/credential"

// redact takes secrets out of a text by their shape.
func redact(s string) string { return credential.Redact(s) }

// secretKey reports whether a member's name says that its value is a secret.
func secretKey(key string) bool { return credential.SecretName(key) }
