package demo

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// Service is what the calendar is played with: the real service, whose clock is the company's.
type Service interface {
	Collect(ctx context.Context) (*inventory.Snapshot, error)
	Plan(ctx context.Context, targets []revoke.Target) (*revoke.Plan, error)
	Execute(ctx context.Context, p *revoke.Plan, c revoke.Consent, on func(revoke.Event)) (revoke.Run, error)
	Arm(word string) error
	Disarm()
}

// stop is one point of the calendar.
type stop struct {
	ago      time.Duration
	incident *incident // what is taken away then
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
	slices.SortStableFunc(out, func(a, b stop) int { return cmp.Compare(b.ago, a.ago) })
	return out, nil
}

// Play goes through the calendar with the real service, and leaves the machine as it is today and the clock running. say
// is told in a few words how far it is. A company that was kept has its past already.
func (c *Company) Play(ctx context.Context, s Service, say func(string)) error {
	defer c.set(time.Time{})
	if c.old {
		return nil
	}
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
		if at.incident != nil {
			err = c.take(ctx, s, at.incident)
		} else {
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

// take revokes the secret of an incident as its responder did.
func (c *Company) take(ctx context.Context, s Service, i *incident) error {
	id, err := c.SecretID(i.Secret[0], i.Secret[1])
	if err != nil {
		return err
	}
	plan, err := s.Plan(ctx, []revoke.Target{{ID: id}})
	if err != nil {
		return err
	}
	if err := s.Arm("arm"); err != nil {
		return err
	}
	defer s.Disarm()
	_, err = s.Execute(ctx, plan, revoke.Consent{By: i.By, Reason: i.Reason, Word: plan.Word(), Yes: true}, nil)
	return err
}

// SecretID is the id that the inventory gives a secret of the company.
func (c *Company) SecretID(kind, name string) (inventory.ID, error) {
	v, err := mint(kind, name)
	if err != nil {
		return "", err
	}
	return inventory.NewID(inventory.NounSecret, c.key.Fingerprint(inventory.NewValue(v))), nil
}
