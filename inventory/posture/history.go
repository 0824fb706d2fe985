package posture

import (
	"context"
	"slices"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/change"
	"nhitop/inventory/revoke"
	"nhitop/inventory/store"
	"nhitop/inventory/triage"
)

// History is what is known of the past of one record.
type History struct {
	First, Last time.Time         // when a collection saw it first and last; zero: history does not know it
	Changes     []change.Change   // of itself and, of an assistant, of its servers, rights and findings; newest first
	Decisions   []triage.Decision // about it and its findings, with those that were undone; newest first
	Runs        []revoke.Run      // with a step about it or, of an assistant, about what it holds; newest first
}

// mostTied is how many records that hang on one are looked up in its history.
const mostTied = 500

// History tells what the stored collections, decisions and runs know of a record. It costs what the record has gone through.
func (s *Service) History(ctx context.Context, id inventory.ID) (History, error) {
	var h History
	var err error
	if h.First, h.Last, _, err = s.facts.Seen(id); err != nil {
		return h, err
	}
	own, err := s.facts.Past([]inventory.ID{id})
	if err != nil {
		return h, err
	}
	tied := append(s.tied(id), s.left(own)...)
	past, err := s.facts.Past(append([]inventory.ID{id}, tied...))
	if err != nil {
		return h, err
	}
	slices.Reverse(past) // newest first
	for _, d := range past {
		if err := ctx.Err(); err != nil {
			return h, err
		}
		h.Changes = append(h.Changes, change.Compare(change.Input{Before: d.Before, After: d.After, At: d.At, Known: d.Known, Sources: d.To.Sources, Look: s.Snapshot()})...)
	}
	slices.SortStableFunc(h.Changes, func(a, b change.Change) int { return b.At.Compare(a.At) })
	about := map[inventory.ID]bool{id: true}
	for _, x := range tied {
		about[x] = true
	}
	all, err := s.Decisions("")
	if err != nil {
		return h, err
	}
	h.Decisions = slices.DeleteFunc(all, func(d triage.Decision) bool { return !about[d.Target] })
	if snap := s.Snapshot(); snap != nil {
		if a := snap.Assistant(id); a != nil {
			for _, x := range a.Secrets {
				about[x] = true
			}
		}
	}
	runs, err := s.Runs()
	h.Runs = slices.DeleteFunc(runs, func(r revoke.Run) bool {
		return !slices.ContainsFunc(r.Steps, func(st revoke.StepRun) bool { return about[st.Target] })
	})
	return h, err
}

// tied are the records whose changes are those of another one: its findings and, of an assistant, its servers and rights.
func (s *Service) tied(id inventory.ID) []inventory.ID {
	snap := s.Snapshot()
	if snap == nil {
		return nil
	}
	var out []inventory.ID
	for _, f := range snap.FindingsOf(id) {
		if f.Subject == id {
			out = append(out, f.ID)
		}
	}
	if snap.Assistant(id) != nil {
		for _, t := range snap.ToolsOf(id) {
			out = append(out, t.ID)
		}
		for _, e := range snap.EntitlementsOf(id) {
			out = append(out, e.ID)
		}
	}
	return out[:min(len(out), mostTied)]
}

// left are the servers and secrets that an assistant had and that are not there any more.
func (s *Service) left(past []store.Delta) []inventory.ID {
	snap := s.Snapshot()
	var out []inventory.ID
	for _, d := range past {
		for _, a := range d.Before.Assistants {
			for _, x := range slices.Concat(a.Tools, a.Secrets) {
				if (snap == nil || snap.Place(x.Noun(), x) < 0) && !slices.Contains(out, x) && len(out) < mostTied {
					out = append(out, x)
				}
			}
		}
	}
	return out
}
