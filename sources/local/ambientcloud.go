package local

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/credential"
	"nhitop/sources/internal/doc"
)

// readAWS reads ~/.aws/credentials and ~/.aws/config. The key id is no secret; it tells the account number. A profile that
// only says whom it becomes is an identity.
func readAWS(f *credentialFile) {
	for _, p := range f.d.Root.Children {
		if p.Kind != doc.Object {
			continue
		}
		id := at(p, "aws_access_key_id")
		account, _ := credential.AWSAccount(id)
		x := detail{issuer: "aws", account: account, expires: firstOf(p, "aws_expiration", "x_security_token_expires", "expiration", "aws_session_expiration"),
			note: "profile " + strings.TrimPrefix(p.Key, "profile ")}
		x.kind, x.life, x.force, x.keyID = kindAWSSecret, inventory.Yes, true, keyID(id)
		if credential.AWSKeyClass(id) == "ASIA" || p.Get("aws_session_token") != nil {
			x.kind, x.life = kindAWSTemporary, inventory.No
		}
		f.secret(p.Get("aws_secret_access_key"), x)
		x.kind, x.life, x.keyID = "aws-session-token", inventory.No, ""
		f.secret(p.Get("aws_session_token"), x)
		f.secret(p.Get("aws_security_token"), x)
		if n := p.Get("credential_process"); n != nil {
			f.ref(n, credential.RefCommand, credential.Redact(n.Text))
		}
		f.awsProfile(p)
	}
}

func (f *credentialFile) awsProfile(p *doc.Node) {
	id := Identity{Kind: "aws-account", Account: at(p, "sso_account_id"), Role: at(p, "sso_role_name"), Host: at(p, "sso_start_url")}
	if arn := strings.Split(at(p, "role_arn"), ":"); len(arn) == 6 {
		id.Account, id.Role = arn[4], strings.TrimPrefix(arn[5], "role/")
	}
	if id.Account != "" || id.Role != "" {
		f.identity(p, id)
	}
}

// readAWSSSO reads a token of ~/.aws/sso/cache. Kiro keeps its own there under a name of its own.
func readAWSSSO(f *credentialFile) {
	r := f.d.Root
	access, refresh := "aws-sso-access-token", "aws-sso-refresh-token"
	if strings.HasPrefix(f.base, "kiro-") {
		access, refresh = "kiro-access", "kiro-refresh"
	}
	owner := firstOf(r, "startUrl", "profileArn")
	x := detail{issuer: "aws", account: owner, force: true}
	x.kind, x.expires, x.life = access, at(r, "expiresAt"), inventory.No
	f.secret(r.Get("accessToken"), x)
	x.kind, x.expires, x.life = refresh, "", inventory.Yes
	f.secret(r.Get("refreshToken"), x)
	x.kind, x.expires, x.life = "oauth-client-secret", at(r, "registrationExpiresAt"), ""
	f.secret(r.Get("clientSecret"), x)
}

// publicClients are Google's own OAuth clients for its command line, whose secrets are published with it.
var publicClients = []string{"764086051850-", "32555940559."}

// readGCP reads application default credentials, service account keys and OAuth client files.
func readGCP(f *credentialFile) {
	r := f.d.Root
	project := firstOf(r, "project_id", "quota_project_id")
	note := ""
	if project != "" {
		note = "project " + project
	}
	switch at(r, "type") {
	case "service_account":
		f.secret(r.Get("private_key"), detail{kind: "gcp-service-account-key", issuer: "google", account: at(r, "client_email"), note: note,
			life: inventory.Yes, force: true, key: "private_key"})
		return
	case "external_account", "impersonated_service_account":
		f.identity(r, Identity{Kind: "gcp-account", Account: lastElement(at(r, "service_account_impersonation_url")), Project: project, Note: at(r, "type")})
	}
	f.secret(r.Get("refresh_token"), detail{kind: "google-oauth-refresh", issuer: "google", account: at(r, "account"), note: note, life: inventory.Yes})
	low := ""
	for _, p := range publicClients {
		if strings.HasPrefix(at(r, "client_id"), p) {
			low = "public gcloud client: low value"
		}
	}
	f.secret(r.Get("client_secret"), detail{kind: "oauth-client-secret", issuer: "google", note: low})
}

func lastElement(s string) string {
	s = strings.TrimSuffix(s, ":generateAccessToken")
	return s[strings.LastIndexByte(s, '/')+1:]
}

// readGcloudConfig reads which account and project gcloud works as.
func readGcloudConfig(f *credentialFile) {
	core := f.d.Root.Get("core")
	if n := core.Get("account"); n != nil {
		f.identity(n, Identity{Kind: "gcp-account", Email: n.Text, Project: at(core, "project")})
	}
}

