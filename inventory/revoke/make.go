package revoke

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
)

// DefaultTTL is how long a plan may be carried out after it is made.
const DefaultTTL = 15 * time.Minute

// Also joins the things that a [Step.Residual] or a [Step.Breaks] names, so that a plan can list each of them once.
const Also = " · "

// NewPlan makes a plan of steps, of which it takes copies. The same targets, steps and time give the same plan, whatever
// the order of the steps that came in: what contains and can be taken back comes first (narrowing, suspending, disabling),
// then the credential, then what else ends for good, then sessions, then the copies, then what a person must do, and each
// step behind those that it names in After and Behind. Copies of a secret are behind the end of that secret: who takes the
// copy away first may take away what the end needs. A step that comes twice is taken once. ttl 0 means [DefaultTTL].
func NewPlan(now time.Time, ttl time.Duration, targets []Target, names []string, steps []Step, residual ...string) *Plan {
	p := &Plan{Created: now.UTC(), Expires: now.UTC().Add(cmp.Or(ttl, DefaultTTL)), Targets: slices.Clone(targets), Names: slices.Clone(names)}
	p.Steps = arrange(steps)
	o := p.over()
	for _, s := range p.Steps {
		for _, what := range s.surviving(o) {
			p.Residual = add(p.Residual, s.survives(what))
		}
		p.Breaks = add(p.Breaks, strings.Split(s.Breaks, Also)...)
	}
	for _, r := range residual {
		p.Residual = add(p.Residual, r)
	}
	p.Digest = digest(p)
	p.ID = planID(p.Digest, p.Created)
	return p
}

func add(list []string, more ...string) []string {
	for _, s := range more {
		if s != "" && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

var shortID = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

func planID(digest string, at time.Time) string {
	h := sha256.Sum256([]byte(digest + at.UTC().Format(time.RFC3339Nano)))
	return shortID.EncodeToString(h[:])[:12]
}

// digest is the SHA-256 over targets, steps and facts, in hex.
func digest(p *Plan) string {
	data, err := json.Marshal(struct {
		Targets []Target
		Steps   []Step
		Facts   map[inventory.ID]string `json:",omitempty"`
	}{p.Targets, p.Steps, p.Facts})
	if err != nil { // strings, numbers and maps of strings
		return ""
	}
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

var actionRank = map[string]int{ActionSuspend: 1, ActionSetMode: 1, ActionDisableServer: 2, ActionRemoveServer: 3, ActionRemoveSecret: 4, ActionDeleteFile: 5, ActionManual: 9}

func arrange(steps []Step) []Step {
	out := make([]Step, 0, len(steps))
	seen := map[string]bool{}
	steps = once(steps)
	for _, s := range steps {
		if s.ID == "" {
			s.ID = StepID(s)
		}
		if !seen[s.ID] {
			seen[s.ID] = true
			out = append(out, s)
		}
	}
	ends := enders(out)
	slices.SortStableFunc(out, func(a, b Step) int {
		return cmp.Or(cmp.Compare(phase(a, ends), phase(b, ends)), cmp.Compare(a.Source, b.Source), cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Summary, b.Summary), cmp.Compare(a.ID, b.ID))
	})
	placesLast(out, ends)
	ownLast(out)
	return dependenciesFirst(out)
}

// phase is the order of work: containment buys time for the rest, unless it takes away what the rest needs.
func phase(s Step, ends map[inventory.ID][]string) int {
	taken := slices.ContainsFunc(s.takes(), func(id inventory.ID) bool { return len(ends[id]) > 0 })
	switch {
	case s.Action == ActionManual:
		return 6
	case s.Layer == LayerCopy || taken && s.Layer != LayerCredential:
		return 5
	case len(s.Own) > 0:
		return 4
	case s.Reversible:
		return 0
	case s.Layer == LayerCredential:
		return 1
	case s.Layer == LayerSession:
		return 3
	}
	return 2
}

// enders are the steps about each credential that the places of it come behind.
func enders(steps []Step) map[inventory.ID][]string {
	ends := map[inventory.ID][]string{}
	for _, s := range steps {
		if s.Layer == LayerCredential && s.Action != ActionManual {
			ends[s.Target] = append(ends[s.Target], s.ID)
		}
	}
	return ends
}

// placesLast puts what takes places of a secret away behind the steps that end it.
func placesLast(steps []Step, ends map[inventory.ID][]string) {
	for i := range steps {
		s := &steps[i]
		for _, id := range s.takes() {
			if s.Layer != LayerCredential || s.Target != id {
				s.Behind = add(slices.Clone(s.Behind), ends[id]...)
			}
		}
	}
}

func rank(s Step) int { return cmp.Or(actionRank[s.Action], 6) }

// StepID is the id that [NewPlan] gives a step without one: the same step has the same id.
func StepID(s Step) string {
	data, _ := json.Marshal(s) // strings and maps of strings
	h := sha256.Sum256(data)
	return shortID.EncodeToString(h[:])[:10]
}

// dependenciesFirst moves each step behind those that it needs. Steps that need each other stay where they are; the
// executor skips them.
func dependenciesFirst(steps []Step) []Step {
	at := map[string]int{}
	for i, s := range steps {
		at[s.ID] = i
	}
	out := make([]Step, 0, len(steps))
	state := make([]int, len(steps)) // 1: on the way, 2: placed
	var place func(i int)
	place = func(i int) {
		if state[i] != 0 {
			return
		}
		state[i] = 1
		for _, id := range slices.Concat(steps[i].After, steps[i].Behind) {
			if j, ok := at[id]; ok {
				place(j)
			}
		}
		state[i] = 2
		out = append(out, steps[i])
	}
	for i := range steps {
		place(i)
	}
	return out
}

// planWord is what must be typed before steps that cannot be undone.
func planWord(p *Plan) string {
	n, oneWay := 0, false
	for _, s := range p.Steps {
		if s.Action == ActionManual {
			continue
		}
		n++
		oneWay = oneWay || !s.Reversible
	}
	if !oneWay {
		return ""
	}
	if p.Rotates() {
		return fmt.Sprintf("rotate %d", n)
	}
	return fmt.Sprintf("revoke %d", n)
}

// Check says whether a plan may be carried out now with this consent.
func (p *Plan) Check(c Consent, now time.Time) error {
	if len(p.Steps) == 0 {
		return ErrNothing
	}
	if p.Digest != digest(p) || p.ID != planID(p.Digest, p.Created) {
		return ErrTampered
	}
	if now.After(p.Expires) {
		return ErrExpired
	}
	if strings.TrimSpace(c.Reason) == "" {
		return ErrNoReason
	}
	if w := p.Word(); w != "" && strings.TrimSpace(c.Word) != w {
		return fmt.Errorf("%w: type %q", ErrConfirm, w)
	} else if w == "" && !c.Yes {
		return ErrConfirm
	}
	if p.Second != "" && c.Second == "" {
		return fmt.Errorf("%w: %s", ErrSecond, p.Second)
	}
	return nil
}
