package local

import (
	"fmt"
	"sort"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/inventory/credential"
	"nhitop/sources/internal/doc"
)

// Found is one thing that a credential file says: a secret with its value, a reference to one that is kept elsewhere
// (Ref is set), or an account without a secret (Identity is set). In all three Secret.Locations has one element, with
// pointer, line and form; path, mode and scope are the caller's to fill in.
type Found struct {
	Secret   inventory.Secret
	Value    inventory.Value
	Identity *Identity
	Ref      *credential.Ref
}

// Identity is what a credential file says of an account without holding its secret.
type Identity struct {
	Kind    string // aws-account, gcp-account, azure-account, kubernetes-user, ssh-host, registry-user, login
	Account string // user name, service account or account number
	Email   string
	Role    string
	Host    string // host, cluster or start URL
	Project string // project, tenant or subscription
	Note    string
}

// credentialReader reads a file whose rows cannot say all. It gets the parsed file; f.d is never nil.
type credentialReader func(f *credentialFile)

// credentialReaders are the functions that credential_files.toml refers to by its reader key.
var credentialReaders = map[string]credentialReader{
	"aws":           readAWS,
	"aws-sso":       readAWSSSO,
	"azure":         readAzure,
	"docker":        readDocker,
	"gcloud-config": readGcloudConfig,
	"gcp":           readGCP,
	"gh":            readGH,
	"git-config":    readGitConfig,
	"hcl":           readHCL,
	"kube":          readKube,
	"netrc":         readNetrcFile,
	"npmrc":         readNPMRCFile,
	"pgpass":        readPgpass,
	"private-key":   readPrivateKey,
	"shell":         readShell,
	"ssh-config":    readSSHConfig,
	"xml":           readXML,
}

// ReadCredentialFile reads one credential file of the catalogue. base is the file's name without its folder; data its
// content. It does no I/O, keeps nothing, and is safe for concurrent use. The error is a [*doc.Error] or wraps one; a
// file that is broken in its middle gives both what was understood and an error.
func ReadCredentialFile(entry *catalogue.CredentialFile, base string, data []byte) ([]Found, error) {
	if !entry.Opened() {
		return nil, &doc.Error{Msg: "not opened: " + entry.Reason}
	}
	read := credentialReader(func(*credentialFile) {})
	if entry.Reader != "" {
		r, ok := credentialReaders[entry.Reader]
		if !ok {
			return nil, &doc.Error{Msg: fmt.Sprintf("the catalogue's entry %q names a reader %q that does not exist", entry.ID, entry.Reader)}
		}
		read = r
	}
	d, err := doc.Parse(doc.Format(entry.Format), data)
	if d == nil || d.Root == nil {
		return nil, err
	}
	f := &credentialFile{entry: entry, base: base, d: d, done: map[*doc.Node]bool{}}
	read(f)
	f.rows()
	f.identities()
	f.rest()
	sort.SliceStable(f.out, func(i, j int) bool { return f.out[i].Secret.Locations[0].Line < f.out[j].Secret.Locations[0].Line })
	return f.out, err
}

// credentialFile is one file while it is read.
type credentialFile struct {
	entry *catalogue.CredentialFile
	base  string
	d     *doc.Doc
	out   []Found
	done  map[*doc.Node]bool // nodes that are judged already
}

// maxFound bounds what one file may say.
const maxFound = 2000

// detail is what is known about a secret besides its value.
type detail struct {
	kind, issuer string
	account      string
	host         string // what the account is an account of
	keyID        string
	note         string
	expires      string // as written
	scopes       []string
	life         inventory.Answer
	force        bool // the kind holds whatever the value looks like
	key          string
}

// secret judges the node as a secret that the file's format declares.
func (f *credentialFile) secret(n *doc.Node, x detail) {
	if n == nil || n.Kind == doc.Object || n.Kind == doc.Array || f.done[n] {
		return
	}
	f.done[n] = true
	key := x.key
	if key == "" {
		key = n.Key
	}
	ctx := credential.Context{Key: key, Position: credential.PositionConfig, Declared: true, DeclaredKind: x.kind, DeclaredIssuer: x.issuer}
	ms := credential.Find(n.Text, ctx)
	for _, m := range ms {
		if x.force {
			m.Kind = x.kind
		}
		f.match(n, m, x)
	}
	if len(ms) == 0 {
		f.reference(n)
	}
}

