package local_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// A secret key of AWS is found with the id that goes with it wherever the two stand, and is read again there.
func TestAWSPairs(t *testing.T) {
	id, other := "AKIA"+"FAKE567ABCDEFGH2", "AKIA"+"FAKE567ABCDEFGH3"
	secret := func(n string) string { return "FAKE" + "jalrXUtnFEMI/K7MDENG/bPxRfiCYz0a1b2" + n }
	files := map[string]string{
		"home/.aws/credentials": "[default]\naws_access_key_id = " + id + "\naws_secret_access_key = " + secret("a") + "\n[ci]\naws_access_key_id = " + other + "\naws_secret_access_key = " + secret("b") + "\n",
		"home/.zshrc":           "export AWS_ACCESS_KEY_ID=" + id + "\nexport AWS_SECRET_ACCESS_KEY='" + secret("c") + "'\n",
		"home/.claude.json": `{"mcpServers": {"s3": {"command": "s3", "env": {"S3_ACCESS_KEY": "` + id + `", "S3_SECRET_KEY": "` + secret("d") + `", "PROD_AWS_ACCESS_KEY_ID": "` + other + `"}},` +
			`"run": {"command": "docker", "args": ["run", "-e", "AWS_ACCESS_KEY_ID=` + id + `", "-e", "AWS_SECRET_ACCESS_KEY=` + secret("e") + `"]},` +
			`"one": {"command": "x", "env": {"AWS_SECRET_ACCESS_KEY": "` + secret("f") + `"}}}}`,
		"repo/.git/HEAD": "ref: refs/heads/main\n",
		"repo/.env":      "AWS_ACCESS_KEY_ID=" + other + "\nAWS_SECRET_ACCESS_KEY=" + secret("g") + "\n",
	}
	b := newBench(t, "")
	for name, text := range files {
		path := filepath.Join(b.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	snap := b.snapshot()
	got := map[string]inventory.Secret{}
	for _, x := range snap.Records().Secrets {
		got[x.Hint] = x
	}
	for n, want := range map[string]string{"a": id, "b": other, "c": id, "d": id, "e": id, "f": "", "g": other} {
		x := got[secret(n)[36:]]
		if x.KeyID != want || x.Kind != "aws-secret-key" || x.Issuer != "aws" || want != "" && x.Account == "" {
			t.Errorf("%s: %q %s %s %q", n, x.KeyID, x.Kind, x.Issuer, x.Account)
			continue
		}
		again := b.src.(revoke.Keeper).Values(t.Context(), &x, snap)
		if !slices.ContainsFunc(again, func(v inventory.Value) bool { return v.Len() == 40 && v.Hint() == x.Hint }) {
			t.Errorf("%s is not read again: %d values", n, len(again))
		}
	}
}
