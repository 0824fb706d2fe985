package credential_test

import (
	"strings"
	"testing"

	"nhitop/inventory"
	"nhitop/inventory/credential"
)

func TestWithout(t *testing.T) {
	v := "FAKEq8Zt4vB2nM7xK1pL9wR5yT3uH6jD0sFa"
	long := strings.Repeat(v, 100)
	for _, c := range []struct{ value, text, want string }{
		{v, "src/app.env", "src/app.env"},
		{v, "src/" + v + ".env and " + v, "src/[redacted].env and [redacted]"},
		{v, "head " + v[:20] + "... tail " + v[len(v)-12:], "head [redacted]... tail [redacted]"},
		{v, "short " + v[:6], "short " + v[:6]},
		{"abcd", "abcd", "abcd"},
		{"", "text", "text"},
		{v, "", ""},
	} {
		if got := credential.Without(c.text, inventory.NewValue(c.value)); got != c.want {
			t.Errorf("%q became %q, want %q", c.text, got, c.want)
		}
	}
	if got := credential.Without(strings.Repeat("x", 4090)+long, inventory.NewValue(long)); len(got) > 4<<10 {
		t.Errorf("%d bytes are left of a long text", len(got))
	}
	if got := credential.Without(long[:600], inventory.NewValue(long)); strings.Contains(got, "FAKE") {
		t.Errorf("a part of a long value is left: %q", got)
	}
}

func TestOnlyAndStands(t *testing.T) {
	token := "gh" + "p_FAKEw7Xc3bN9mQ1zL5kJ8hG2fD6sP4aR0yTq"
	if m, ok := credential.Only(inventory.NewValue("token: " + token)); !ok || m.Issuer != "github" {
		t.Errorf("%v %v", m.Issuer, ok)
	}
	if _, ok := credential.Only(inventory.NewValue(token + " " + strings.Replace(token, "7", "9", 1))); ok {
		t.Error("two are taken for one")
	}
	for text, want := range map[string]bool{"${TOKEN}": true, "changeme": true, token: false, "": false} {
		if credential.Stands(inventory.NewValue(text)) != want {
			t.Errorf("%q: not %v", text, want)
		}
	}
}
