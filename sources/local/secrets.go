package local

import (
	"bytes"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/inventory/credential"
	"nhitop/sources/internal/doc"
	"nhitop/sources/internal/people"
)

// placed is a secret at one place of a file.
type placed struct {
	id      inventory.ID
	kind    string
	src     *source
	pointer string
	line    int
}

// below reports whether the secret stands at or under a pointer of a file.
func (p placed) below(s *source, pointer string) bool {
	return p.src == s && (p.pointer == pointer || strings.HasPrefix(p.pointer, pointer+"/"))
}

// scan finds the secrets of one file, or of a part of it.
type scan struct {
	c       *collection
	src     *source
	ties    []inventory.ID // assistants that hold what is found
	ambient bool           // a credential of the user, not of an assistant
	skip    map[*doc.Node]bool
	only    *doc.Node                 // nil: the whole document
	inner   func(pointer string) bool // pointers where a reference stands for a secret whatever its name: a server's entry

	declared map[*doc.Node]*catalogue.Secret
	ignored  map[*doc.Node]bool
	out      []placed
	seen     map[inventory.ID]bool
}

const maxLine = 64 << 10

// run returns what was found, in file order.
func (x *scan) run() []placed {
	s := x.src
	x.seen = map[inventory.ID]bool{}
	if s.doc != nil && s.doc.Root != nil {
		x.rows()
		root := s.doc.Root
		if x.only != nil {
			root = x.only
		}
		x.walk(root, "", "")
	}
	if x.only == nil && (s.doc == nil || s.broken || s.row != nil && s.row.Format == string(doc.Text)) {
		x.lines(s.data)
	}
	return x.out
}

// rows marks the values that the catalogue speaks of.
func (x *scan) rows() {
	x.declared, x.ignored = map[*doc.Node]*catalogue.Secret{}, map[*doc.Node]bool{}
	if x.src.row == nil {
		return
	}
	for i := range x.src.row.Secrets {
		row := &x.src.row.Secrets[i]
		for _, n := range x.src.doc.Match(row.Pointer) {
			x.declare(n, row)
		}
	}
	for _, pattern := range x.src.row.Ignore {
		for _, n := range x.src.doc.Match(pattern) {
			x.ignored[n] = true
		}
	}
}

func (x *scan) declare(n *doc.Node, row *catalogue.Secret) {
	if x.declared[n] != nil {
		return // the first row that names a value speaks
	}
	x.declared[n] = row
	if row.Kind == "" {
		return
	}
	for _, m := range n.Children {
		if m.Kind == doc.String {
			x.declare(m, row)
		}
	}
}

// walk goes through the values. key is the name that a value goes by: its own, that of the list it stands in, or the
// flag before it.
func (x *scan) walk(n *doc.Node, key, before string) {
	if x.ignored[n] || x.skip[n] {
		return
	}
	if n.Key != "" {
		key = n.Key
	}
	switch n.Kind {
	case doc.Object:
		for _, m := range n.Children {
			x.walk(m, key, "")
		}
	case doc.Array:
		flag := ""
		for _, m := range n.Children {
			x.walk(m, key, flag)
			flag = ""
			if m.Kind == doc.String && strings.HasPrefix(m.Text, "-") && !strings.Contains(m.Text, "=") {
				flag = m.Text
			}
		}
	case doc.String, doc.Number:
		if before != "" {
			key = strings.TrimLeft(before, "-")
		}
		x.scalar(n, key, before)
	}
}

// scalar judges one value.
func (x *scan) scalar(n *doc.Node, key, before string) {
	row := x.declared[n]
	if n.Text == "" || n.Kind == doc.Number && (row == nil || row.Kind == "") {
		return
	}
	ctx := credential.Context{Key: key, Position: position(n, before)}
	if row != nil && row.Kind != "" {
		ctx.Declared, ctx.DeclaredKind, ctx.DeclaredIssuer = true, row.Kind, row.Issuer
	}
	for _, m := range credential.Find(n.Text, ctx) {
		x.emit(n, m, row)
	}
	if row != nil || credential.SecretName(key) || x.inner != nil && x.inner(n.Pointer) {
		if ref, ok := credential.Reference(n.Text); ok {
			x.refer(ref, n)
		}
	}
}

