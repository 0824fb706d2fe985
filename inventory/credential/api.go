package credential

import (
	"time"

	"nhitop/inventory"
)

// Match is one secret found in a text.
type Match struct {
	Kind      string // github-pat-classic, connection-url-password, jwt, opaque-bearer ...
	Issuer    string // github, anthropic, aws ... ; "" unknown
	KeyID     string // the id that goes with the value and is no secret: an AWS access key id that was pasted with it
	Account   string // owner or account that the text itself tells: JWT subject, AWS account id, URL user@host
	Scopes    []string
	Value     inventory.Value
	Form      string // whole, header, url-userinfo, url-query, argument, base64, json, pem
	Start     int    // byte offsets of the secret part in the text that was given
	End       int
	Checksum  string // ok, bad; "" where the shape has none
	Broad     bool   // cannot be narrowed: classic PAT, legacy key, root key
	LongLived inventory.Answer
	Created   time.Time
	Expires   time.Time
	Note      string
	Sure      bool // the shape itself identifies it; false: only the key's name or position says that it is a secret
}

// Ref is a text that stands for a secret kept elsewhere.
type Ref struct {
	Kind string // env, prompt, file, command, keyring, ci-secret, helper, placeholder
	Text string // as written, safe to show
}
