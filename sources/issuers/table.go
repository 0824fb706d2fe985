package issuers

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/BurntSushi/toml"
)

//go:embed issuers.toml
var table string

// row is one issuer, for the kinds of credential that it answers about in the same way.
type row struct {
	ID       string            `toml:"id"`
	Service  string            `toml:"service"`
	Kinds    []string          `toml:"kinds"`
	Base     string            `toml:"base"`
	Auth     string            `toml:"auth"` // that of [revoke.Step.Auth], or "basic-user"
	Headers  map[string]string `toml:"headers"`
	Ask      *call             `toml:"ask"`
	Control  *call             `toml:"control"`
	Kill     *call             `toml:"kill"`
	Tells    string            `toml:"tells"`    // who else learns of it
	Survives string            `toml:"survives"` // what lives on when the credential is dead
	Horizon  duration          `toml:"horizon"`  // until when the issuer may go on accepting it
}

// call is one request and what its answers mean.
type call struct {
	Method       string `toml:"method"` // "": GET
	Path         string `toml:"path"`
	Body         string `toml:"body"` // JSON
	Anonymous    bool   `toml:"anonymous"`
	Idempotent   bool   `toml:"idempotent"`
	Live         []int  `toml:"live"`
	LiveIf       member `toml:"live_if"`    // besides a status of live
	Refused      []int  `toml:"refused"`    // mean dead only where the same call accepted the credential before
	RefusedIf    member `toml:"refused_if"` // so does this, whatever the status
	DeadIf       member `toml:"dead_if"`    // the issuer says that it was one of its own; whatever the status
	Done         []int  `toml:"done"`
	DoneIf       member `toml:"done_if"`
	Account      string `toml:"account"`       // member that says whose it is, dotted
	ScopesHeader string `toml:"scopes_header"` // header that lists what it may do
}

// member is a condition on a member of the answer.
type member struct {
	Member string   `toml:"member"`
	Is     []string `toml:"is"`
}

type duration time.Duration

func (d *duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	*d = duration(v)
	return err
}

// rows reads the table once. It is part of the program: what is wrong with it is found by the tests.
var rows = sync.OnceValue(func() []row {
	rs, err := parse(table)
	if err != nil {
		panic(fmt.Sprintf("issuers.toml: %v", err))
	}
	return rs
})

func parse(text string) ([]row, error) {
	var t struct {
		Issuer []row `toml:"issuer"`
	}
	md, err := toml.Decode(text, &t)
	if err != nil {
		return nil, err
	}
	if un := md.Undecoded(); len(un) > 0 {
		return nil, fmt.Errorf("unknown key %s", un[0])
	}
	for i := range t.Issuer {
		if err := t.Issuer[i].check(); err != nil {
			return nil, fmt.Errorf("issuer %d (%s): %w", i+1, t.Issuer[i].ID, err)
		}
	}
	return t.Issuer, nil
}

func (r *row) check() error {
	switch scheme, _, _ := strings.Cut(r.Auth, " "); {
	case r.ID == "" || r.Service == "" || len(r.Kinds) == 0:
		return fmt.Errorf("needs id, service and kinds")
	case !slices.Contains([]string{"bearer", "basic-user", "header"}, scheme):
		return fmt.Errorf("auth %q is not known", r.Auth)
	case r.Ask == nil && r.Kill == nil:
		return fmt.Errorf("neither asks nor kills")
	case r.Ask != nil && len(r.Ask.Refused)+len(r.Ask.RefusedIf.Is)+len(r.Ask.DeadIf.Is) == 0:
		return fmt.Errorf("nothing would mean dead")
	}
	for name, c := range map[string]*call{"ask": r.Ask, "control": r.Control, "kill": r.Kill} {
		if c == nil {
			continue
		}
		if !strings.HasPrefix(c.Path, "/") || c.Body != "" && !json.Valid([]byte(c.Body)) {
			return fmt.Errorf("%s: needs a path, and a body that is JSON", name)
		}
		if name == "kill" && len(c.Done) == 0 {
			return fmt.Errorf("kill: no status means done")
		}
	}
	return nil
}

// rowFor finds the issuer of a kind; nil if none is known.
func rowFor(kind string) *row {
	rs := rows()
	for i := range rs {
		if slices.Contains(rs[i].Kinds, kind) {
			return &rs[i]
		}
	}
	return nil
}

// ids lists the issuers.
func ids() []string {
	var out []string
	for _, r := range rows() {
		if !slices.Contains(out, r.ID) {
			out = append(out, r.ID)
		}
	}
	return out
}