// positions are the members whose values stand in a place of their own.
var positions = map[string]string{
	"env": credential.PositionEnv, "environment": credential.PositionEnv, "envs": credential.PositionEnv,
	"headers": credential.PositionHeader, "http_headers": credential.PositionHeader, "extra_headers": credential.PositionHeader,
	"extraHeaders": credential.PositionHeader, "customHeaders": credential.PositionHeader,
	"args": credential.PositionArgument, "command": credential.PositionArgument, "cmd": credential.PositionArgument,
	"url": credential.PositionURL, "httpUrl": credential.PositionURL, "serverUrl": credential.PositionURL, "uri": credential.PositionURL,
}

// position tells where a value stands from the names of the members above it.
func position(n *doc.Node, flag string) string {
	if flag != "" {
		return credential.PositionArgument
	}
	parts := strings.Split(n.Pointer, "/")
	for i := len(parts) - 1; i >= max(len(parts)-2, 1); i-- {
		if p, ok := positions[parts[i]]; ok {
			return p
		}
	}
	return credential.PositionConfig
}

func (x *scan) refer(ref credential.Ref, n *doc.Node) {
	r := inventory.Reference{Kind: ref.Kind, Text: ref.Text, Path: x.src.shown, Pointer: doc.SafePointer(n.Pointer), Line: n.Line}
	if len(x.ties) > 0 {
		r.Assistant = x.ties[0]
	}
	x.c.sink.Reference(r)
}

// vague are kinds that only say that something is a secret; what the catalogue says of the place is better.
var vague = map[string]bool{"generic-api-key": true, "generic-password": true, "opaque-bearer": true, "jwt": true, "oauth-access": true, "oauth-refresh": true}

// emit delivers one secret.
func (x *scan) emit(n *doc.Node, m credential.Match, row *catalogue.Secret) {
	sec := inventory.Secret{
		Kind: m.Kind, Issuer: m.Issuer, Account: m.Account, Scopes: m.Scopes, Checksum: m.Checksum, Broad: m.Broad,
		LongLived: m.LongLived, Created: m.Created, Expires: m.Expires, Note: m.Note, Assistants: x.ties,
	}
	if row != nil {
		x.enrich(&sec, n, row, m.Sure)
	}
	paired(x.src.doc, n, m, &sec)
	line := n.Line
	if x.src.doc != nil && (x.src.doc.Format == doc.Text || x.src.doc.Format == doc.Lines) && m.Start > 0 {
		line += strings.Count(n.Text[:min(m.Start, len(n.Text))], "\n")
	}
	x.deliver(sec, m, n.Pointer, line)
}

// tidy takes secrets out of what stands beside a secret: where a host or a scope belongs, there may be another one.
func tidy(sec *inventory.Secret) {
	sec.Account, sec.Note = credential.Redact(sec.Account), credential.Redact(sec.Note)
	sec.Scopes = redacted(sec.Scopes)
}

// deliver fills in what the file says of the secret and hands both over.
func (x *scan) deliver(sec inventory.Secret, m credential.Match, pointer string, line int) {
	tidy(&sec)
	if k := x.c.cat.Kind(sec.Kind); k != nil {
		sec.Broad = sec.Broad || k.Broad
		if sec.Issuer == "" {
			sec.Issuer = k.Issuer
		}
	}
	sec.Storage, sec.Exposure = inventory.StoragePlaintext, x.src.exposure()
	sec.State, sec.Ambient = inventory.StateUnknown, x.ambient
	if !sec.Expires.IsZero() && sec.Expires.Before(x.c.now) {
		sec.State = inventory.StateExpired
	}
	if p, ok := people.New("", sec.Account, "the token itself", inventory.Evidence{Path: x.src.shown, Pointer: doc.SafePointer(pointer), Line: line, Note: "named by the " + sec.Kind}); ok && m.Form != "url-userinfo" {
		sec.Owners = []inventory.ID{x.c.owner(p)} // USER@HOST of a URL looks like an address and is a login at that host
	}
	loc := x.src.location()
	loc.Pointer, loc.Line, loc.Form = doc.SafePointer(pointer), line, m.Form
	sec.Locations = []inventory.Location{loc}
	id := x.c.sink.Secret(sec, m.Value)
	x.seen[id] = true
	x.out = append(x.out, placed{id: id, kind: sec.Kind, src: x.src, pointer: pointer, line: line})
}

