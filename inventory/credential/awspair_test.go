package credential

import "testing"

func TestAWSPair(t *testing.T) {
	one, two := "AKIA"+"FAKE567ABCDEFGH2", "AKIA"+"FAKE567ABCDEFGH3"
	for name, c := range map[string]struct {
		name   string
		beside []Beside
		want   string
	}{
		"profile":        {"aws_secret_access_key", []Beside{{"region", "eu-west-1"}, {"aws_access_key_id", one}}, one},
		"camels":         {"secretAccessKey", []Beside{{"accessKeyId", one}}, one},
		"short":          {"AWS_SECRET_KEY", []Beside{{"AWS_ACCESS_KEY", one}}, one},
		"its own":        {"PROD_AWS_SECRET_ACCESS_KEY", []Beside{{"AWS_ACCESS_KEY_ID", one}, {"PROD_AWS_ACCESS_KEY_ID", two}}, two},
		"another's":      {"PROD_AWS_SECRET_ACCESS_KEY", []Beside{{"AWS_ACCESS_KEY_ID", one}}, ""},
		"twice the same": {"AWS_SECRET_KEY", []Beside{{"AWS_ACCESS_KEY", one}, {"AWS_ACCESS_KEY_ID", one}}, one},
		"two":            {"AWS_SECRET_KEY", []Beside{{"AWS_ACCESS_KEY", one}, {"AWS_ACCESS_KEY_ID", two}}, ""},
		"no id":          {"AWS_SECRET_KEY", []Beside{{"AWS_ACCESS_KEY_ID", "${ID}"}, {"AWS_ACCESS_KEY", one + "x"}}, ""},
	} {
		if got := AWSPair(c.name, c.beside); got != c.want {
			t.Errorf("%s: %q", name, got)
		}
	}
	secret := "FAKE" + "jalrXUtnFEMI/K7MDENG/bPxRfiCYz0a1b2c"
	for text, want := range map[string]string{
		"export AWS_ACCESS_KEY_ID=" + one + "\nexport AWS_SECRET_ACCESS_KEY=\"":                one,
		`-e "AWS_ACCESS_KEY_ID=` + one + `" -e "AWS_SECRET_ACCESS_KEY=`:                        one,
		"--access-key-id " + one + " --secret-access-key ":                                     one,
		"A_ACCESS_KEY=" + one + "\nB_ACCESS_KEY=" + two + "\nB_SECRET_ACCESS_KEY=":             two,
		"AWS_ACCESS_KEY_ID=" + one + "\nAWS_ACCESS_KEY_ID=" + two + "\nAWS_SECRET_ACCESS_KEY=": "",
		"": "",
	} {
		if got := AWSPairIn(text+secret, len(text)); got != want {
			t.Errorf("%.30q: %q", text, got)
		}
	}
	for text, want := range map[string]bool{secret: true, secret[1:]: false, "fa4e567890fa4e567890fa4e567890fa4e567890": false} {
		if AWSSecretForm(text) != want {
			t.Errorf("%.8s...: %v", text, !want)
		}
	}
}
