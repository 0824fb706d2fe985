// Package badge reads the bots of a badge office and ends their tokens: a first source to go on from.
//
// It asks GET /bots, which lists {name, owner, token, revoked}, and DELETE /tokens/TOKEN.
//
// It is not: a reader of anything but bots.
package badge

import (
	"context"
	_ "embed"
	"net/http"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources"
	"nhitop/sources/internal/credref"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/self"
)

// Kind is the factory's name.
const Kind = "badge"

//go:embed sample.toml
var sample string

// Options are the table of one office.
type Options struct {
	URL    string      `toml:"url"`
	Token  credref.Ref `toml:"token"`
	Revoke bool        `toml:"revoke"`
}

// Factory makes badge sources.
var Factory = sources.Define(Kind, sample, Options{}, func(o Options, e sources.Env) (sources.Source, error) { return New(o, e) })

// Source is one office. Its methods may be called from several goroutines.
type Source struct {
	o      Options
	env    sources.Env
	lookup credref.Lookup
	http   *httpx.Client
}

// New makes a source. It sends nothing and reads no credential.
func New(o Options, e sources.Env) (*Source, error) {
	if err := o.Token.Check("token"); err != nil {
		return nil, err
	}
	o.URL = strings.TrimRight(o.URL, "/")
	s := &Source{o: o, env: e, lookup: credref.Lookup{Getenv: e.Getenv}}
	get := func(ctx context.Context) (inventory.Value, error) { return o.Token.Read(ctx, s.lookup) }
	var err error
	s.http, err = httpx.New(httpx.Config{Service: "the badge office", Base: o.URL, Authorize: httpx.Bearer(get), Transport: e.Via(o.URL),
		Now: e.Now, Sleep: e.Sleep, Log: e.Log, UserAgent: e.UserAgent})
	return s, err
}

// Info implements sources.Source.
func (s *Source) Info() sources.Info {
	i := sources.Info{Name: Kind, Kind: Kind, Reads: []string{"bots, their owners and tokens"}, Needs: []string{"network: " + s.o.URL, "a token (" + s.o.Token.String() + ")"}}
	if s.o.Revoke {
		i.Revokes = []string{"tokens, for good"}
	}
	return i
}

type bot struct {
	Name    string `json:"name"`
	Owner   string `json:"owner"` // a mail address
	Token   string `json:"token"` // its id
	Revoked bool   `json:"revoked"`
}

const bots, tokens = "/bots", "/tokens/%s"

// Collect implements sources.Source.
func (s *Source) Collect(ctx context.Context, sink inventory.Sink) error {
	v, err := s.o.Token.Read(ctx, s.lookup)
	if err != nil {
		return err
	}
	// nhitop is an identity too: what it holds here is judged like everything else.
	self.Deliver(sink, self.Credential{Service: "the badge office", URL: s.o.URL, Ref: s.o.Token, Value: v, Secret: inventory.Secret{Kind: "badge-token"}})
	var list []bot
	if _, err := s.http.Get(ctx, bots, nil, &list); err != nil {
		// What was not read is said, so that nothing is taken for gone.
		sink.Looked(inventory.Looked{Path: s.http.URL(bots), State: inventory.LookedFailed, Reason: err.Error()})
		return err
	}
	sink.Looked(inventory.Looked{Path: s.http.URL(bots), State: inventory.LookedRead})
	for _, b := range list {
		place := inventory.Evidence{Path: s.http.URL(bots)}
		owner := inventory.Owner{ID: inventory.NewID(inventory.NounOwner, "person", b.Owner), Kind: "person", Name: b.Owner, Email: b.Owner, Evidence: []inventory.Evidence{place}}
		state := inventory.StateLive
		if b.Revoked {
			state = inventory.StateRevoked
		}
		secret := inventory.Secret{ID: inventory.NewID(inventory.NounSecret, s.o.URL, b.Token), Kind: "badge-token", Storage: inventory.StorageProvider,
			Exposure: inventory.ExposureNone, State: state, Owners: []inventory.ID{owner.ID},
			Locations: []inventory.Location{{Path: s.http.URL(httpx.Path(tokens, b.Token)), Scope: inventory.ScopeProvider}}}
		a := inventory.Assistant{ID: inventory.NewID(inventory.NounAssistant, s.o.URL, b.Name), Kind: "custom", Name: b.Name, Class: inventory.ClassUnknown,
			Autonomy: inventory.AutonomyUnknown, Sandbox: inventory.SandboxUnknown, Owners: []inventory.ID{owner.ID}, Secrets: []inventory.ID{secret.ID}, Evidence: []inventory.Evidence{place}}
		secret.Assistants = []inventory.ID{a.ID}
		sink.Owner(owner)
		sink.Assistant(a)
		sink.Secret(secret, inventory.Value{}) // the office does not show the value
	}
	return nil
}

// paramToken is the key of revoke.Step.Params: the token's id.
const paramToken = "token"

// Plan implements revoke.Revoker. A record is known again by its address below the office's own.
func (s *Source) Plan(_ context.Context, t revoke.Target, snap *inventory.Snapshot) ([]revoke.Step, error) {
	x := snap.Secret(t.ID)
	if x == nil || x.State == inventory.StateRevoked || t.Action != "" && t.Action != revoke.ActionRevoke {
		return nil, nil
	}
	for _, l := range x.Locations {
		if id, ok := strings.CutPrefix(l.Path, s.http.URL(httpx.Path(tokens, ""))); ok && id != "" && l.Scope == inventory.ScopeProvider {
			return []revoke.Step{{Source: Kind, Action: revoke.ActionRevoke, Layer: revoke.LayerCredential, Target: x.ID, TargetName: "badge token " + id,
				Summary: "revoke the badge token " + id, Request: "DELETE " + l.Path, Effect: "the office refuses it from now on, for good",
				Horizon: time.Minute, Promises: revoke.Attested, Params: map[string]string{paramToken: id}}}, nil
		}
	}
	return nil, nil
}

// Apply implements revoke.Revoker. Only in an armed context does the client send anything but GET.
func (s *Source) Apply(ctx context.Context, st revoke.Step) (revoke.Receipt, error) {
	if !s.o.Revoke || s.env.ReadOnly {
		return revoke.Receipt{}, revoke.ErrReadOnly
	}
	resp, err := s.http.Do(httpx.Armed(ctx, st.ID), httpx.Request{Method: http.MethodDelete, Path: httpx.Path(tokens, st.Params[paramToken]), Idempotent: true})
	if err != nil {
		return revoke.Receipt{}, err
	}
	return revoke.Receipt{Detail: "the office answered " + http.StatusText(resp.Status)}, nil
}

// Verify implements revoke.Revoker: it reads the list again. What it cannot see it does not say.
func (s *Source) Verify(ctx context.Context, st revoke.Step, _ revoke.Receipt) (revoke.Proof, error) {
	var list []bot
	if _, err := s.http.Get(ctx, bots, nil, &list); err != nil {
		return revoke.Proof{}, err
	}
	if slices.ContainsFunc(list, func(b bot) bool { return b.Token == st.Params[paramToken] && !b.Revoked }) {
		return revoke.Proof{Grade: revoke.Alive, Detail: "STILL ALIVE: the office lists it"}, nil
	}
	return revoke.Proof{Grade: revoke.Attested, Detail: "the office lists it as revoked, or no more"}, nil
}

var _ interface {
	sources.Source
	revoke.Revoker
} = (*Source)(nil)