// enrich adds what stands beside a declared secret.
func (x *scan) enrich(sec *inventory.Secret, n *doc.Node, row *catalogue.Secret, sure bool) {
	if row.Kind != "" && (!sure || vague[sec.Kind]) {
		sec.Kind = row.Kind
		if row.Issuer != "" {
			sec.Issuer = row.Issuer
		}
	}
	if sec.Issuer == "" {
		sec.Issuer = row.Issuer
	}
	if v := x.beside(n, row.Expires); v != nil && sec.Expires.IsZero() {
		sec.Expires = parseTime(v.Text)
	}
	if v := x.beside(n, row.Account); v != nil && sec.Account == "" {
		sec.Account = credential.Redact(v.Text)
	}
	if v := x.beside(n, row.Scopes); v != nil && len(sec.Scopes) == 0 {
		sec.Scopes = v.Strings()
		if v.Kind == doc.String {
			sec.Scopes = strings.FieldsFunc(v.Text, func(r rune) bool { return r == ' ' || r == ',' })
		}
	}
	if row.Low && sec.Note == "" {
		sec.Note = "the secret of a public client, of little worth"
	}
}

// beside returns the value at a pointer relative to the parent of n, or from the root where the pointer begins with a slash.
func (x *scan) beside(n *doc.Node, pointer string) *doc.Node {
	if pointer == "" {
		return nil
	}
	if strings.HasPrefix(pointer, "/") {
		return x.src.doc.At(pointer)
	}
	parent := n.Pointer[:max(strings.LastIndexByte(n.Pointer, '/'), 0)]
	return x.src.doc.At(parent + "/" + pointer)
}

// lines looks for shapes in a file that was not understood, or not in whole. Only what its shape gives away is taken.
func (x *scan) lines(data []byte) {
	line := 0
	for len(data) > 0 {
		var l []byte
		l, data, _ = bytes.Cut(data, []byte("\n"))
		line++
		if len(l) > maxLine {
			l = l[:maxLine]
		}
		for _, m := range credential.Find(string(l), credential.Context{Position: credential.PositionFile}) {
			if !m.Sure || x.seen[x.c.sink.SecretID(m.Value)] {
				continue
			}
			sec := inventory.Secret{
				Kind: m.Kind, Issuer: m.Issuer, Account: m.Account, Scopes: m.Scopes, Checksum: m.Checksum, Broad: m.Broad,
				LongLived: m.LongLived, Created: m.Created, Expires: m.Expires, Note: m.Note, Assistants: x.ties,
			}
			x.deliver(sec, m, "", line)
		}
	}
}

// location is where a file's secrets stand.
func (s *source) location() inventory.Location {
	l := inventory.Location{Path: s.shown, Scope: inventory.ScopeUser, Mode: octal(s.mode), Committed: s.committed(), Backup: s.isBackup()}
	if s.repo {
		l.Scope = inventory.ScopeRepo
	}
	return l
}

func (s *source) isBackup() bool { return s.backup || s.row != nil && s.row.Role == "backup" }

// committed tells whether Git tracks the file; "" where there is no Git.
func (s *source) committed() inventory.Answer {
	if s.tree == nil {
		return ""
	}
	for _, p := range []string{s.real, s.path} {
		if below(s.tree.root, p) {
			return s.tree.git.Tracked(relSlash(s.tree.root, p))
		}
	}
	return ""
}

// exposure tells who can get at the file.
func (s *source) exposure() string {
	switch {
	case s.committed() == inventory.Yes:
		return inventory.ExposureCommitted
	case s.mode&0o044 != 0:
		return inventory.ExposureShared
	}
	return inventory.ExposureLocal
}
