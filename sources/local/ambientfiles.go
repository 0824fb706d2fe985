package local

import (
	"encoding/base64"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/credential"
	"nhitop/sources/internal/doc"
)

// readDocker reads ~/.docker/config.json: a registry's pair in base64, or none where a helper keeps it.
func readDocker(f *credentialFile) {
	r := f.d.Root
	store := at(r, "credsStore")
	for _, a := range members(r.Get("auths")) {
		host := hostOf(a.Key)
		kind := "registry-password"
		if strings.HasSuffix(host, "docker.io") {
			kind = "docker-hub-password"
		}
		user := at(a, "username")
		if n := a.Get("auth"); n != nil && n.Text != "" {
			if u, _, ok := credential.BasicPair(n.Text); ok {
				user = u
			}
			f.secret(n, detail{kind: kind, account: user, host: host, key: "auth"})
		}
		f.secret(a.Get("password"), detail{kind: kind, account: user, host: host})
		f.secret(a.Get("identitytoken"), detail{kind: "registry-identity-token", host: host, life: inventory.Yes})
		f.secret(a.Get("registrytoken"), detail{kind: "registry-token", host: host})
		if store != "" && firstOf(a, "auth", "identitytoken", "registrytoken", "password") == "" {
			f.ref(a, credential.RefHelper, "credsStore: "+credential.Redact(store))
		}
	}
	for _, h := range members(r.Get("credHelpers")) {
		f.ref(h, credential.RefHelper, "credHelpers: "+credential.Redact(h.Text))
	}
}

// readNPMRCFile reads .npmrc: //host/:_authToken, _auth and _password, the last two in base64.
func readNPMRCFile(f *credentialFile) {
	r := f.d.Root
	for _, n := range r.Children {
		scope, name := "", n.Key
		if i := strings.LastIndexByte(n.Key, ':'); i >= 0 {
			scope, name = n.Key[:i+1], n.Key[i+1:]
		}
		host, user := hostOf(scope), at(r, scope+"username")
		switch name {
		case "_authToken":
			x := detail{kind: "npm-token", issuer: f.entry.Issuer, account: user, host: host, life: inventory.Yes}
			if strings.Count(n.Text, "-") == 4 && len(n.Text) == 36 {
				x.note = "token of the old form: cannot be narrowed"
			}
			f.secret(n, x)
		case "_auth":
			f.secret(n, detail{kind: "basic-auth", account: pairUser(n.Text), host: host, key: "_auth"})
		case "_password":
			f.encodedPassword(n, user, host)
		}
	}
}

func pairUser(text string) string {
	user, _, _ := credential.BasicPair(text)
	return user
}

// encodedPassword adds a password that stands in base64 by itself.
func (f *credentialFile) encodedPassword(n *doc.Node, user, host string) {
	raw, err := base64.StdEncoding.DecodeString(n.Text)
	if err != nil || len(raw) == 0 {
		f.secret(n, detail{kind: "basic-auth", account: user, host: host})
		return
	}
	f.done[n] = true
	account := fullAccount(user, host)
	for _, m := range credential.Find(string(raw), credential.Context{Key: "password", Declared: true, DeclaredKind: "basic-auth"}) {
		m.Form, m.Start, m.End, m.LongLived = "base64", 0, len(n.Text), inventory.Yes
		f.match(n, m, detail{account: account})
	}
}

// netrcKinds tells whose key a password is by the machine.
var netrcKinds = map[string]struct{ kind, issuer string }{
	"api.heroku.com": {"heroku-api-key", "heroku"}, "git.heroku.com": {"heroku-api-key", "heroku"},
	"api.github.com": {"github-token", "github"}, "github.com": {"github-token", "github"}, "gitlab.com": {"gitlab-pat", "gitlab"},
	"api.wandb.ai": {"wandb-api-key", "wandb"},
}

// readNetrcFile reads ~/.netrc.
func readNetrcFile(f *credentialFile) {
	for _, m := range f.d.Root.Children {
		x := detail{kind: "basic-auth", account: at(m, "login"), host: hostOf(m.Key), life: inventory.Yes}
		if k, ok := netrcKinds[m.Key]; ok {
			x.kind, x.issuer = k.kind, k.issuer
		}
		if strings.Contains(x.account, "@") {
			x.note = "host " + x.host
		}
		f.secret(m.Get("password"), x)
	}
}

