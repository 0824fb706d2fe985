package gitea

import (
	"cmp"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/inventory/credential"
	"nhitop/sources/internal/forge"
	"nhitop/sources/internal/httpx"
)

// holder is an assistant on its way: an account, or one token, key or application that is called after a product.
type holder struct {
	rec     inventory.Assistant
	answers []map[inventory.Capability]inventory.Answer
	unknown bool
}

// deliver delivers what is known of accounts and keys when every repository was looked at.
func (c *collection) deliver() {
	logins := make([]string, 0, len(c.accounts))
	for l := range c.accounts {
		logins = append(logins, l)
	}
	slices.Sort(logins)
	for _, l := range logins {
		c.deliverAccount(c.accounts[l])
	}
	for _, print := range c.order {
		c.deliverKey(c.keys[print])
	}
	c.deliverSelf()
}

func (c *collection) deliverAccount(a *account) {
	url := c.userURL(a.Login)
	// An assistant's own account answers for nothing: who does is to be found elsewhere.
	if p, ok := a.person(url); ok && a.acts == "" && (a.holds() || len(a.apps) > 0 || a == c.me || a.told) {
		a.owner = p.ID()
		c.sink.Owner(p.Owner(a.status()))
	}
	var h *holder
	if a.acts != "" {
		h = c.holder(a.product, a, "", "the account "+a.Login+": "+a.acts, url)
		h.rec.LastUsed = signedIn(a.LastLogin)
		h.rec.Purpose, h.rec.Status = credential.Redact(a.Text), map[string]string{"active": "active", "departed": "suspended"}[a.status()]
		h.unknown = a.noList != nil || !a.asked
	}
	for _, t := range a.tokens {
		c.deliverToken(a, t, h)
	}
	for _, k := range a.keys {
		c.deliverUserKey(a, k, h)
	}
	for _, x := range a.apps {
		c.deliverApp(a, x, h)
	}
	if h == nil {
		return
	}
	if len(a.tokens)+len(a.keys) == 0 {
		// What it signs in with is not seen: a password, a key of its own, or a token that may not be listed.
		c.direct(h, a)
	}
	c.finish(h)
}

// holder begins an assistant. part tells several of one account apart.
func (c *collection) holder(product *catalogue.Assistant, a *account, part, why, url string) *holder {
	kind, name, vendor := "custom", a.Login, ""
	if product != nil {
		kind, name, vendor = product.ID, product.Name+" as "+a.Login, product.Vendor
	}
	if part != "" {
		name = cmp.Or(productName(product), "an assistant") + " with the " + part + " of " + a.Login
	}
	h := &holder{rec: inventory.Assistant{
		ID: inventory.NewID(inventory.NounAssistant, kind, c.s.host, key(a.Login), part), Kind: kind, Name: name, Vendor: vendor, Scope: "provider", Account: a.Login, Host: c.s.host,
		Autonomy: inventory.AutonomyUnknown, AutonomyReason: "the server does not tell how far it goes by itself", Sandbox: inventory.SandboxUnknown,
		SandboxReason: "the server does not tell where it runs", Status: "unknown", Evidence: []inventory.Evidence{{Path: url, Note: why}},
	}}
	return h
}

func productName(p *catalogue.Assistant) string {
	if p == nil {
		return ""
	}
	return p.Name
}

