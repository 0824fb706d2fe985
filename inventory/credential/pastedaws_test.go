package credential

import (
	"testing"

	"nhitop/inventory"
)

func TestPastedAWS(t *testing.T) {
	body, secret := "FAKE567ABCDEFGH2", "FAKE"+"jalrXUtnFEMI/K7MDENG/bPxRfiCYz0a1b2c"
	id, brief := "AKIA"+body, "ASIA"+body
	session := "IQoJb3JpZ2luX2Vj" + "FAKE567abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQ=="
	for name, c := range map[string]struct{ text, kind, id, value string }{
		"the credentials file": {"[default]\naws_access_key_id = " + id + "\naws_secret_access_key = " + secret + "\n", "aws-secret-key", id, secret},
		"variables":            {"export AWS_ACCESS_KEY_ID=" + id + "\nexport AWS_SECRET_ACCESS_KEY=\"" + secret + "\"", "aws-secret-key", id, secret},
		"one line":             {"AWS_SECRET_ACCESS_KEY=" + secret + " AWS_ACCESS_KEY_ID=" + id, "aws-secret-key", id, secret},
		"JSON":                 {`{"AccessKey":{"UserName":"bot","AccessKeyId":"` + id + `","SecretAccessKey":"` + secret + `"}}`, "aws-secret-key", id, secret},
		"bare lines":           {id + "\n" + secret, "aws-secret-key", id, secret},
		"the console's table":  {"Access key ID,Secret access key\n" + id + "," + secret, "aws-secret-key", id, secret},
		"temporary":            {"aws_access_key_id=" + brief + "\naws_secret_access_key=" + secret + "\naws_session_token=" + session, "aws-temporary-key", brief, secret},
		"the id":               {" " + id + "\n", AWSKeyIDAlone, id, id},
		"the id by its name":   {"export AWS_ACCESS_KEY_ID='" + id + "'", AWSKeyIDAlone, id, id},
		"the secret key":       {"AWS_SECRET_ACCESS_KEY=" + secret, "aws-secret-key", "", secret},
		"two ids":              {id + "\n" + brief + "\n" + secret, "", "", ""},
		"two secret keys":      {id + "\n" + secret + "\n" + "x" + secret[1:], "", "", ""},
		"a commit's name":      {id + "\n" + "fa4e567890fa4e567890fa4e567890fa4e567890", "", "", ""},
		"prose":                {"please look at " + id, "", "", ""},
	} {
		m, err := Pasted(inventory.NewValue(c.text))
		if c.kind == "" {
			if err == nil {
				t.Errorf("%s: taken as %s", name, m.Kind)
			}
			continue
		}
		if err != nil || m.Kind != c.kind || m.KeyID != c.id || m.Value.Reveal() != c.value || c.text[m.Start:m.End] != c.value && c.text[m.Start+1:m.End+1] != c.value {
			t.Errorf("%s: %s %s [%d:%d], %v", name, m.Kind, m.KeyID, m.Start, m.End, err)
		}
	}
}