// readGH reads the hosts file of GitHub's command line; the newer form repeats the token below users.
func readGH(f *credentialFile) {
	for _, h := range f.d.Root.Children {
		f.secret(h.Get("oauth_token"), detail{kind: "github-oauth", issuer: "github", account: at(h, "user"), host: h.Key})
		for _, u := range members(h.Get("users")) {
			f.secret(u.Get("oauth_token"), detail{kind: "github-oauth", issuer: "github", account: u.Key, host: h.Key})
		}
	}
}

// readGitConfig reads credentials in git's configuration: a remote's URL, an extra header.
func readGitConfig(f *credentialFile) {
	for _, s := range f.d.Root.Children {
		for _, n := range members(s) {
			if strings.EqualFold(n.Key, "extraheader") {
				f.done[n] = true
				name, value, _ := strings.Cut(n.Text, ":")
				value = strings.TrimSpace(value)
				from := strings.LastIndex(n.Text, value)
				for _, m := range credential.Find(value, credential.Context{Key: strings.TrimSpace(name), Position: credential.PositionHeader}) {
					m.Start, m.End = m.Start+from, m.End+from
					f.match(n, m, detail{host: hostOf(s.Key)})
				}
			}
		}
	}
}

// readPgpass reads host:port:database:user:password lines, in which a backslash escapes a colon.
func readPgpass(f *credentialFile) {
	for _, n := range f.d.Root.Children {
		f.done[n] = true
		fields := splitEscaped(n.Text)
		if len(fields) != 5 || fields[4] == "" || credential.Placeholder(fields[4]) {
			continue
		}
		host, user := fields[0], fields[3]
		account := user + "@" + host
		m := credential.Match{Kind: "connection-url-password", Account: account, Value: inventory.NewValueWithin(fields[4], account, len(n.Text)),
			Form: "text", Start: 0, End: len(n.Text), LongLived: inventory.Yes}
		f.match(n, m, detail{note: "database " + fields[2]})
	}
}

func splitEscaped(s string) []string {
	var fields []string
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == ':' && len(fields) < 4:
			fields = append(fields, b.String())
			b.Reset()
		default:
			b.WriteByte(s[i])
		}
	}
	return append(fields, b.String())
}

// readPrivateKey reads an SSH or PEM private key. What is no private key (a public one, a certificate) says nothing.
func readPrivateKey(f *credentialFile) {
	n := f.d.Root
	f.done[n] = true
	kind, comment, cipher, encrypted, ok := credential.SSHKey([]byte(n.Text))
	if !ok {
		return
	}
	s := inventory.Secret{Kind: f.entry.Kind, Issuer: f.entry.Issuer, Account: comment, LongLived: inventory.Yes, Storage: inventory.StoragePlaintext,
		Note: "format " + kind, Clues: []inventory.Clue{{By: inventory.ClueSSH, Text: credential.SSHFingerprint([]byte(n.Text))}}}
	if s.Kind == "" {
		s.Kind = "ssh-private-key"
	}
	if encrypted {
		s.Storage = inventory.StorageEncrypted
		s.Note = joinNotes(s.Note, "encrypted with a passphrase")
		if cipher != "" {
			s.Note = joinNotes(s.Note, "cipher "+cipher)
		}
	}
	value := strings.ReplaceAll(n.Text, "\r", "")
	f.add(n, n.Line, "pem", Found{Secret: s, Value: inventory.NewValueWithin(value, "", 0)})
}

// readSSHConfig reads the hosts of ~/.ssh/config: where the keys beside it open a door, and as whom.
func readSSHConfig(f *credentialFile) {
	var host *doc.Node
	var id Identity
	flush := func() {
		if host != nil && (id.Account != "" || id.Host != "") {
			if id.Host == "" {
				id.Host = strings.Join(strings.Fields(host.Text)[1:], " ")
			}
			place := *host
			place.Pointer = "/" + doc.Escape(host.Text)
			f.identity(&place, id)
		}
	}
	for _, n := range f.d.Root.Children {
		f.done[n] = true
		key, value, _ := strings.Cut(strings.Replace(n.Text, "=", " ", 1), " ")
		value = strings.Trim(strings.TrimSpace(value), `"`)
		switch strings.ToLower(key) {
		case "host", "match":
			flush()
			host, id = n, Identity{Kind: "ssh-host"}
		case "user":
			id.Account = value
		case "hostname":
			id.Host = value
		case "forwardagent":
			if strings.EqualFold(value, "yes") {
				id.Note = "ForwardAgent yes"
			}
		}
	}
	flush()
}