func (c *collection) deliverToken(a *account, t tokenAnswer, of *holder) {
	at := c.api.URL(httpx.Path("/users/%s/tokens/%s", a.Login, itoa(t.ID)))
	last, never := used(t.Created, t.LastUsed)
	id := inventory.NewID(inventory.NounSecret, "gitea-token", c.s.host, itoa(t.ID))
	x := inventory.Secret{
		ID: id, Kind: "gitea-token", Issuer: Kind, Account: a.Login, Storage: inventory.StorageProvider, Exposure: inventory.ExposureNone, State: tokenState(a), Scopes: t.Scopes,
		Broad: slices.Contains(t.Scopes, "all"), LongLived: inventory.Yes, Created: t.Created, LastUsed: last, Note: "token " + credential.Redact(t.Name),
		Locations: []inventory.Location{{Path: at, Scope: inventory.ScopeProvider, Note: "token " + credential.Redact(t.Name) + " of " + a.Login}},
		Clues:     []inventory.Clue{{By: inventory.ClueTail8, Text: t.Tail}},
	}
	if never {
		x.Note += ", never used"
	}
	if a.owner != "" {
		x.Owners = []inventory.ID{a.owner}
	}
	h := of
	if h == nil {
		if p := productOf(c.s.cat, t.Name, false); p != nil {
			h = c.holder(p, a, "token "+credential.Redact(t.Name), "a token is called after it", at)
			h.rec.Owners, h.rec.Status = x.Owners, statusOf(x)
		}
	}
	name := "token " + credential.Redact(t.Name) + " of " + a.Login
	rights := c.entitle(id, name, at, a, append(scopes{}, t.Scopes...))
	if h != nil {
		h.rec.Secrets = append(h.rec.Secrets, id)
		h.answers = append(h.answers, rights)
		if last.After(h.rec.LastUsed) {
			h.rec.LastUsed = last
		}
		x.Assistants = []inventory.ID{h.rec.ID}
	}
	c.sink.Secret(x, inventory.Value{})
	if h != nil && h != of {
		c.finish(h)
	}
}

// tokenState: a token of an account that may not sign in is refused, and works again when the account may.
func tokenState(a *account) string {
	switch {
	case !a.told:
		return inventory.StateUnknown
	case a.Prohibit || !a.Active:
		return inventory.StateDisabled
	}
	return inventory.StateLive
}

func statusOf(x inventory.Secret) string {
	switch {
	case x.State == inventory.StateDisabled:
		return "suspended"
	case !x.LastUsed.IsZero():
		return "active"
	}
	return "unknown"
}

// entitle delivers what a token opens, for whoever holds it, and returns the matrix that comes of it.
func (c *collection) entitle(id inventory.ID, name, at string, a *account, s scopes) map[inventory.Capability]inventory.Answer {
	t := a.rights[s.id()]
	if t == nil {
		t = &forge.Tally{}
	}
	worst := t.Worst()
	m := forge.Matrix(forge.Rights(worst), c.complete())
	for _, w := range worst {
		e := c.entitlement(string(id), w.Capability, w.Level, w.Gate, w.Certain, c.resource(w.Repo), at)
		e.Path = append([]string{name}, w.Path[1:]...)
		c.sink.Entitlement(e)
	}
	for _, b := range a.instanceRights(s) {
		e := c.entitlement(string(id), b.capability, b.level, inventory.GateOpen, true, c.instance(), at)
		e.Path = append([]string{name}, b.path...)
		c.sink.Entitlement(e)
		m[b.capability] = inventory.Yes
	}
	return m
}

// complete reports whether everything that decides what somebody may do was read.
func (c *collection) complete() bool { return c.led.lost == 0 && len(c.s.opt.Repositories) == 0 }

func (c *collection) entitlement(via string, cap inventory.Capability, level, gate string, certain bool, res inventory.ID, at string) inventory.Entitlement {
	return inventory.Entitlement{
		ID: inventory.NewID(inventory.NounEntitlement, via, string(cap), string(res)), Via: via, Capability: cap, Level: level, Resource: res, Origin: inventory.OriginDirect,
		Gate: gate, Certain: certain, Evidence: []inventory.Evidence{{Path: at}},
	}
}

// resource delivers a repository that something is said of.
func (c *collection) resource(full string) inventory.ID {
	name := c.s.host + "/" + full
	id := inventory.NewID(inventory.NounResource, "repository", name)
	if c.placed[id] {
		return id
	}
	c.placed[id] = true
	x := inventory.Resource{ID: id, Kind: "repository", Name: name, Guardrails: map[string]string{}, Evidence: []inventory.Evidence{{Path: c.api.URL("/repos/" + full)}}}
	if w := c.guards[full]; w != "" {
		x.Guardrails["default branch"] = w
	}
	c.sink.Resource(x)
	return id
}

// instance delivers the server itself.
func (c *collection) instance() inventory.ID {
	id := inventory.NewID(inventory.NounResource, "forge", c.s.host)
	if c.placed[id] {
		return id
	}
	c.placed[id] = true
	c.sink.Resource(inventory.Resource{ID: id, Kind: "forge", Name: c.s.host, Evidence: []inventory.Evidence{{Path: c.api.Base()}}})
	return id
}

