package npm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/sources"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/people"
	"nhitop/sources/internal/self"
)

// collecting is one reading of an account.
type collecting struct {
	*Source
	ctx     context.Context
	sink    inventory.Sink
	c       *httpx.Client
	value   inventory.Value // of the credential that reads
	account string
	owner   inventory.ID
	publish []string // packages that the account may publish, where the registry tells
	told    bool
	list    []token
	listed  bool // the list was read to its end
	errs    []error
}

// Collect implements sources.Source.
func (s *Source) Collect(ctx context.Context, sink inventory.Sink) error {
	v, err := s.o.Token.Read(ctx, s.lookup)
	if err != nil {
		return fmt.Errorf("token: %w", err)
	}
	c, err := s.client(httpx.Held(v), func(w httpx.Wait) { sink.Progress(w.String()) })
	if err != nil {
		return err
	}
	x := &collecting{Source: s, ctx: ctx, sink: sink, c: c, value: v}
	sink.Progress("asking " + s.host() + " who the credential is")
	if x.account, err = who(ctx, c, httpx.Request{}); err != nil {
		x.looked(pathWho, err, "")
		return err
	}
	x.looked(pathWho, nil, "")
	x.person()
	x.packages()
	x.tokens()
	x.deliver()
	return x.verdict()
}

// looked writes a line of the ledger. need says what would be needed to read it.
func (x *collecting) looked(path string, err error, need string) {
	l := inventory.Looked{Path: x.c.URL(path), State: inventory.LookedRead}
	switch status := httpx.Status(err); {
	case err == nil:
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		l.State, l.Reason = inventory.LookedDenied, cmp.Or(need, "the credential is not accepted")
	case status == http.StatusNotFound || status == http.StatusNotImplemented:
		l.State, l.Reason = inventory.LookedAbsent, "this registry has no such interface"
	case errors.Is(err, httpx.ErrTooLarge):
		l.State, l.Reason = inventory.LookedTooLarge, err.Error()
	case errors.Is(err, httpx.ErrAnswer):
		l.State, l.Reason = inventory.LookedUnparsed, err.Error()
	default:
		l.State, l.Reason = inventory.LookedSkipped, err.Error()
	}
	x.sink.Looked(l)
	if err != nil && l.State != inventory.LookedAbsent {
		x.errs = append(x.errs, err)
	}
}

// person delivers the account as the one who answers for its tokens.
func (x *collecting) person() {
	var u struct {
		Email    string `json:"email"`
		Verified bool   `json:"email_verified"`
	}
	_, err := x.c.Get(x.ctx, pathUser, nil, &u)
	x.looked(pathUser, err, "the profile needs a token that is not limited to packages")
	if s := httpx.Status(err); err != nil && s != http.StatusNotFound && s != http.StatusNotImplemented {
		return // without the address it might be another person than the one that is known
	}
	if !u.Verified {
		u.Email = "" // anybody can write any address into a profile
	}
	p, ok := people.New(x.account, u.Email, "account of the registry", inventory.Evidence{Path: x.c.URL(pathWho), Note: "account at " + x.host()})
	if !ok {
		return
	}
	p.Host = x.host()
	x.owner = p.ID()
	x.sink.Owner(p.Owner(""))
}

// packages asks what the account and its organisations may publish.
func (x *collecting) packages() {
	ask := []string{httpx.Path(userPackage, x.account)}
	for _, o := range x.o.Orgs {
		ask = append(ask, httpx.Path(orgPackage, o))
	}
	for _, path := range ask {
		names, told, err := mayPublish(x.ctx, x.c, path)
		if err == nil && !told {
			x.sink.Looked(inventory.Looked{Path: x.c.URL(path), State: inventory.LookedAbsent, Reason: "this registry does not tell what an account may publish"})
			continue
		}
		x.looked(path, err, "which packages may be published needs a token that may read organisations")
		x.publish, x.told = append(x.publish, names...), x.told || told
	}
	slices.Sort(x.publish)
	x.publish = slices.Compact(x.publish)
}

// tokens reads the list.
func (x *collecting) tokens() {
	x.sink.Progress("reading the tokens of " + x.account)
	var failed error
	for t, err := range tokens(x.ctx, x.c) {
		if err != nil {
			failed = err
			break
		}
		x.list = append(x.list, t)
	}
	x.listed = failed == nil
	x.looked(pathTokens, failed, "the list of tokens needs a token of the account itself")
	if s := httpx.Status(failed); s == http.StatusNotFound || s == http.StatusNotImplemented {
		x.errs = append(x.errs, fmt.Errorf("%s lists no tokens: which there are is not known", x.host()))
	}
}

// deliver gives every token that was listed, and nhitop's own credentials.
func (x *collecting) deliver() {
	res := inventory.Resource{
		ID: inventory.NewID(inventory.NounResource, "registry", x.host()), Kind: "registry", Name: x.host(),
		Evidence: []inventory.Evidence{{Path: x.o.URL}},
	}
	x.sink.Resource(res)
	for i := range x.list {
		x.token(&x.list[i], res.ID)
	}
	x.self(self.Credential{Use: "reads", Ref: x.o.Token, Value: x.value}, res.ID)
	if x.o.Revoke && !x.o.RevokeToken.IsZero() {
		v, err := x.o.RevokeToken.Read(x.ctx, x.lookup)
		if err != nil {
			x.errs = append(x.errs, fmt.Errorf("revoke_token: %w", err))
			return
		}
		x.self(self.Credential{Use: "revokes", Ref: x.o.RevokeToken, Value: v}, res.ID)
	}
}

