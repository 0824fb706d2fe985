package exec

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// plannedStep is one step of a plugin's Plan. Layer, and whether it can be undone, are as declared.
type plannedStep struct {
	Target   ref               `json:"target"`
	Action   string            `json:"action"`
	Summary  string            `json:"summary"`
	Request  string            `json:"request"`
	Effect   string            `json:"effect"`
	Breaks   []string          `json:"breaks"`
	Residual []string          `json:"residual"`
	Ends     []plannedEnd      `json:"residualEnds"`
	Horizon  int               `json:"horizonSeconds"`
	Promises string            `json:"promises"`
	Args     map[string]string `json:"args"`
}

// plannedEnd says that one thing of residual ends by itself.
type plannedEnd struct {
	What    string `json:"what"`
	Seconds int    `json:"seconds"` // at most so long after the step; 0: nobody says
}

const (
	lookSeconds = 25 // of a plan or a look: less than a look at an effect may take
	maxSteps    = 1000
	maxArgs     = 16 << 10 // bytes
	maxHorizon  = 24 * time.Hour
	longestEnd  = 366 * 24 * time.Hour
)

// Keys of revoke.Step.Params.
const (
	paramType   = "type" // with id: the plugin's own name of the record
	paramID     = "id"
	paramArgs   = "args"    // JSON, as the plugin planned them
	paramDigest = "program" // SHA-256 of the program that planned
	paramAt     = "planned"
	paramUndo   = "undo" // the action that takes the step back
)

// Plan implements revoke.Revoker. A plugin that cannot be asked leaves its part to a person, and hinders no other source.
func (s *Source) Plan(ctx context.Context, t revoke.Target, snap *inventory.Snapshot) ([]revoke.Step, error) {
	if snap == nil {
		return nil, nil
	}
	about := s.objects(t, snap)
	if len(about) == 0 {
		return nil, nil
	}
	steps, err := s.ask(ctx, t.Action, about)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil && !s.o.Revoke:
		return nil, nil
	case err != nil:
		return s.byHand(about, err), nil
	}
	return steps, nil
}

// ask lets the plugin plan. Nothing is asked of one that declares no action.
func (s *Source) ask(ctx context.Context, want string, about []object) ([]revoke.Step, error) {
	info, err := s.describe(ctx)
	if err != nil || len(info.Actions) == 0 {
		return nil, err
	}
	if want == revoke.ActionAll {
		want = ""
	}
	q := request{Verb: verbPlan, Action: want, Seconds: min(s.o.Timeout, lookSeconds)}
	for _, o := range about {
		q.Targets = append(q.Targets, o.ref)
	}
	p := planning{Source: s, info: info, want: want, about: about}
	if err := s.call(ctx, q, p.hear); err != nil {
		return nil, err
	}
	if !p.done {
		return nil, errors.New("answers plan without a line of kind Plan")
	}
	return p.steps, nil
}

// planning is one answer to plan.
type planning struct {
	*Source
	info  pluginInfo
	want  string
	about []object
	steps []revoke.Step
	done  bool
}

func (p *planning) hear(r *run, line []byte) error {
	var m struct {
		message
		Steps    []plannedStep `json:"steps"`
		Residual []string      `json:"residual"`
	}
	switch err := json.Unmarshal(line, &m); {
	case m.APIVersion != "" && !understood(m.APIVersion):
		return errVersion
	case err != nil:
		return errors.New("answers plan with a line that is no JSON, or has a field of another type")
	case m.Kind != "Plan":
		return nil
	case p.done:
		return errors.New("answers plan with two plans")
	case len(m.Steps) > maxSteps:
		return fmt.Errorf("plans more than %d steps", maxSteps)
	}
	p.done = true
	for i, x := range m.Steps {
		x.Residual = append(x.Residual, m.Residual...)
		if err := p.take(r, x); err != nil {
			return fmt.Errorf("plans steps[%d] wrong: %w", i, err)
		}
	}
	return nil
}

