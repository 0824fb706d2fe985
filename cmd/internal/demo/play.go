package demo

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/inventory/triage"
)

// Service is what the calendar is played with: the real service, whose clock is the company's.
type Service interface {
	Collect(ctx context.Context) (*inventory.Snapshot, error)
	Plan(ctx context.Context, targets []revoke.Target) (*revoke.Plan, error)
	Execute(ctx context.Context, p *revoke.Plan, c revoke.Consent, on func(revoke.Event)) (revoke.Run, error)
	Decide(ctx context.Context, ds []triage.Decision) error
	Snapshot() *inventory.Snapshot
	Arm(word string) error
	Disarm()
}

// stop is one point of the calendar.
type stop struct {
	ago      time.Duration
	incident *incident // what is taken away then
	decision *decision // what is decided then
}

// calendar lists the stops, oldest first: the days of collection, and each incident with its finding and its end.
func (b *books) calendar() ([]stop, error) {
	var out []stop
	for _, d := range b.Days {
		at, err := span(d)
		if err != nil {
			return nil, err
		}
		out = append(out, stop{ago: at})
	}
	for i := range b.Incidents {
		found, err := span(b.Incidents[i].Found)
		if err != nil {
			return nil, err
		}
		took, err := span(b.Incidents[i].Took)
		if err != nil {
			return nil, err
		}
		out = append(out, stop{ago: found}, stop{ago: found - took, incident: &b.Incidents[i]})
	}
	for i := range b.Decisions {
		at, err := span(b.Decisions[i].At)
		if err != nil {
			return nil, err
		}
		out = append(out, stop{ago: at, decision: &b.Decisions[i]})
	}
	slices.SortStableFunc(out, func(a, b stop) int { return cmp.Compare(b.ago, a.ago) })
	return out, nil
}

// Play goes through the calendar with the real service, and leaves the machine as it is today and the clock running. say
// is told in a few words how far it is. A company that was kept has its past already.
func (c *Company) Play(ctx context.Context, s Service, say func(string)) error {
	defer c.set(time.Time{})
	if c.old { // its providers are of the process
		if err := c.serve(0); err != nil {
			return err
		}
		return c.deeds.again(c.set, c.at)
	}
	c.deeds.pause(true)
	defer c.deeds.pause(false)
	stops, err := c.books.calendar()
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	for _, at := range stops {
		say(fmt.Sprintf("the company as it was %d days ago", at.ago/day))
		if err := c.turn(at.ago); err != nil {
			return err
		}
		c.set(c.write.now.Add(-at.ago))
		switch {
		case at.incident != nil:
			err = c.take(ctx, s, at.incident)
		case at.decision != nil:
			err = c.decide(ctx, s, at.decision)
		default:
			_, err = s.Collect(ctx)
		}
		if err != nil {
			return fmt.Errorf("demo: %s: %w", at.ago, err)
		}
	}
	say("the company as it is today")
	return c.Today()
}

// Today makes the machine what it is now, without a past.
func (c *Company) Today() error { return c.turn(0) }

// turn makes the machine what it was so long before now.
func (c *Company) turn(ago time.Duration) error {
	files, err := c.books.files(c.write, ago)
	if err != nil {
		return err
	}
	if err := c.disk.become(files); err != nil {
		return err
	}
	return c.serve(ago)
}

// take revokes the secrets of an incident as its responder did.
func (c *Company) take(ctx context.Context, s Service, i *incident) error {
	var targets []revoke.Target
	for _, x := range i.Secrets {
		id, err := c.SecretID(x[0], x[1])
		if err != nil {
			return err
		}
		targets = append(targets, revoke.Target{ID: id})
	}
	plan, err := s.Plan(ctx, targets)
	if err != nil {
		return err
	}
	if err := s.Arm("arm"); err != nil {
		return err
	}
	defer s.Disarm()
	took, err := span(i.Took)
	if err != nil {
		return err
	}
	_, err = s.Execute(ctx, plan, revoke.Consent{By: i.By, Reason: i.Reason, Word: plan.Word(), Yes: true, Since: c.Now().Add(-took)}, nil)
	return err
}

// decide does what somebody decided, about a finding of the last collection or an assistant itself.
func (c *Company) decide(ctx context.Context, s Service, d *decision) error {
	snap := s.Snapshot()
	id := d.about(snap)
	if id == "" {
		return fmt.Errorf("there is no %s of %s in %s to decide about", cmp.Or(d.Rule, "assistant"), d.Assistant, d.Path)
	}
	x := triage.Decision{Kind: d.Kind, Target: id, Reason: d.Reason, Owner: d.Owner, By: d.By}
	if d.Until != "" {
		until, err := span(d.Until)
		if err != nil {
			return err
		}
		x.Until = c.write.now.Add(-until)
	}
	return s.Decide(ctx, []triage.Decision{x})
}

// about finds what a decision is about; "" if it is not there.
func (d *decision) about(snap *inventory.Snapshot) inventory.ID {
	for _, a := range snap.Records().Assistants {
		if a.Kind != d.Assistant || !strings.HasSuffix(a.Path, d.Path) {
			continue
		}
		if d.Rule == "" {
			return a.ID
		}
		for _, f := range snap.FindingsOf(a.ID) {
			if f.Rule == d.Rule && f.Subject == a.ID {
				return f.ID
			}
		}
	}
	return ""
}

// call is how a template asks for a secret: the registry makes its own tokens, all others are minted.
func call(kind, name string) string {
	if kind == "npm" {
		return fmt.Sprintf("npm %q", name)
	}
	return fmt.Sprintf("secret %q %q", kind, name)
}

// SecretID is the id that the inventory gives a secret of the company; of kind "npm" one that the registry made.
func (c *Company) SecretID(kind, name string) (inventory.ID, error) {
	v, err := c.write.fill("a secret", fmt.Sprintf("<<%s>>", call(kind, name)))
	if err != nil {
		return "", err
	}
	return inventory.NewID(inventory.NounSecret, c.key.Fingerprint(inventory.NewValue(v))), nil
}