// deliverApp delivers an OAuth application. What its users let it do is told to nobody.
func (c *collection) deliverApp(a *account, x appAnswer, of *holder) {
	at := c.appURL(a, x.ID)
	id := inventory.NewID(inventory.NounSecret, "gitea-oauth-app", c.s.host, itoa(x.ID))
	sec := inventory.Secret{
		ID: id, Kind: "gitea-oauth-app", Issuer: Kind, Account: a.Login, Storage: inventory.StorageProvider, Exposure: inventory.ExposureNone, State: tokenState(a), LongLived: inventory.Yes,
		Created: x.Created, Note: "OAuth application " + credential.Redact(x.Name) + ", client " + x.Client + kindOfClient(x),
		Locations: []inventory.Location{{Path: at, Scope: inventory.ScopeProvider, Note: "OAuth application " + credential.Redact(x.Name) + " of " + a.Login}},
	}
	if a.owner != "" {
		sec.Owners = []inventory.ID{a.owner}
	}
	h := of
	if h == nil {
		if p := productOf(c.s.cat, x.Name, false); p != nil {
			h = c.holder(p, a, "OAuth application "+credential.Redact(x.Name), "an OAuth application is called after it", at)
			h.rec.Owners = sec.Owners
		}
	}
	if h != nil {
		h.unknown = true
		h.rec.Secrets = append(h.rec.Secrets, id)
		sec.Assistants = []inventory.ID{h.rec.ID}
	}
	c.sink.Secret(sec, inventory.Value{})
	if h != nil && h != of {
		c.finish(h)
	}
}

// kindOfClient: a public client has no secret that it could keep.
func kindOfClient(x appAnswer) string {
	if x.Confidential {
		return ""
	}
	return " (public)"
}

// appURL names an application of a user. The API knows only one's own; the name of the user tells in whose name to ask.
func (c *collection) appURL(a *account, id int64) string {
	u := c.api.URL("/user/applications/oauth2/" + itoa(id))
	if a != c.me {
		u += "?sudo=" + strings.TrimPrefix(httpx.Path("/%s", a.Login), "/")
	}
	return u
}

// direct gives an assistant the rights of its account as a whole: what it signs in with is not known.
func (c *collection) direct(h *holder, a *account) {
	t := a.rights[""]
	if t == nil {
		h.unknown = true
		return
	}
	for _, w := range t.Worst() {
		e := c.entitlement(inventory.ViaDelegated, w.Capability, w.Level, w.Gate, false, c.resource(w.Repo), c.userURL(a.Login))
		e.ID = inventory.NewID(inventory.NounEntitlement, string(h.rec.ID), inventory.ViaDelegated, string(w.Capability), string(e.Resource))
		e.Assistant, e.Path = h.rec.ID, append(w.Path, "what it signs in with is not known")
		c.sink.Entitlement(e)
	}
	m := forge.Matrix(forge.Rights(t.Worst()), c.complete())
	for cap, v := range m {
		if v != inventory.No {
			m[cap] = inventory.Unknown
		}
	}
	h.answers = append(h.answers, m)
}

// rank orders answers by how much they allow.
var rank = map[inventory.Answer]int{inventory.No: 1, inventory.Unknown: 2, inventory.Asks: 3, inventory.Yes: 4}

// finish fills the matrix and the class of an assistant, and delivers it.
func (c *collection) finish(h *holder) {
	caps := map[inventory.Capability]inventory.Answer{}
	for _, m := range h.answers {
		for cap, v := range m {
			if rank[v] > rank[caps[cap]] {
				caps[cap] = v
			}
		}
	}
	acts := false
	for _, cap := range forge.Capabilities() {
		if h.unknown && rank[caps[cap]] < rank[inventory.Unknown] {
			caps[cap] = inventory.Unknown
		}
		acts = acts || caps[cap] == inventory.Yes || caps[cap] == inventory.Asks
	}
	h.rec.Capabilities = caps
	switch {
	case acts:
		h.rec.Class, h.rec.ClassReason = inventory.ClassNHI, "it holds a credential of its own that acts at the server"
	case h.unknown || !c.complete():
		h.rec.Class, h.rec.ClassReason = inventory.ClassUnknown, "what it may do could not be read"
	default:
		h.rec.Class, h.rec.ClassReason = inventory.ClassNHI, "it has an identity at the server, which lets it do nothing now"
	}
	c.sink.Assistant(h.rec)
}