// take makes a step of what a plugin planned, or says why not.
func (p *planning) take(r *run, x plannedStep) error {
	i := slices.IndexFunc(p.about, func(o object) bool { return o.ref == x.Target })
	if i < 0 {
		return errors.New("its target is none that it was asked about")
	}
	o := p.about[i]
	declared := p.info.action(x.Action)
	byHand := x.Action == revoke.ActionManual
	switch {
	case declared == nil && !byHand:
		return errors.New("its action is not declared")
	case p.want != "" && x.Action != p.want && !byHand:
		return errors.New("its action is not the one that was asked for")
	case x.Horizon < 0 || time.Duration(x.Horizon) > maxHorizon/time.Second:
		return fmt.Errorf("horizonSeconds is not between 0 and %d", int(maxHorizon.Seconds()))
	case slices.ContainsFunc(x.Ends, func(e plannedEnd) bool {
		return !slices.Contains(x.Residual, e.What) || e.Seconds < 0 || time.Duration(e.Seconds) > longestEnd/time.Second
	}):
		return fmt.Errorf("residualEnds names what is not in residual, or seconds that are not between 0 and %d", int(longestEnd.Seconds()))
	case x.Promises != "" && !slices.Contains([]revoke.Grade{revoke.Proven, revoke.Attested, revoke.Accepted, revoke.Unproven}, revoke.Grade(x.Promises)):
		return errors.New("promises is none of proven, attested, accepted, unknown")
	case byHand && strings.TrimSpace(x.Summary) == "":
		return errors.New("a step for a person has no summary")
	}
	args, err := json.Marshal(x.Args)
	if err != nil || len(args) > maxArgs {
		return fmt.Errorf("args are more than %d bytes", maxArgs)
	}
	for k, v := range x.Args {
		if r.text(k) != k || r.mask(v) != v {
			return errors.New("args hold a secret, or what cannot be written down")
		}
	}
	st := p.step(r, o, x, declared)
	st.Params[paramArgs] = string(args)
	st.ID = stepID(st)
	if !slices.ContainsFunc(p.steps, func(y revoke.Step) bool { return y.ID == st.ID }) {
		p.steps = append(p.steps, st)
	}
	return nil
}

func (p *planning) step(r *run, o object, x plannedStep, declared *action) revoke.Step {
	system := p.info.system()
	st := revoke.Step{
		Source: p.name, Action: x.Action, Layer: o.layer, Target: o.target, TargetName: inventory.Clean(o.name),
		Summary: r.text(x.Summary), Request: r.text(x.Request), Effect: r.text(x.Effect), Breaks: strings.Join(r.list(x.Breaks), revoke.Also),
		Residual: strings.Join(r.list(x.Residual), revoke.Also), Horizon: time.Duration(x.Horizon) * time.Second, Promises: revoke.Attested,
		Params: map[string]string{paramType: o.Type, paramID: o.ID, paramDigest: p.o.SHA256, paramAt: p.now().UTC().Format(time.RFC3339Nano)},
	}
	for _, e := range x.Ends {
		st.Ends = append(st.Ends, revoke.Endings(st.Residual, []revoke.Ending{{What: r.text(e.What), Within: time.Duration(e.Seconds) * time.Second}})...)
	}
	if x.Promises != "" {
		st.Promises = revoke.Grade(x.Promises)
	}
	if declared != nil {
		st.Layer, st.Reversible = revoke.Layer(declared.Layer), declared.Reversible
		if declared.Reversible {
			st.Params[paramUndo] = declared.Undo
		}
	}
	if st.Summary == "" {
		st.Summary = inventory.Clean(fmt.Sprintf("%s %s at %s", x.Action, o, system))
	}
	if st.Request == "" {
		st.Request = fmt.Sprintf("%s %s: %s %s", p.o.Command, verbRevoke, x.Action, o)
	}
	if st.Effect == "" {
		st.Effect = "as " + system + " does it: the plugin does not say more"
	}
	if st.Breaks == "" {
		st.Breaks = inventory.Clean(strings.Join(o.holds, revoke.Also))
	}
	return st
}

// stepID is the same for the same step, whenever it was planned.
func stepID(st revoke.Step) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{st.Source, st.Action, st.Params[paramType], st.Params[paramID], st.Params[paramArgs], st.Summary, st.Request}, "\x00")))
	return hex.EncodeToString(sum[:8])
}

// byHand leaves to a person what the plugin could not plan.
func (s *Source) byHand(about []object, why error) []revoke.Step {
	var out []revoke.Step
	for _, o := range about {
		st := revoke.Step{
			Source: s.name, Action: revoke.ActionManual, Layer: o.layer, Target: o.target, TargetName: inventory.Clean(o.name),
			Summary:  fmt.Sprintf("by hand: end %s where %s has it from, or mend the plugin and plan again", o, s.name),
			Effect:   "the plugin " + inventory.Clean(why.Error()),
			Breaks:   inventory.Clean(strings.Join(o.holds, revoke.Also)),
			Promises: revoke.Attested,
			Params:   map[string]string{paramType: o.Type, paramID: o.ID, paramDigest: s.o.SHA256, paramAt: s.now().UTC().Format(time.RFC3339Nano)},
		}
		st.ID = stepID(st)
		out = append(out, st)
	}
	return out
}

func (s *Source) now() time.Time {
	if s.env.Now == nil {
		return time.Now()
	}
	return s.env.Now()
}
