package demo

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"strings"
)

const (
	digits = "0123456789"
	base62 = digits + "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + "abcdefghijklmnopqrstuvwxyz"
	hex    = "0123456789abcdef"
	lower  = digits + "abcdefghijklmnopqrstuvwxyz"
)

// form is how a kind of secret looks: what it begins with, and what follows. Each # of rest is a letter of the alphabet.
type form struct {
	prefix   string
	alphabet string
	rest     string
	sum      bool // the last six characters are the checksum of GitHub and npm
}

func slots(n int) string { return strings.Repeat("#", n) }

// forms are the shapes that the company's secrets have, by the kind that the inventory calls them. The prefixes are cut in
// two, so that no scanner takes this table for secrets.
var forms = map[string]form{
	"github-pat-classic":         {"gh" + "p_", base62, slots(30), true},
	"github-oauth":               {"gh" + "o_", base62, slots(30), true},
	"github-app-user":            {"gh" + "u_", base62, slots(30), true},
	"github-pat-fine-grained":    {"github" + "_pat_", base62, slots(22) + "_" + slots(59), false},
	"gitlab-pat":                 {"gl" + "pat-", base62, slots(20), false},
	"gitlab-deploy-token":        {"gl" + "dt-", base62, slots(20), false},
	"gitlab-runner-token":        {"gl" + "rt-", base62, slots(20), false},
	"npm-token":                  {"np" + "m_", base62, slots(30), true},
	"anthropic-api-key":          {"sk-" + "ant-api03-", base62, slots(95), false},
	"anthropic-oauth-access":     {"sk-" + "ant-oat01-", base62, slots(95), false},
	"anthropic-oauth-refresh":    {"sk-" + "ant-ort01-", base62, slots(95), false},
	"openai-project-key":         {"sk-" + "proj-", base62, slots(60), false},
	"openrouter-key":             {"sk-" + "or-v1-", hex, slots(64), false},
	"google-api-key":             {"AI" + "za", base62, slots(35), false},
	"google-oauth-access":        {"ya" + "29.", base62, slots(60), false},
	"google-oauth-refresh":       {"1/" + "/0", base62, slots(60), false},
	"slack-bot-token":            {"xo" + "xb-", base62, "482910375562-" + slots(24), false},
	"slack-webhook":              {"https://hooks.slack" + ".com/services/", base62, "T02FAKE0ACM/B07FAKE1OPS/" + slots(24), false},
	"linear-api-key":             {"lin" + "_api_", base62, slots(40), false},
	"sentry-user-token":          {"sn" + "tryu_", hex, slots(64), false},
	"vault-service-token":        {"hv" + "s.", base62, slots(24), false},
	"terraform-cloud-token":      {"", base62, slots(14) + ".atlasv1." + slots(60), false},
	"digitalocean-pat":           {"do" + "p_v1_", hex, slots(64), false},
	"docker-hub-pat":             {"dc" + "kr_pat_", base62, slots(27), false},
	"huggingface-token":          {"h" + "f_", base62, slots(34), false},
	"notion-token":               {"nt" + "n_", base62, "48291037556" + slots(35), false},
	"figma-token":                {"fi" + "gd_", base62, slots(40), false},
	"datadog-api-key":            {"", hex, slots(32), false},
	"stripe-restricted-test-key": {"rk_" + "test_", base62, slots(24), false},
	"context7-key":               {"ctx7" + "sk-", base62, slots(32), false},
	"tavily-api-key":             {"tv" + "ly-", base62, slots(32), false},
	"atlassian-api-token":        {"ATATT3" + "xFfGF0", base62, slots(120), false},
	"sourcegraph-token":          {"sg" + "p_", hex, slots(40), false},
	"databricks-token":           {"da" + "pi", hex, slots(32), false},
	"cursor-api-key":             {"ke" + "y_", hex, slots(64), false},
	"amp-api-key":                {"sg" + "amp_user_", base62, slots(48), false},
	"pypi-token":                 {"pypi-AgEIcHlwaS" + "5vcmc", base62, slots(80), false},
	"aws-secret-key":             {"", base62, slots(40), false},
	"aws-access-key-id":          {"AK" + "IA", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", slots(16), false},
	"password":                   {"", base62, slots(20), false},
	"opaque":                     {"", base62, slots(43), false},
	"hex":                        {"", hex, slots(40), false},
	"uuid":                       {"", hex, slots(8) + "-" + slots(4) + "-4" + slots(3) + "-a" + slots(3) + "-" + slots(12), false},
}

// mint makes the secret of a kind and a name: always the same one, recognised by its shape, marked as fake.
func mint(kind, name string) (string, error) {
	f, ok := forms[kind]
	if !ok {
		return "", fmt.Errorf("no secret of kind %q can be made", kind)
	}
	mark := "FAKE"
	if f.alphabet == hex {
		mark = "fa4e"
	}
	r, body := stream("secret", kind, name), []byte(f.rest)
	for i := range body {
		if body[i] == '#' {
			body[i] = f.alphabet[r.IntN(len(f.alphabet))]
		}
	}
	copy(body[strings.IndexByte(f.rest, '#'):], mark)
	s := f.prefix + string(body)
	if f.sum {
		s += crc62(string(body))
	}
	return s, nil
}

// stream is a source of numbers that a few words begin.
func stream(words ...string) *rand.Rand {
	seed := sha256.Sum256([]byte("nhitop demo\x00" + strings.Join(words, "\x00")))
	return rand.New(rand.NewChaCha8(seed))
}

// crc62 is the checksum at the end of GitHub's and npm's tokens: the CRC-32 in six digits of base 62.
func crc62(s string) string {
	n := crc32.ChecksumIEEE([]byte(s))
	out := []byte("000000")
	for i := len(out) - 1; i >= 0; i-- {
		out[i] = base62[n%62]
		n /= 62
	}
	return string(out)
}

// jwt makes an unsigned token with claims, as an assistant keeps one beside its login.
func jwt(claims map[string]any) (string, error) {
	body, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + part(body) + "." + part([]byte("FAKE-signature-FAKE-signature-FAKE")), nil
}

// sshKey makes an unencrypted private key in OpenSSH's own format (PROTOCOL.key), of no real key pair.
func sshKey(comment string) string {
	r := stream("ssh", comment)
	random := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return string(b)
	}
	field := func(parts ...string) string {
		var b strings.Builder
		for _, p := range parts {
			_ = binary.Write(&b, binary.BigEndian, uint32(len(p)))
			b.WriteString(p)
		}
		return b.String()
	}
	public := "FAKE" + random(28)
	check := random(4)
	private := check + check + field("ssh-ed25519", public, random(32)+public, comment)
	for i := byte(1); len(private)%8 != 0; i++ {
		private += string([]byte{i})
	}
	blob := "openssh-key-v1\x00" + field("none", "none", "") + "\x00\x00\x00\x01" + field(field("ssh-ed25519", public), private)
	text := base64.StdEncoding.EncodeToString([]byte(blob))
	var b strings.Builder
	b.WriteString("-----BEGIN OPENSSH " + "PRIVATE KEY-----\n")
	for len(text) > 70 {
		b.WriteString(text[:70] + "\n")
		text = text[70:]
	}
	b.WriteString(text + "\n-----END OPENSSH " + "PRIVATE KEY-----\n")
	return b.String()
}

// sshPrint is the SHA-256 fingerprint of the public half, as ssh-keygen -l shows it.
func sshPrint(comment string) (string, error) {
	blob, err := base64.StdEncoding.DecodeString(strings.Fields(sshPublic(comment))[1])
	sum := sha256.Sum256(blob)
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:]), err
}

// sshPublic is the public half of [sshKey], as it stands in a file beside it and at a forge.
func sshPublic(comment string) string {
	r := stream("ssh", comment)
	b := []byte("FAKE")
	for range 28 {
		b = append(b, byte(r.Uint32()))
	}
	var blob []byte
	for _, p := range []string{"ssh-ed25519", string(b)} {
		blob = binary.BigEndian.AppendUint32(blob, uint32(len(p)))
		blob = append(blob, p...)
	}
	return "ssh-ed25519 " + base64.StdEncoding.EncodeToString(blob) + " " + comment
}
