package local

import (
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/inventory/credential"
	"nhitop/sources/internal/doc"
)

func byID(t testing.TB, c *catalogue.Catalogue, id string) *catalogue.CredentialFile {
	t.Helper()
	for i := range c.CredentialFiles {
		if c.CredentialFiles[i].ID == id {
			return &c.CredentialFiles[i]
		}
	}
	t.Fatalf("the catalogue has no entry %q", id)
	return nil
}

func made(n int) string {
	const parts = "FAKE7notA4RealSecret9x2K"
	return strings.Repeat(parts, n/len(parts)+1)[:n]
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

type readerCase struct {
	entry, base, data string
	// want is "kind pointer line account" for each secret, "ref KIND pointer text" for each reference and
	// "id KIND pointer what" for each account, in order.
	want []string
}

func readerCases() []readerCase {
	s := made(32)
	return []readerCase{
		{"aws-cli-cache", "x.json", `{"Credentials":{"AccessKeyId":"ASIA","SecretAccessKey":"` + made(40) + `","SessionToken":"` + made(80) + `","Expiration":"2026-01-01T00:00:00Z"},"AssumedRoleUser":{"Arn":"arn:aws:sts::111122223333:assumed-role/Dev/x"}}`,
			[]string{"aws-temporary-key /Credentials/SecretAccessKey 1 arn:aws:sts::111122223333:assumed-role/Dev/x", "aws-session-token /Credentials/SessionToken 1 arn:aws:sts::111122223333:assumed-role/Dev/x"}},
		{"aws-config", "config", "[profile p]\ncredential_process = /opt/x --token " + s + "\n[profile r]\nrole_arn = arn:aws:iam::111122223333:role/Deploy\nsource_profile = p\n",
			[]string{"ref command /profile p/credential_process /opt/x --token [redacted]", "id aws-account /profile r 111122223333 Deploy"}},
		{"aws-sso-cache", "kiro-auth-token.json", `{"accessToken":"aoaAAAAA` + s + `","refreshToken":"aorAAAAA` + s + `","expiresAt":"2026-01-01T00:00:00Z","profileArn":"arn:aws:codewhisperer:us-east-1:111122223333:profile/P"}`,
			[]string{"kiro-access /accessToken 1 arn:aws:codewhisperer:us-east-1:111122223333:profile/P", "kiro-refresh /refreshToken 1 arn:aws:codewhisperer:us-east-1:111122223333:profile/P"}},
		{"gcp-service-account", "client_secret_1.json", `{"installed":{"client_id":"1.apps","client_secret":"GOCSPX-` + made(28) + `"}}`, []string{"google-client-secret /installed/client_secret 1 "}},
		{"gcp-service-account", "credentials.json", `{"hello":"world","list":[1,2]}`, nil},
		{"azure-service-principals", "service_principal_entries.json", `[{"client_id":"app-1","client_secret":"` + s + `"}]`, []string{"azure-client-secret /0/client_secret 1 app-1"}},
		{"kubeconfig", "config", "clusters:\n- name: c\n  cluster: {server: https://k.example}\ncontexts:\n- name: x\n  context: {cluster: c, user: u}\nusers:\n- name: u\n  user:\n    password: " + s + "\n    username: adm\n    client-key-data: " + b64("-----BEGIN RSA PRIVATE KEY-----\n"+made(64)+"\n-----END RSA PRIVATE KEY-----\n") + "\n    exec:\n      command: x\n      args: [--token, " + s + "]\n      env:\n      - {name: API_TOKEN, value: " + "ghp_" + made(36) + "}\n",
			[]string{"kubernetes-password /users/0/user/password 10 adm", "kubernetes-client-key /users/0/user/client-key-data 12 ", "ref command /users/0/user/exec x --token [redacted]", "github-pat-classic /users/0/user/exec/env/0/value 17 "}},
		{"docker", "config.json", `{"auths":{"r.example":{"auth":"` + b64("bot:"+s) + `"},"q.example":{"identitytoken":"` + s + `"}},"credHelpers":{"e":"ecr-login"}}`,
			[]string{"registry-password /auths/r.example/auth 1 bot@r.example", "registry-identity-token /auths/q.example/identitytoken 1 q.example", "ref helper /credHelpers/e credHelpers: ecr-login"}},
		{"npmrc", ".npmrc", "//r.example/:username=svc\n//r.example/:_password=" + b64(s) + "\n_auth=" + b64("a:"+s) + "\nemail=a@b.example\n//x.example/:_authToken=123e4567-e89b-12d3-a456-426614174000\n//y.example/:_authToken=NpmToken\n",
			[]string{"basic-auth ///r.example/:_password 2 svc@r.example", "basic-auth /_auth 3 a", "npm-token ///x.example/:_authToken 5 x.example", "npm-token ///y.example/:_authToken 6 y.example"}},
		{"yarnrc", ".yarnrc.yml", "npmAuthToken: ${NPM_TOKEN}\nnpmScopes:\n  acme:\n    npmAuthToken: " + s + "\n", []string{"ref env /npmAuthToken ${NPM_TOKEN}", "npm-token /npmScopes/acme/npmAuthToken 4 "}},
		{"git-credentials", "x", "# c\nhttps://dev:" + s + "@git.example/a\n", []string{"basic-auth /0 2 dev@git.example"}},
		{"git-config", "config", "[remote \"origin\"]\n\turl = https://x:ghp_" + made(36) + "@github.com/o/r\n[http \"https://github.com/\"]\n\textraheader = AUTHORIZATION: basic " + b64("x-access-token:ghs_"+made(36)) + "\n",
			[]string{`github-pat-classic /remote "origin"/url 2 x@github.com`, `github-app-installation /http "https://github.com/"/extraheader 4 github.com`}},
		{"pgpass", ".pgpass", "db.example:5432:app:svc:FAKE\\:p4ss\n*:*:*:u:password\n", []string{"connection-url-password /0 1 svc@db.example"}},
		{"mysql", ".my.cnf", "[client]\nuser = u\npassword = \"" + s + "\"\n", []string{"connection-url-password /client/password 3 u"}},
		{"terraformrc", ".terraformrc", "credentials \"app.terraform.io\" {\n  token = \"" + made(14) + ".atlasv1." + made(60) + "\"\n}\n", []string{"terraform-cloud-token /credentials/app.terraform.io/token 2 app.terraform.io"}},
		{"tfvars", "prod.tfvars", "region = \"us-east-1\"\n# password = \"" + s + "\"\ndb_password = \"" + s + "\"\napi_key = \"${var.x}\"\n", []string{"generic-password /db_password 3 ", "ref env /api_key ${var.x}"}},
		{"pypirc", ".pypirc", "[corp]\nusername = bot\npassword = " + s + "\n", []string{"basic-auth /corp/password 3 bot"}},
		{"pip", "pip.conf", "[global]\nindex-url = https://bot:" + s + "@pkg.example/simple\n", []string{"basic-auth /global/index-url 2 bot@pkg.example"}},
		{"maven", "settings.xml", "<server>\n <id>corp</id>\n <username>bot</username>\n <password>" + s + "</password>\n</server>\n<password>{COQLCE6DU6GtcS5P=}</password>",
			[]string{"basic-auth /password 4 bot", "ref keyring /password encrypted with the master password of settings-security.xml"}},
		{"nuget", "NuGet.Config", `<add key="Username" value="bot" />` + "\n" + `<add key="ClearTextPassword" value="` + s + `" />`, []string{"basic-auth /ClearTextPassword 2 bot"}},
		{"gradle", "gradle.properties", "org.gradle.jvmargs=-Xmx2g\nnexusPassword=" + s + "\n", []string{"generic-password /nexusPassword 2 "}},
		{"composer", "auth.json", `{"http-basic":{"p.example":{"username":"u","password":"` + s + `"}},"github-oauth":{"github.com":"ghp_` + made(36) + `"}}`,
			[]string{"basic-auth /http-basic/p.example/password 1 u@p.example", "github-pat-classic /github-oauth/github.com 1 "}},
		{"huggingface", "token", "hf_" + made(34) + "\n", []string{"huggingface-token  1 "}},
		{"databricks", ".databrickscfg", "[p]\nhost = https://w.example\ntoken = dapi" + strings.Repeat("fa4e", 8) + "\n", []string{"databricks-token /p/token 3 https://w.example"}},
		{"sentry", ".sentryclirc", "[auth]\ntoken=" + s + "\n", []string{"sentry-user-token /auth/token 2 "}},
		{"wrangler", "default.toml", "oauth_token = \"" + s + "\"\nrefresh_token = \"" + s + "x\"\nexpiration_time = \"2026-01-01T00:00:00Z\"\nscopes = [\"account:read\"]\n",
			[]string{"cloudflare-oauth /oauth_token 1 ", "cloudflare-refresh /refresh_token 2 "}},
		{"dotenv", ".env", "# x\nA=1\nAPI_KEY=" + s + "\nDB_URL=redis://:" + s + "@c/0\nTOKEN=$OTHER_TOKEN\nX_TOKEN=your-token-here\n",
			[]string{"generic-api-key /API_KEY 3 ", "connection-url-password /DB_URL 4 @c", "ref env /TOKEN $OTHER_TOKEN"}},
		{"shell", ".zshrc", "# export OLD_TOKEN=" + s + "\nexport GITHUB_TOKEN=\"ghp_" + made(36) + "\" # x\nexport PATH=$HOME/bin:$PATH\nalias x='curl -H \"Authorization: Bearer " + made(40) + "\"'\nset -gx MY_SECRET " + s + "\nexport OP=$(op read op://v/i/f)\nexport API_TOKEN=$(pass show x)\n",
			[]string{"github-pat-classic /GITHUB_TOKEN 2 ", "opaque-bearer  4 ", "generic-api-key /MY_SECRET 5 ", "ref command /API_TOKEN $(pass show x)"}},
		{"ssh-config", "config", "Host *\n  ServerAliveInterval 5\nHost a b\n  User=git\n", []string{"id ssh-host /Host a b git a b"}},
		{"ssh-keys", "id_x.pub", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 dev", nil},
		{"rclone", "rclone.conf", "[s3]\naccess_key_id = AKIAQYLPMN5HFAKEFAKE\nsecret_access_key = " + made(40) + "\n", []string{"aws-secret-key /s3/secret_access_key 3 052310077262"}},
		{"sops-age", "keys.txt", "# created: x\nAGE-SECRET-KEY-1" + strings.Repeat("FAKEQ7Z", 9)[:58] + "\n", []string{"age-secret-key /0 2 "}},
	}
}

func TestReaders(t *testing.T) {
	c := embedded(t)
	for _, tt := range readerCases() {
		t.Run(tt.entry+" "+tt.base, func(t *testing.T) {
			fs, err := ReadCredentialFile(byID(t, c, tt.entry), tt.base, []byte(tt.data))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range fs {
				got = append(got, said(f))
				if f.Ref == nil && f.Identity == nil {
					if !strings.Contains(tt.data, f.Value.Reveal()) && f.Secret.Locations[0].Form != "base64" && tt.entry != "pgpass" {
						t.Errorf("the value of %s does not stand in the file", f.Secret.Kind)
					}
					if c.Kind(f.Secret.Kind) == nil {
						t.Errorf("no entry for people of the kind %s", f.Secret.Kind)
					}
				}
			}
			if strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

func said(f Found) string {
	l := f.Secret.Locations[0]
	p := doc.Unescape(l.Pointer)
	switch {
	case f.Ref != nil:
		return "ref " + f.Ref.Kind + " " + p + " " + f.Ref.Text
	case f.Identity != nil:
		id := f.Identity
		return "id " + id.Kind + " " + p + " " + strings.TrimSpace(id.Account+" "+id.Email+id.Role+id.Host)
	}
	return f.Secret.Kind + " " + p + " " + strconv.Itoa(l.Line) + " " + f.Secret.Account
}

func TestExpiriesAndScopes(t *testing.T) {
	c := embedded(t)
	fs, err := ReadCredentialFile(byID(t, c, "wrangler"), "default.toml", []byte("oauth_token = \""+made(32)+"\"\nexpiration_time = \"2026-01-01T00:00:00Z\"\nscopes = [\"account:read\", \"zone:edit\"]\n"))
	if err != nil || len(fs) != 1 {
		t.Fatal(len(fs), err)
	}
	if s := fs[0].Secret; !s.Expires.Equal(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) || strings.Join(s.Scopes, " ") != "account:read zone:edit" {
		t.Errorf("%v %q", s.Expires, s.Scopes)
	}
	for text, want := range map[string]string{"2026-01-01T00:00:00Z": "2026-01-01", "1767225600": "2026-01-01", "1767225600000": "2026-01-01", "2026-01-01 00:00:00.000000": "2026-01-01", "2026-01-01": "2026-01-01"} {
		if got, ok := instant(text); !ok || got.Format(time.DateOnly) != want {
			t.Errorf("%q is %v", text, got)
		}
	}
	for _, text := range []string{"", "soon", "-1", "NaN", "1e300"} {
		if got, ok := instant(text); ok {
			t.Errorf("%q is %v", text, got)
		}
	}
}

// TestSameSecret holds that one token is one value wherever it stands, and that equal passwords of two accounts are two.
func TestSameSecret(t *testing.T) {
	c := embedded(t)
	var key inventory.Key
	print := func(entry, data string) string {
		fs, err := ReadCredentialFile(byID(t, c, entry), entry, []byte(data))
		if err != nil || len(fs) != 1 {
			t.Fatal(entry, len(fs), err)
		}
		return key.Fingerprint(fs[0].Value)
	}
	token, pass := "ghp_"+made(36), made(24)
	a := print("git-credentials", "https://o:"+token+"@github.com\n")
	if a != print("dotenv", "GH_TOKEN="+token+"\n") || a != print("netrc", "machine github.com login o password "+token+"\n") {
		t.Error("one token in three places is not one secret")
	}
	b := print("git-credentials", "https://dev:"+pass+"@git.example\n")
	if b != print("netrc", "machine git.example login dev password "+pass+"\n") || b != print("docker", `{"auths":{"git.example":{"auth":"`+b64("dev:"+pass)+`"}}}`) {
		t.Error("one password of one account in three places is not one secret")
	}
	if b == print("netrc", "machine git.example login ops password "+pass+"\n") {
		t.Error("equal passwords of two accounts are one secret")
	}
}

func TestNotOpened(t *testing.T) {
	c := embedded(t)
	fs, err := ReadCredentialFile(byID(t, c, "gcloud-databases"), "credentials.db", []byte("SQLite format 3\x00"))
	var de *doc.Error
	if !errors.As(err, &de) || len(fs) != 0 {
		t.Errorf("%d found, %v", len(fs), err)
	}
}

// TestBroken holds that a broken file is an error that quotes nothing, and that what stands before the fault is reported.
func TestBroken(t *testing.T) {
	c := embedded(t)
	token := "ghp_" + made(36)
	for entry, data := range map[string]string{"docker": `{"auths":{"r":{"auth":"` + b64("u:"+token) + `"}},"x":`, "github-cli": "github.com:\n  oauth_token: " + token + "\n x: [", "gcloud-adc": "{\"refresh_token\":\"" + token} {
		fs, err := ReadCredentialFile(byID(t, c, entry), "x", []byte(data))
		var de *doc.Error
		if !errors.As(err, &de) {
			t.Errorf("%s: %v", entry, err)
			continue
		}
		if strings.Contains(err.Error(), "FAKE") {
			t.Errorf("%s: the error quotes the file", entry)
		}
		if entry == "docker" && len(fs) != 1 {
			t.Errorf("%s: %d found before the fault", entry, len(fs))
		}
	}
}

// TestCatalogueIsComplete holds the catalogue's tables and the code against each other.
func TestCatalogueIsComplete(t *testing.T) {
	c := embedded(t)
	if len(c.CredentialFiles) < 60 || len(c.CredentialKinds) < 180 {
		t.Fatalf("%d files, %d kinds", len(c.CredentialFiles), len(c.CredentialKinds))
	}
	used := map[string]bool{}
	for _, e := range c.CredentialFiles {
		if e.Reader != "" && credentialReaders[e.Reader] == nil {
			t.Errorf("%s: no reader %q", e.ID, e.Reader)
		}
		used[e.Reader] = true
		kinds := []string{e.Kind}
		for _, s := range e.Secrets {
			kinds = append(kinds, s.Kind)
		}
		for _, k := range kinds {
			if k != "" && c.Kind(k) == nil {
				t.Errorf("%s: credential_kinds.toml has no kind %q", e.ID, k)
			}
		}
	}
	for r := range credentialReaders {
		if !used[r] {
			t.Errorf("no entry uses the reader %q", r)
		}
	}
	for _, k := range credential.Kinds() {
		if c.Kind(k) == nil {
			t.Errorf("credential_kinds.toml has no kind %q", k)
		}
	}
	for _, k := range c.CredentialKinds {
		if k.Revoke == "" || !strings.HasSuffix(k.Revoke, ".") {
			t.Errorf("%s: no sentence that says where it is ended", k.Kind)
		}
	}
}

func FuzzReadCredentialFile(f *testing.F) {
	c := embedded(f)
	var open []*catalogue.CredentialFile
	for i := range c.CredentialFiles {
		if e := &c.CredentialFiles[i]; e.Opened() {
			open = append(open, e)
		}
	}
	index := func(id string) uint8 {
		for i, e := range open {
			if e.ID == id {
				return uint8(i)
			}
		}
		return 0
	}
	for _, tt := range readerCases() {
		f.Add(index(tt.entry), []byte(tt.data))
	}
	_ = filepath.WalkDir(inheritedTree, func(p string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if e := entryFor(c, filepath.ToSlash(strings.TrimPrefix(p, inheritedTree+"/"))); e != nil {
				data, _ := os.ReadFile(p)
				f.Add(index(e.ID), data)
			}
		}
		return nil
	})
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		e := open[int(which)%len(open)]
		fs, err := ReadCredentialFile(e, "kiro-x", data)
		var de *doc.Error
		if err != nil && !errors.As(err, &de) {
			t.Fatalf("%s: an error of another type", e.ID)
		}
		for _, x := range fs {
			kinds := 0
			for _, is := range []bool{x.Ref != nil, x.Identity != nil, !x.Value.IsZero()} {
				if is {
					kinds++
				}
			}
			if kinds != 1 || len(x.Secret.Locations) != 1 || x.Secret.Locations[0].Line < 0 {
				t.Fatalf("%s: %d things at once, %d places", e.ID, kinds, len(x.Secret.Locations))
			}
		}
	})
}