// match adds a match with what the file knows about it.
func (f *credentialFile) match(n *doc.Node, m credential.Match, x detail) {
	s := inventory.Secret{
		Kind: m.Kind, Issuer: m.Issuer, Account: m.Account, Scopes: m.Scopes, Checksum: m.Checksum, Broad: m.Broad,
		LongLived: m.LongLived, Note: m.Note, Created: m.Created, Expires: m.Expires, Storage: inventory.StoragePlaintext,
	}
	value := m.Value
	account := fullAccount(x.account, x.host)
	if account != "" && (s.Account == "" || m.Form == "base64" || strings.HasPrefix(account, s.Account+"@")) {
		s.Account = account
	}
	if passwordKinds[s.Kind] && s.Account != "" && m.Form != "url-userinfo" {
		value = inventory.NewValueWithin(value.Reveal(), s.Account, max(value.Len(), m.End-m.Start))
	}
	if s.Issuer == "" {
		s.Issuer = f.entry.Issuer
	}
	if t, ok := instant(x.expires); ok && s.Expires.IsZero() {
		s.Expires = t
	}
	if x.life != "" {
		s.LongLived = x.life
	}
	s.Scopes = append(s.Scopes, x.scopes...)
	s.Note, s.KeyID = joinNotes(s.Note, x.note), x.keyID
	paired(f.d, n, m, &s)
	f.add(n, n.Line+strings.Count(n.Text[:min(m.Start, len(n.Text))], "\n"), m.Form, Found{Secret: s, Value: value})
}

// passwordKinds are secrets that mean nothing without their account: equal ones of two accounts are two.
var passwordKinds = map[string]bool{"basic-auth": true, "registry-password": true, "docker-hub-password": true, "connection-url-password": true,
	"kubernetes-password": true}

// add puts a place to what was found and keeps it.
func (f *credentialFile) add(n *doc.Node, line int, form string, x Found) {
	if len(f.out) >= maxFound {
		return
	}
	x.Secret.Locations = []inventory.Location{{Pointer: n.Pointer, Line: line, Form: form}}
	f.out = append(f.out, x)
}

// reference adds what stands for a secret that is kept elsewhere.
func (f *credentialFile) reference(n *doc.Node) {
	if ref, ok := credential.Reference(n.Text); ok {
		f.ref(n, ref.Kind, ref.Text)
	}
}

func (f *credentialFile) ref(n *doc.Node, kind, text string) {
	f.done[n] = true
	f.add(n, n.Line, "", Found{Ref: &credential.Ref{Kind: kind, Text: text}})
}

func (f *credentialFile) identity(n *doc.Node, id Identity) {
	if id == (Identity{Kind: id.Kind, Note: id.Note}) {
		return
	}
	f.add(n, n.Line, "", Found{Identity: &id})
}

// rows applies the catalogue's rows.
func (f *credentialFile) rows() {
	for i := range f.entry.Secrets {
		row := &f.entry.Secrets[i]
		for _, n := range f.d.Match(row.Pointer) {
			x := detail{kind: row.Kind, issuer: row.Issuer, expires: f.beside(n, row.Expires), account: f.beside(n, row.Account),
				host: hostAbove(n.Pointer), scopes: strings.FieldsFunc(f.beside(n, row.Scopes), func(r rune) bool { return r == ' ' || r == ',' })}
			if row.Low {
				x.note = "a public client's secret: of little worth"
			}
			f.secret(n, x)
		}
	}
	if root := f.d.Root; root.Kind == doc.String && f.entry.Kind != "" {
		f.secret(root, detail{kind: f.entry.Kind, issuer: f.entry.Issuer})
	}
}

// identities adds the accounts that the catalogue's rows name.
func (f *credentialFile) identities() {
	for _, row := range f.entry.Accounts {
		for _, n := range f.d.Match(row.Pointer) {
			id := Identity{Kind: "login"}
			switch text := credential.Redact(n.Text); row.What {
			case "email":
				id.Email = text
			case "org", "id":
				id.Project = text
			default:
				id.Account = text
			}
			f.identity(n, id)
		}
	}
}

// rest looks at every value that nothing was said about: known forms, and names that say secret.
func (f *credentialFile) rest() {
	f.d.Root.Walk(func(n *doc.Node) bool {
		if f.done[n] {
			return false
		}
		if n.Kind == doc.String && n.Text != "" {
			ctx := credential.Context{Key: n.Key, Position: credential.PositionConfig}
			if n.Key == "" && f.d.Format == doc.Text {
				ctx.Position = credential.PositionFile
			}
			ms := credential.Find(n.Text, ctx)
			for _, m := range ms {
				f.match(n, m, detail{})
			}
			if len(ms) == 0 && credential.SecretName(n.Key) {
				f.reference(n)
			}
		}
		return true
	})
}
