package config

import (
	"slices"
	"strings"
	"testing"

	"nhitop/sources"
)

const vaultTable = `
[places.ci]
kind = "vault"
url = "https://vault.acme.example"
mount = "secret"
path = "ci/token"
key = "value"
token = { env = "VAULT_TOKEN" }
`

func TestPlaces(t *testing.T) {
	c, _, err := load(t, vaultTable+strings.ReplaceAll(vaultTable, "places.ci", "places.prod"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.BuildPlaces(sources.Env{})
	if err != nil || len(got) != 2 || got["ci"] == nil || got["prod"] == nil {
		t.Errorf("%v %v", got, err)
	}
	if c, _, err = load(t, "[places.aws]\nkind = \"aws\"\nregion = \"eu-central-1\"\nsecret = \"ci\"\nkey_id = \"AKIAFAKE000000000001\"\nsecret_key = { env = \"K\" }\n"); err != nil {
		t.Fatal(err)
	}
	if got, err := c.BuildPlaces(sources.Env{}); err != nil || got["aws"] == nil {
		t.Errorf("%v %v", got, err)
	}
	if c, err = Load("", factories()); err != nil {
		t.Fatal(err)
	}
	if got, err := c.BuildPlaces(sources.Env{}); err != nil || len(got) != 0 {
		t.Errorf("%v %v", got, err)
	}
}

// What is wrong with a place names the file, the line and the key.
func TestPlacesAreChecked(t *testing.T) {
	for want, text := range map[string]string{
		`:6: places.ci.paht: unknown key`:                                                        strings.Replace(vaultTable, "path =", "paht =", 1),
		`:3: places.ci.kind: must be one of: vault`:                                              strings.Replace(vaultTable, `"vault"`, `"valt"`, 1),
		`places.ci.kind: must be one of`:                                                         strings.Replace(vaultTable, "kind =", "#", 1),
		`:2: places."c i": a name of letters`:                                                    strings.Replace(vaultTable, "places.ci", `places."c i"`, 1),
		`:8: places.ci.token: the value is a string; a credential is a reference, never a value`: strings.Replace(vaultTable, `{ env = "VAULT_TOKEN" }`, `"fa4e"`, 1),
		`:2: places.ci: the value is a number; write a table`:                                    "[places]\nci = 3\n",
		`:4: places.ci.url: plain http is for loopback alone; write https://`:                    strings.Replace(vaultTable, "https:", "http:", 1),
		`:2: places.ci: key: is needed`:                                                          strings.Replace(vaultTable, `key = "value"`, "", 1),
	} {
		c, path, err := load(t, text)
		if err == nil {
			_, err = c.BuildPlaces(sources.Env{})
		}
		if err == nil || !slices.ContainsFunc(strings.Split(err.Error(), "\n"), func(line string) bool { return strings.Contains(strings.TrimPrefix(line, path), want) }) {
			t.Errorf("%v; want %s", err, want)
		}
	}
}