// readAzure reads the token cache of the Azure command line (MSAL).
func readAzure(f *credentialFile) {
	r := f.d.Root
	names := map[string]string{} // home_account_id -> user
	only := ""
	for _, a := range members(r.Get("Account")) {
		names[at(a, "home_account_id")] = at(a, "username")
		only = at(a, "username")
	}
	if len(members(r.Get("Account"))) != 1 {
		only = ""
	}
	kinds := []struct {
		group, kind string
		life        inventory.Answer
	}{{"AccessToken", "azure-access-token-jwt", ""}, {"RefreshToken", "azure-refresh-token", inventory.Yes}, {"IdToken", "azure-id-token", ""}}
	for _, k := range kinds {
		for _, t := range members(r.Get(k.group)) {
			user := names[at(t, "home_account_id")]
			if user == "" {
				user = only
			}
			f.secret(t.Get("secret"), detail{kind: k.kind, issuer: "azure", account: user, expires: at(t, "expires_on"), life: k.life,
				scopes: strings.Fields(at(t, "target")), force: true})
		}
	}
}

// readKube reads a kubeconfig: tokens, passwords and client keys are secrets, exec plugins are references, a client
// certificate tells whose key it is and until when.
func readKube(f *credentialFile) {
	r := f.d.Root
	servers := map[string]string{}
	for _, c := range members(r.Get("clusters")) {
		servers[at(c, "name")] = at(c.Get("cluster"), "server")
	}
	clusters := map[string]string{}
	for _, c := range members(r.Get("contexts")) {
		ctx := c.Get("context")
		if s := servers[at(ctx, "cluster")]; s != "" && clusters[at(ctx, "user")] == "" {
			clusters[at(ctx, "user")] = s
		}
	}
	for _, u := range members(r.Get("users")) {
		f.kubeUser(u.Get("user"), at(u, "name"), clusters[at(u, "name")])
	}
}

func (f *credentialFile) kubeUser(u *doc.Node, name, cluster string) {
	if u == nil {
		return
	}
	x := detail{issuer: "kubernetes", account: name}
	if cluster != "" {
		x.note = "cluster " + credential.RedactURL(cluster)
	}
	x.kind = "kubernetes-token"
	f.secret(u.Get("token"), x)
	x.kind, x.account = "kubernetes-password", firstOf(u, "username")
	f.secret(u.Get("password"), x)

	key, cert := u.Get("client-key-data"), u.Get("client-certificate-data")
	if key != nil {
		owner, until := certOwner(at(u, "client-certificate-data"))
		f.kubeKey(key, owner, until, x)
	}
	if cert != nil {
		f.done[cert] = true
	}
	for _, c := range members(u.Get("auth-provider").Get("config")) {
		if kind := map[string]string{"access-token": "oauth-access", "refresh-token": "oauth-refresh", "id-token": "jwt", "client-secret": "oauth-client-secret"}[c.Key]; kind != "" {
			f.secret(c, detail{kind: kind, issuer: "kubernetes", account: name, note: x.note})
		}
	}
	if e := u.Get("exec"); e != nil {
		line := append([]string{at(e, "command")}, e.Get("args").Strings()...)
		f.ref(e, credential.RefCommand, strings.Join(credential.RedactArgs(line), " "))
		f.done[e] = false // its env may hold literal secrets
	}
	if n := u.Get("tokenFile"); n != nil {
		f.ref(n, credential.RefFile, n.Text)
	}
}

// kubeKey adds a client key: base64 of a PEM block.
func (f *credentialFile) kubeKey(n *doc.Node, owner string, until time.Time, x detail) {
	f.done[n] = true
	raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(n.Text), ""))
	if err != nil {
		return
	}
	for _, m := range credential.Find(string(raw), credential.Context{DeclaredKind: "kubernetes-client-key"}) {
		m.Form, m.Start, m.End, m.Issuer, m.Account = "base64", 0, len(n.Text), "kubernetes", owner
		if !until.IsZero() {
			m.Expires = until
		}
		f.match(n, m, detail{note: x.note})
	}
}

// certOwner reads subject and end of a client certificate in base64 PEM.
func certOwner(text string) (subject string, until time.Time) {
	raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil {
		return "", time.Time{}
	}
	b, _ := pem.Decode(raw)
	if b == nil {
		return "", time.Time{}
	}
	c, err := x509.ParseCertificate(b.Bytes)
	if err != nil {
		return "", time.Time{}
	}
	subject = c.Subject.CommonName
	if len(c.Subject.Organization) > 0 {
		subject += " (" + strings.Join(c.Subject.Organization, ", ") + ")"
	}
	return subject, c.NotAfter.UTC()
}
