package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// In the made-up company a key of AWS is known by either half, and is turned off by itself where it stands in a file.
func TestAWSInTheDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("plays the demo's past")
	}
	state := filepath.Join(t.TempDir(), "kept")
	run := func(in string, args ...string) string {
		t.Helper()
		var out, said bytes.Buffer
		if err := newCLI(strings.NewReader(in), &out, &said).execute(t.Context(), append(args, "--demo", "--state", state)); err != nil {
			t.Fatalf("%v: %v %s", args, err, said.String())
		}
		return out.String() + said.String()
	}
	var found struct {
		Secrets []struct {
			ID        string
			KeyID     string `json:"key_id"`
			Locations []struct{ Path string }
		}
	}
	if err := json.Unmarshal([]byte(run("", "scan", "--format", "json")), &found); err != nil {
		t.Fatal(err)
	}
	const file = "/home/alice/.aws/credentials"
	id, keyID, judy := "", "", ""
	for _, x := range found.Secrets {
		switch x.Locations[0].Path {
		case file:
			id, keyID = x.ID, x.KeyID
		case "/home/judy/.aws/credentials":
			judy = x.ID
		}
	}
	data, err := os.ReadFile(filepath.Join(state, "disk", file))
	if err != nil || keyID == "" {
		t.Fatalf("the company has no such key any more: %v", err)
	}
	_, key, _ := strings.Cut(string(data), "aws_secret_access_key = ")
	key, _, _ = strings.Cut(key, "\n")
	for _, half := range []string{keyID, key} {
		text := run(half, "identify", "--ask")
		if !strings.Contains(text, file) || !strings.Contains(text, keyID) || !strings.Contains(text, "user/alice") || !strings.Contains(text, "Its issuer says: live") || strings.Contains(text, key) {
			t.Error(text)
		}
	}
	if text := run(keyID, "revoke", "--stdin"); !strings.Contains(text, "turn the access key "+keyID+" off at AWS, by itself") || !strings.Contains(text, "out of "+file) {
		t.Error(text)
	}
	text := run("", "revoke", id, "--yes", "--reason", "left the company")
	if !strings.Contains(text, "InvalidClientTokenId") || !strings.Contains(text, "proof: proven") || strings.Contains(text, key) {
		t.Error(text)
	}
	if data, err = os.ReadFile(filepath.Join(state, "disk", file)); err != nil || strings.Contains(string(data), key) {
		t.Errorf("it still stands there: %v", err)
	}
	to := filepath.Join(t.TempDir(), "key.json")
	text = run("", "rotate", judy, "--to-file", to, "--yes", "--reason", "routine")
	var pair struct{ AccessKeyId, SecretAccessKey string }
	if data, err = os.ReadFile(to); err != nil || json.Unmarshal(data, &pair) != nil || pair.SecretAccessKey == "" || strings.Contains(text, pair.SecretAccessKey) ||
		!strings.Contains(text, "the new key works: sts GetCallerIdentity with "+pair.AccessKeyId) {
		t.Errorf("%v %s", err, text)
	}
	_, id, _ = strings.Cut(text, "Run ")
	id, _, _ = strings.Cut(id, ":")
	if text := run("", "undo", id, "--yes"); !strings.Contains(text, "it is accepted again") {
		t.Error(text)
	}
}