const kind, issuer = "npm-token", "npm"

// secretID names a token by its key.
func (s *Source) secretID(key string) inventory.ID {
	return inventory.NewID(inventory.NounSecret, kind, s.o.URL, key)
}

// token delivers one token of the list, and what it opens.
func (x *collecting) token(t *token, registry inventory.ID) {
	secret := x.facts(t)
	secret.ID, secret.Clues = x.secretID(t.Key), t.clues()
	secret.Storage, secret.Exposure = inventory.StorageProvider, inventory.ExposureNone
	x.sink.Secret(secret, inventory.Value{})
	e := inventory.Entitlement{
		ID:  inventory.NewID(inventory.NounEntitlement, string(secret.ID), string(inventory.PublishPackage), string(registry)),
		Via: string(secret.ID), Capability: inventory.PublishPackage, Level: "write", Resource: registry, Origin: inventory.OriginDirect,
		GrantedAt: secret.Created, GrantedBy: x.account, Expires: secret.Expires, LastUsed: secret.LastUsed,
		Evidence: []inventory.Evidence{{Path: x.c.URL(pathTokens), Note: t.label()}},
	}
	e.Gate, e.Certain, e.Path = x.right(t)
	x.sink.Entitlement(e)
}

// facts are what the registry tells of a token.
func (x *collecting) facts(t *token) inventory.Secret {
	s := inventory.Secret{
		Kind: kind, Issuer: issuer, Account: x.account, State: inventory.StateLive, Scopes: t.scopes(), Created: t.Created.Time, Expires: t.expires(),
		LastUsed: t.LastUsed.Time, Locations: []inventory.Location{{Path: x.c.URL(pathToken + t.Key), Scope: inventory.ScopeProvider, Note: t.label()}},
	}
	if x.owner != "" {
		s.Owners = []inventory.ID{x.owner}
	}
	if !s.Expires.IsZero() {
		s.LongLived = inventory.No
		if s.Expires.Before(x.now()) {
			s.State = inventory.StateExpired
		}
	}
	if t.automates() {
		s.Note = "publishes without a second factor"
	}
	return s
}

func (s *Source) now() time.Time {
	if s.env.Now == nil {
		return time.Now()
	}
	return s.env.Now()
}

// right says whether a token can publish, and proves it in words.
func (x *collecting) right(t *token) (gate string, certain bool, path []string) {
	can, told := t.publishes()
	path = []string{fmt.Sprintf("%s of %s at %s", t.label(), x.account, x.host())}
	switch {
	case !can:
		return inventory.GateBlocked, true, append(path, "read-only", "publish-package: refused by the registry")
	case !t.expires().IsZero() && t.expires().Before(x.now()):
		return inventory.GateBlocked, true, append(path, "expired "+t.expires().Format(time.DateOnly), "publish-package: refused by the registry")
	case told:
		path = append(path, "may write")
	default:
		path = append(path, "the registry does not say whether it may write")
	}
	if from := t.addresses(); len(from) > 0 {
		path = append(path, "only from "+strings.Join(from, ", "))
	}
	if t.automates() {
		path = append(path, "without a second factor")
	}
	return inventory.GateOpen, told, append(path, "publish-package: "+x.what(t))
}

// what names what a token publishes, in few words.
func (x *collecting) what(t *token) string {
	limited := slices.Concat(t.Packages, t.Scopes)
	switch {
	case len(limited) > 0 && (t.All == nil || !*t.All):
		return some(limited)
	case x.told && len(x.publish) == 0:
		return "new packages; the account may write to none that is there"
	case x.told:
		return some(x.publish)
	}
	return "every package that " + x.account + " may publish; the registry does not list them"
}

// some names the first of a list and how many there are.
func some(names []string) string {
	const most = 3
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// self delivers one of nhitop's own credentials. Which of the list it is, the list tells by a hash or by its ends.
func (x *collecting) self(c self.Credential, registry inventory.ID) {
	c.Service, c.URL = x.service(), x.c.URL(pathWho)
	c.Secret = inventory.Secret{Kind: kind, Issuer: issuer, Account: x.account, State: inventory.StateLive}
	right := self.Right{Capability: inventory.PublishPackage, Level: "write", Resource: registry, Path: []string{"a token that the registry does not list: made by logging in, it may do all that " + x.account + " may"}}
	if !x.listed {
		right.Path = []string{"what it may do is not known: the list of tokens could not be read"}
	}
	if x.owner != "" {
		c.Secret.Owners = []inventory.ID{x.owner}
	}
	for i := range x.list {
		t := &x.list[i]
		if slices.ContainsFunc(t.clues(), func(q inventory.Clue) bool { return q.Fits(c.Value) }) {
			c.Secret = x.facts(t)
			right.Path = []string{string(inventory.PublishPackage)} // merge knows the two for one, and what the list says for certain
			break
		}
	}
	c.Rights = []self.Right{right}
	self.Deliver(x.sink, c)
}

// verdict is the end of the collection.
func (x *collecting) verdict() error {
	if err := x.ctx.Err(); err != nil {
		return err
	}
	if len(x.errs) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %w", sources.ErrPartial, errors.Join(x.errs...))
}
