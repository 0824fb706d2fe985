package review

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/credential"
)

// Decision is one person's word about one item.
type Decision struct {
	ID       string       `json:"id"`
	Review   string       `json:"review"`
	Item     inventory.ID `json:"item"`
	Kind     string       `json:"decision"`
	Reason   string       `json:"reason,omitempty"`
	Owner    string       `json:"owner,omitempty"` // of a transfer
	At       time.Time    `json:"at"`
	By       string       `json:"by"`
	Until    time.Time    `json:"until"`    // the decision's own end: of an exception as given, else when the item is due again
	Conflict string       `json:"conflict"` // why the reviewer is not independent; "none seen"
	Undone   bool         `json:"undone,omitempty"`
}

const maxText = 1000 // bytes of a reason

func clean(s string) string {
	s = strings.TrimSpace(inventory.Clean(credential.Redact(s)))
	if len(s) > maxText {
		s = strings.ToValidUTF8(s[:maxText], "") + "…"
	}
	return s
}

// Prepare returns a decision as it is kept, or why it is refused. Keeping needs a reason for what is critical, urgent or
// unused; everything else needs one always.
func (st *State) Prepare(d Decision, by string, now time.Time) (Decision, error) {
	r := &st.Review
	x := r.Item(d.Item)
	d.ID, d.Review, d.At, d.By = "rvd-"+strings.ToLower(rand.Text()[:12]), r.ID, now.UTC(), clean(cmp.Or(d.By, by))
	d.Reason, d.Owner, d.Undone = clean(d.Reason), clean(d.Owner), false
	switch {
	case !r.Closed.IsZero():
		return d, fmt.Errorf("%s: %w", r.ID, ErrClosed)
	case !slices.Contains(Kinds(), d.Kind):
		return d, fmt.Errorf("%w %q: choose %s", ErrKind, inventory.Clean(d.Kind), strings.Join(Kinds(), ", "))
	case x == nil:
		return d, fmt.Errorf("%s: %w", inventory.Clean(string(d.Item)), ErrItem)
	case d.Reason == "" && x.NeedsReason(d.Kind):
		return d, fmt.Errorf("%s %s: %w", d.Kind, x.Name, ErrNoReason)
	case d.Kind == Transfer && d.Owner == "":
		return d, ErrOwner
	case d.Kind == Exception && (!d.Until.After(now) || d.Until.After(now.AddDate(1, 0, 1))):
		return d, ErrUntil
	}
	if d.Kind != Transfer {
		d.Owner = ""
	}
	if d.Kind != Exception {
		d.Until = now.Add(Cycle(x.Tier))
	}
	d.Until = d.Until.UTC().Truncate(time.Second)
	d.Conflict = conflict(x, d.By)
	return d, nil
}

// NeedsReason reports whether a decision about the item needs a reason.
func (x *Item) NeedsReason(kind string) bool {
	return kind != Keep || x.Tier == 1 || x.Decision == inventory.ActNow || x.Unused > 0
}

// conflict says what makes a reviewer other than independent. Operators are known by their account, before an "@".
func conflict(x *Item, by string) string {
	who, _, _ := strings.Cut(by, "@")
	is := func(p string) bool {
		login, _, _ := strings.Cut(p, "@")
		return login != "" && (strings.EqualFold(login, who) || strings.EqualFold(p, by))
	}
	var why []string
	for _, g := range x.Grants {
		if is(g.GrantedBy) {
			why = append(why, "granted it")
			break
		}
	}
	if len(x.Owners) == 1 && (is(x.Owners[0].Email) || is(x.Owners[0].Name)) {
		why = append(why, "is its only owner")
	}
	if len(why) == 0 {
		return "none seen"
	}
	return "the reviewer " + strings.Join(why, " and ")
}

// Suggest is what a reviewer is offered first: never to keep all where less would do.
func (x *Item) Suggest() (kind, why string) {
	gone := len(x.Owners) > 0 && !slices.ContainsFunc(x.Owners, func(o Person) bool { return o.Status != inventory.OwnerDeparted })
	open := slices.ContainsFunc(x.Secrets, func(k Secret) bool {
		return !k.Ambient && (k.Exposure == inventory.ExposureLeaked || k.Exposure == inventory.ExposureCommitted || k.Exposure == inventory.ExposureShared)
	})
	switch {
	case open:
		return Rotate, "a secret of it is exposed"
	case gone && x.Unused == len(x.Grants) && x.Unused > 0:
		return Revoke, "who answered for it has left, and nothing of it is used"
	case gone:
		return Transfer, "who answered for it has left"
	case len(x.Owners) == 0:
		return Transfer, "nobody answers for it"
	case x.Unused > 0 && x.Unused == len(x.Grants):
		return Suspend, "nothing of it is used"
	case x.Unused > 0:
		return Reduce, fmt.Sprintf("%d of %d grants are not used", x.Unused, len(x.Grants))
	case len(x.Drift) > 0:
		return Reduce, "it may do what its charter does not say: " + strings.Join(x.Drift, ", ")
	case x.Decision == inventory.ActNow:
		return Reduce, "ACT NOW: " + x.urgent()
	}
	return Keep, "nothing speaks against it"
}

// urgent is the title of the first finding that wants action now.
func (x *Item) urgent() string {
	for _, f := range x.Findings {
		if f.Decision == inventory.ActNow && f.State != "accepted" {
			return f.Title
		}
	}
	return ""
}
