package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/posture"
	"nhitop/inventory/revoke"
	"nhitop/inventory/risk"
)

// mostReach is how much of what a credential opens is printed: the worst of it.
const mostReach = 12

type identityDocument struct {
	Schema   string   `json:"schema"`
	Identity identity `json:"identity"`
}

type identity struct {
	ID         inventory.ID      `json:"id"`
	Kind       string            `json:"kind"`
	Issuer     string            `json:"issuer,omitempty"`
	Account    string            `json:"account,omitempty"`
	KeyID      string            `json:"key_id,omitempty"`
	Hint       string            `json:"hint,omitempty"`
	Checksum   string            `json:"checksum,omitempty"`
	Created    time.Time         `json:"created,omitzero"`
	Expires    time.Time         `json:"expires,omitzero"`
	LongLived  inventory.Answer  `json:"long_lived,omitempty"`
	Scopes     []string          `json:"scopes"`
	Note       string            `json:"note,omitempty"`
	Known      bool              `json:"known"` // it stands in the inventory
	FoundBy    string            `json:"found_by,omitempty"`
	Secret     *inventory.Secret `json:"secret,omitempty"`
	Assistants []named           `json:"assistants"`
	Owners     []named           `json:"owners"`
	With       []named           `json:"leaked_with"` // other secrets that stand in the files that it leaked with
	Reach      []risk.Reach      `json:"reach"`       // worst first
	Answers    []answered        `json:"answers"`
}

type named struct {
	ID   inventory.ID `json:"id"`
	Name string       `json:"name"`
}

type answered struct {
	Source  string   `json:"source"`
	State   string   `json:"state"`
	Account string   `json:"account,omitempty"`
	Scopes  []string `json:"scopes"`
	Reaches []string `json:"reaches"`
	Detail  string   `json:"detail"`
}

// Identity writes what is known of a credential in hand, never the credential itself. answers are what its issuer said,
// where it was asked; s may be nil.
func Identity(w io.Writer, format string, in *posture.Incident, answers []revoke.Answer, s *inventory.Snapshot, o Options) error {
	x := identityOf(in, answers, s)
	switch format {
	case "json":
		return writeJSON(w, identityDocument{inventory.Schema, x})
	case "table":
		return identityPage(x).text(w, o)
	}
	return unknownFormat(format, ActFormats()...)
}

func identityOf(in *posture.Incident, answers []revoke.Answer, s *inventory.Snapshot) identity {
	x := identity{ID: in.Held.ID, Kind: in.Held.Kind, Issuer: in.Held.Issuer, Account: in.Held.Account, KeyID: in.Held.KeyID, Hint: in.Hint, Checksum: in.Checksum, Created: in.Created,
		Expires: in.Expires, LongLived: in.LongLived, Scopes: filled(in.Scopes), Note: in.Note, Known: in.Secret != nil, FoundBy: in.FoundBy, Secret: in.Secret,
		Assistants: []named{}, Owners: []named{}, With: []named{}, Reach: filled(in.Reach), Answers: []answered{}}
	if s != nil {
		for _, a := range s.AssistantsOf(in.Held.ID) {
			x.Assistants = append(x.Assistants, named{a.ID, assistantName(a)})
		}
		for _, id := range in.Owners {
			x.Owners = append(x.Owners, named{id, Name(s, id)})
		}
	}
	for _, y := range in.With {
		x.With = append(x.With, named{y.ID, strings.TrimSuffix(y.Kind+" …"+y.Hint, " …")})
	}
	for _, a := range answers {
		x.Answers = append(x.Answers, answered{a.Source, a.State, a.Account, filled(a.Scopes), filled(a.Reaches), a.Detail})
	}
	return x
}

func identityPage(x identity) *page {
	g := &page{}
	title := x.Kind
	if x.Hint != "" {
		title += " …" + x.Hint
	}
	g.title(title)
	g.facts(kv("issuer", c(x.Issuer)), kv("account", c(x.Account)), kv("key id", c(x.KeyID)), kv("checksum", t(x.Checksum)), kv("created", t(date(x.Created))), kv("expires", t(date(x.Expires))),
		kv("long lived", t(string(x.LongLived))), kv("scopes", c(strings.Join(x.Scopes, " "))), kv("note", t(x.Note)), kv("id", c(string(x.ID))))
	g.head("Where it was seen")
	if !x.Known {
		g.say(t("Nowhere: no source has seen it, in what was read so far."))
	} else {
		g.facts(kv("known by", t(x.FoundBy)), kv("state", t(x.Secret.State)), kv("exposure", t(x.Secret.Exposure)), kv("last used", t(date(x.Secret.LastUsed))))
		var is items
		for _, l := range x.Secret.Locations {
			is = append(is, item{head: []cell{c(place(l.Path, l.Line)), t(l.Scope)}})
		}
		g.list(is)
	}
	g.names("Who holds or reaches it", x.Assistants)
	g.names("Who answers for it", x.Owners)
	g.names("What leaked with it, in the same file", x.With)
	if len(x.Reach) > 0 {
		g.head("What it opens, worst first")
		var is items
		for _, r := range x.Reach[:min(len(x.Reach), mostReach)] {
			head := []cell{{r.Doing, strong}, c(r.Name)}
			if r.Production {
				head = append(head, cell{"PRODUCTION", bad})
			}
			if !r.Certain {
				head = append(head, faint("possible by its kind; its real scope is not known"))
			}
			is = append(is, item{head: head, under: []cell{faint(strings.Join(r.Path, " -> "))}})
		}
		g.list(is)
		if more := len(x.Reach) - mostReach; more > 0 {
			g.say(faint(fmt.Sprintf("and %d more; --format json lists them", more)))
		}
	}
	for _, a := range x.Answers {
		g.head("Its issuer says: " + a.State)
		g.facts(kv("account", c(a.Account)), kv("scopes", c(strings.Join(a.Scopes, " "))), kv("answer", t(a.Detail)), kv("asked by source", c(a.Source)))
		bullets(g, "It opens", a.Reaches)
	}
	return g
}

func (p *page) names(head string, xs []named) {
	if len(xs) == 0 {
		return
	}
	p.head(head)
	var is items
	for _, x := range xs {
		is = append(is, item{head: []cell{{inventory.Clean(x.Name), strong}, faint(string(x.ID))}})
	}
	p.list(is)
}
