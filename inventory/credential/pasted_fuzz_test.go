package credential

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"nhitop/inventory"
)

func pastedSeeds(f *testing.F) {
	id, secret := "AKIA"+"FAKE567ABCDEFGH2", "FAKE"+"jalrXUtnFEMI/K7MDENG/bPxRfiCYz0a1b2c"
	for _, c := range corpus(f) {
		f.Add(c.Text)
		f.Add(c.Key + "=" + c.Text)
	}
	for _, s := range []string{"", " \n", id, secret, id + "\n" + secret, id + "," + secret, "ASIA" + id[4:] + " " + secret, `{"AccessKeyId":"` + id + `","SecretAccessKey":"` + secret + `"}`,
		"[a]\naws_access_key_id=" + id + "\naws_secret_access_key=" + secret + "\naws_session_token=" + secret + secret, "export AWS_ACCESS_KEY_ID='" + id + "'", id + id,
		id + "\n" + secret + "\n" + secret, id + " " + strings.Repeat("ab", 20), "${TOKEN:-" + secret + "}", "a://b:c@d", "password: 'x", "//r.example/:_authToken=FAKE0123", "\ufeffTOKEN=\u00a0FAKE0123456789abZQ\u200b", "\xff\xfe"} {
		f.Add(s)
	}
}

// FuzzPasted holds what is pasted to three rules: a text gives one answer, which stands in it; no word of the answer holds
// the value; and the value alone, pasted, is that value again.
func FuzzPasted(f *testing.F) {
	pastedSeeds(f)
	f.Fuzz(func(t *testing.T, text string) {
		m, err := Pasted(inventory.NewValue(text))
		if err != nil {
			pastedNothing(t, text, err)
			return
		}
		v := m.Value.Reveal()
		if v == "" || m.Kind == "" || m.Form == "" || m.Start < 0 || m.End <= m.Start || m.End > len(text) {
			t.Fatalf("kind %q form %q, %d-%d of %d", m.Kind, m.Form, m.Start, m.End, len(text))
		}
		if m.Kind != AWSKeyIDAlone {
			for _, said := range append(slices.Clone(m.Scopes), m.Kind, m.Issuer, m.KeyID, m.Account, m.Form, m.Note) {
				if len(v) >= leak && strings.Contains(said, v) {
					t.Fatalf("what is told of a %s holds its value", m.Kind)
				}
			}
		}
		// Alone it may read as a name and its value; a password may begin or end with a blank; and of a PEM block the line
		// ends are made plain, by which something in it may come to look like its end.
		other := !m.Sure && (strings.ContainsAny(v, "=:") || v != strings.TrimSpace(v)) || m.Form == "pem" && len(v) != m.End-m.Start
		if alone, err := Pasted(m.Value); err == nil && alone.Value.Reveal() != v && !other {
			t.Fatalf("a %s alone, %d bytes, is a %s of %d bytes", m.Kind, len(v), alone.Kind, alone.Value.Len())
		}
		if m.KeyID == "" || m.Kind == AWSKeyIDAlone || !AWSSecretForm(v) {
			return // a key of another form is known by its name alone
		}
		pair, err := Pasted(inventory.NewValue(m.KeyID + "\n" + v))
		if err != nil || pair.Value.Reveal() != v || pair.KeyID != m.KeyID || pair.Kind != m.Kind {
			t.Fatalf("the pair again: %s, %v", pair.Kind, err)
		}
	})
}

// pastedNothing looks at the reason why a text was not taken: it quotes nothing of it.
func pastedNothing(t *testing.T, text string, err error) {
	t.Helper()
	if !errors.Is(err, ErrPasted) {
		t.Fatal("an error of another kind")
	}
	for _, position := range []string{PositionConfig, PositionFile} {
		for _, m := range Find(text, Context{Position: position}) {
			if v := m.Value.Reveal(); len(v) >= leak && strings.Contains(err.Error(), v) {
				t.Fatalf("the error quotes a %s", m.Kind)
			}
		}
	}
}
