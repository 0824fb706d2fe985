package gitea

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources/gitea/giteasim"
	"nhitop/sources/gitea/giteatest"
)

// armed is a source that may revoke, with credentials of an administrator for both.
func armed(t *testing.T, s *giteatest.Server) *setup {
	t.Helper()
	reads := company(t, s)
	revokes := s.Own(t, "nhitop revokes "+t.Name(), "write:admin", "write:user", "write:repository", "write:organization")
	return connect(t, s, map[string]string{"reads": reads, "revokes": revokes}, func(o *Options) { o.Repositories = []string{"nh-acme/*"} })
}

// secretOf finds the record of a token, key or application by the end of its note.
func secretOf(t *testing.T, snap *inventory.Snapshot, kind, note string) *inventory.Secret {
	t.Helper()
	r := snap.Records()
	for i := range r.Secrets {
		if x := &r.Secrets[i]; x.Kind == kind && strings.Contains(x.Note, note) {
			return x
		}
	}
	t.Fatalf("no %s %q", kind, note)
	return nil
}

func assistantOf(t *testing.T, snap *inventory.Snapshot, name string) *inventory.Assistant {
	t.Helper()
	r := snap.Records()
	for i := range r.Assistants {
		if a := &r.Assistants[i]; a.Name == name {
			return a
		}
	}
	t.Fatalf("no assistant %q", name)
	return nil
}

func (x *setup) plan(id inventory.ID, action string, snap *inventory.Snapshot) []revoke.Step {
	x.Helper()
	steps, err := x.src.Plan(x.Context(), revoke.Target{ID: id, Action: action}, snap)
	if err != nil {
		x.Fatal(err)
	}
	for _, s := range steps {
		if s.Action != revoke.ActionManual && (s.ID == "" || s.Layer == "" || s.Summary == "" || s.Effect == "" || s.Request == "" || s.Promises == "" || s.Target != id) && s.Params[paramKind] != aToken {
			x.Errorf("a step that says too little: %+v", s)
		}
	}
	return steps
}

// carry does a step and looks at it.
func (x *setup) carry(s revoke.Step, want revoke.Grade) revoke.Receipt {
	x.Helper()
	r, err := x.src.Apply(x.Context(), s)
	if err != nil {
		x.Fatalf("%s: %v", s.Summary, err)
	}
	x.look(s, r, want)
	return r
}

func (x *setup) look(s revoke.Step, r revoke.Receipt, want revoke.Grade) {
	x.Helper()
	if p, err := x.src.Verify(x.Context(), s, r); err != nil || p.Grade != want {
		x.Errorf("%s: %+v %v; want %s", s.Summary, p, err, want)
	}
}

func one(t *testing.T, steps []revoke.Step, what string) revoke.Step {
	t.Helper()
	var found []revoke.Step
	for _, s := range steps {
		if strings.Contains(s.Summary, what) {
			found = append(found, s)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d steps %q among %+v", len(found), what, steps)
	}
	return found[0]
}

func TestATokenIsRevokedForGood(t *testing.T) {
	giteatest.Each(t, func(t *testing.T, s *giteatest.Server) {
		x := armed(t, s)
		snap, _ := x.inventory()
		tok := secretOf(t, snap, "gitea-token", "claude-code laptop")
		st := one(t, x.plan(tok.ID, "", snap), "claude-code laptop")
		if st.Reversible || st.Layer != revoke.LayerCredential || st.Promises != revoke.Attested || !strings.Contains(st.Residual, "tokens that it made itself") {
			t.Errorf("%+v", st)
		}
		x.look(st, revoke.Receipt{}, revoke.Alive)
		if r := x.carry(st, revoke.Attested); r.Already {
			t.Errorf("%+v", r)
		}
		if r := x.carry(st, revoke.Attested); !r.Already {
			t.Errorf("a second revocation is not already: %+v", r)
		}
		if _, state, err := x.src.Recover(t.Context(), st); err != nil || state != revoke.StateDone {
			t.Error(state, err)
		}
	})
}

func TestATokenInHandIsProvenDead(t *testing.T) {
	giteatest.Each(t, func(t *testing.T, s *giteatest.Server) {
		x := armed(t, s)
		value, _ := s.Token(t, "nh-ben", "in hand", "write:user")
		weak, _ := s.Token(t, "nh-ben", "weak", "read:repository")
		snap, _ := x.inventory()
		for _, c := range []struct {
			name, value, how string
			planned          bool
		}{{"in hand", value, "deleted by itself", true}, {"weak", weak, "204: deleted", false}} {
			known := secretOf(t, snap, "gitea-token", "token "+c.name)
			h := revoke.Held{ID: known.ID, Kind: known.Kind, Issuer: known.Issuer, Account: known.Account, Value: inventory.NewValue(c.value)}
			answer, err := x.src.Ask(t.Context(), h)
			if err != nil || answer == nil || answer.State != inventory.StateLive {
				t.Fatalf("%s: %+v %v", c.name, answer, err)
			}
			held, err := x.src.PlanHeld(t.Context(), h, snap)
			if err != nil || len(held) > 0 != c.planned {
				t.Fatalf("%s: %+v %v", c.name, held, err)
			}
			st := append(held, x.plan(known.ID, "", snap)...)[0]
			ctx := revoke.WithHeld(t.Context(), h)
			r, err := x.src.Apply(ctx, st)
			if err != nil || r.Detail != c.how {
				t.Fatalf("%s: %+v %v", c.name, r, err)
			}
			p, err := x.src.Verify(ctx, st, r)
			if err != nil || p.Grade != revoke.Proven || !strings.Contains(p.Detail, "invalid username, password or token") || !strings.Contains(p.Detail, "token is required") {
				t.Errorf("%s: %+v %v", c.name, p, err)
			}
			if answer, err := x.src.Ask(t.Context(), h); err != nil || answer.State != inventory.StateUnknown {
				t.Errorf("%s: %+v %v", c.name, answer, err)
			}
		}
		if got, err := x.src.Ask(t.Context(), revoke.Held{Kind: "unknown", Value: inventory.NewValue(value)}); got != nil || err != nil {
			t.Error("a credential of no known kind was sent to the server")
		}
	})
}

func TestSuspensionContainsAndIsLifted(t *testing.T) {
	giteatest.Each(t, func(t *testing.T, s *giteatest.Server) {
		x := armed(t, s)
		value, _ := s.Token(t, "codex-bot", "other", "read:user")
		snap, _ := x.inventory()
		bot := assistantOf(t, snap, "Codex as codex-bot")
		steps := x.plan(bot.ID, "", snap)
		st := one(t, steps, "suspend codex-bot")
		if len(steps) != 1 || !st.Reversible || st.Layer != revoke.LayerPrincipal || st.Promises != revoke.Attested {
			t.Fatalf("%+v", steps)
		}
		r := x.carry(st, revoke.Attested)
		// The token is refused with 403. That is no death, and nobody says that it is.
		if a := s.Do(t, giteatest.As{Token: value}, "GET", "/user", nil); a.Status != 403 {
			t.Errorf("%d", a.Status)
		}
		tok := secretOf(t, snap, "gitea-token", "token other")
		ctx := revoke.WithHeld(t.Context(), revoke.Held{ID: tok.ID, Kind: tok.Kind, Value: inventory.NewValue(value)})
		kill := one(t, x.plan(tok.ID, "", snap), "revoke")
		if p, err := x.src.Verify(ctx, kill, revoke.Receipt{}); err != nil || p.Grade != revoke.Alive || !strings.Contains(p.Detail, "403") {
			t.Errorf("403 is taken for %+v %v", p, err)
		}
		if answer, err := x.src.Ask(t.Context(), revoke.Held{Kind: "gitea-token", Value: inventory.NewValue(value)}); err != nil || answer.State != inventory.StateDisabled {
			t.Errorf("%+v %v", answer, err)
		}
		if again := x.carry(st, revoke.Attested); !again.Already || len(again.Undo) > 0 {
			t.Errorf("suspended twice: %+v", again)
		}
		u, err := x.src.Undo(t.Context(), st, r)
		if err != nil || u.Already {
			t.Fatal(u, err)
		}
		if p, err := x.src.VerifyUndo(t.Context(), st, r); err != nil || p.Grade != revoke.Attested {
			t.Errorf("%+v %v", p, err)
		}
		x.look(st, r, revoke.Alive)
		if a := s.Do(t, giteatest.As{Token: value}, "GET", "/user", nil); a.Status != 200 {
			t.Errorf("the token does not work again: %d", a.Status)
		}
	})
}

func TestAllThatABotHoldsIsTakenAway(t *testing.T) {
	giteatest.Each(t, func(t *testing.T, s *giteatest.Server) {
		x := armed(t, s)
		s.Collaborator(t, "nh-acme/shop", "codex-bot", "write")
		snap, _ := x.inventory()
		bot := assistantOf(t, snap, "Codex as codex-bot")
		plan := revoke.NewPlan(giteatest.Now, 0, nil, nil, x.plan(bot.ID, revoke.ActionAll, snap))
		var order []string
		for _, st := range plan.Steps {
			order = append(order, st.Action)
		}
		if got := strings.Join(order, " "); got != "suspend narrow narrow uninstall revoke" {
			t.Errorf("%s: what can be taken back comes first", got)
		}
		var receipts []revoke.Receipt
		for _, st := range plan.Steps {
			receipts = append(receipts, x.carry(st, revoke.Attested))
		}
		if a := s.Do(t, s.Boss(), "GET", "/repos/nh-acme/shop/collaborators/codex-bot", nil); a.Status != 404 {
			t.Errorf("it is a collaborator: %d", a.Status)
		}
		for i, st := range slices.Backward(plan.Steps) {
			if !st.Reversible {
				continue
			}
			if _, err := x.src.Undo(t.Context(), st, receipts[i]); err != nil {
				t.Errorf("%s: %v", st.Summary, err)
			}
			if p, err := x.src.VerifyUndo(t.Context(), st, receipts[i]); err != nil || p.Grade != revoke.Attested {
				t.Errorf("%s: %+v %v", st.Summary, p, err)
			}
		}
		for at, want := range map[string]string{
			"/repos/nh-acme/shop/collaborators/codex-bot/permission": `"permission":"write"`, "/users/codex-bot": `"prohibit_login":false`, "/repos/nh-acme/shop/teams": `"name":"bots"`,
		} {
			if a := s.Do(t, s.Boss(), "GET", at, nil); !strings.Contains(string(a.Body), want) {
				t.Errorf("%s is not as it was: %s", at, a.Body)
			}
		}
	})
}

func TestAccessIsNarrowedAndWidenedAgain(t *testing.T) {
	giteatest.Each(t, func(t *testing.T, s *giteatest.Server) {
		x := armed(t, s)
		s.Collaborator(t, "nh-acme/shop", "codex-bot", "admin")
		snap, _ := x.inventory()
		steps := x.plan(assistantOf(t, snap, "Codex as codex-bot").ID, revoke.ActionNarrow, snap)
		st := one(t, steps, "narrow the access of codex-bot to nh-acme/shop from admin to read")
		x.look(st, revoke.Receipt{}, revoke.Alive)
		r := x.carry(st, revoke.Attested)
		if _, err := x.src.Undo(t.Context(), st, r); err != nil {
			t.Fatal(err)
		}
		if p, err := x.src.VerifyUndo(t.Context(), st, r); err != nil || p.Grade != revoke.Attested || !strings.Contains(p.Detail, "admin") {
			t.Errorf("%+v %v", p, err)
		}
		s.Collaborator(t, "nh-acme/shop", "codex-bot", "write")
		if _, err := x.src.Apply(t.Context(), st); !errors.Is(err, revoke.ErrChanged) {
			t.Errorf("narrowed although it had changed: %v", err)
		}
	})
}

func TestKeysApplicationsAndStoredSecretsAreDeleted(t *testing.T) {
	giteatest.Each(t, func(t *testing.T, s *giteatest.Server) {
		x := armed(t, s)
		snap, _ := x.inventory()
		for _, c := range []struct{ kind, note string }{
			{"deploy-key", "cursor deploy"}, {"ssh-user-key", "gemini-cli on the laptop"}, {"gitea-oauth-app", "Windsurf"}, {"ci-secret", "ANTHROPIC_API_KEY"},
		} {
			st := one(t, x.plan(secretOf(t, snap, c.kind, c.note).ID, "", snap), c.note)
			x.look(st, revoke.Receipt{}, revoke.Alive)
			if r := x.carry(st, revoke.Attested); r.Already {
				t.Errorf("%s: %+v", c.note, r)
			}
			if r := x.carry(st, revoke.Attested); !r.Already {
				t.Errorf("%s again: %+v", c.note, r)
			}
		}
	})
}

// nhitop's own token: its end can be proven, for nhitop holds it.
func TestItsOwnTokenIsProvenDead(t *testing.T) {
	giteatest.Each(t, func(t *testing.T, s *giteatest.Server) {
		x := armed(t, s)
		snap, _ := x.inventory()
		st := one(t, x.plan(secretOf(t, snap, "gitea-token", "nhitop "+t.Name()).ID, "", snap), "nhitop "+t.Name())
		if st.Params[paramHeld] != "reads" || st.Promises != revoke.Proven || !strings.Contains(st.Breaks, "nhitop itself") {
			t.Fatalf("%+v", st)
		}
		x.carry(st, revoke.Proven)
		if _, st := x.collect(); st.Status != inventory.SourceFailed || !strings.Contains(st.Reason, "does not accept the credential") {
			t.Errorf("%s: %s", st.Status, st.Reason)
		}
	})
}

func TestWithoutTheRightAPersonIsAsked(t *testing.T) {
	giteatest.Each(t, func(t *testing.T, s *giteatest.Server) {
		x := armed(t, s)
		snap, _ := x.inventory()
		x.env["revokes"], _ = s.Token(t, "nh-ben", "weak revoker", "write:user", "read:repository")
		for _, c := range []struct {
			id   inventory.ID
			lack string
		}{
			{secretOf(t, snap, "gitea-token", "claude-code laptop").ID, "nh-ben is not an administrator of the instance"},
			{secretOf(t, snap, "deploy-key", "mirror").ID, "its token lacks write:repository"},
			{assistantOf(t, snap, "Codex as codex-bot").ID, "its token lacks write:admin"},
		} {
			steps := x.plan(c.id, "", snap)
			if len(steps) != 1 || steps[0].Action != revoke.ActionManual || !strings.Contains(steps[0].Effect, c.lack) || !strings.Contains(steps[0].Summary, s.Base) {
				t.Errorf("%s: %+v", c.lack, steps)
			}
		}
		own := secretOf(t, snap, "gitea-token", "token backup")
		if st := one(t, x.plan(own.ID, "", snap), "backup"); st.Action != revoke.ActionRevoke {
			t.Errorf("its own token is not its to revoke: %+v", st)
		}
	})
}

// A server that cannot be asked leaves its part to a person, and the plan of the others is made all the same.
func TestAServerThatIsDownLeavesItToAPerson(t *testing.T) {
	s := giteatest.Simulated(giteasim.World{})
	x := armed(t, s)
	snap, _ := x.inventory()
	for _, f := range []giteasim.Fault{{Status: 401, Body: `{"message":"invalid username, password or token"}`}, {Status: 500}} {
		s.Sim.Break(f)
		for _, id := range []inventory.ID{
			secretOf(t, snap, "gitea-token", "token backup").ID, secretOf(t, snap, "deploy-key", "mirror").ID, secretOf(t, snap, "ssh-user-key", "gemini-cli").ID,
			secretOf(t, snap, "gitea-oauth-app", "Windsurf").ID, secretOf(t, snap, "ci-secret", "ANTHROPIC").ID, assistantOf(t, snap, "Codex as codex-bot").ID,
		} {
			steps := x.plan(id, revoke.ActionAll, snap)
			if len(steps) == 0 {
				t.Errorf("%+v: no steps for %s", f, id)
			}
			for _, st := range steps {
				if st.Action != revoke.ActionManual || !strings.Contains(st.Summary, "by hand") {
					t.Errorf("%+v: %+v", f, st)
				}
			}
		}
		s.Sim.Mend()
	}
	x.env["revokes"] = ""
	if st := one(t, x.plan(secretOf(t, snap, "gitea-token", "token backup").ID, "", snap), "by hand"); !strings.Contains(st.Effect, "cannot be read") {
		t.Errorf("%+v", st)
	}
	// A token without read:user cannot tell whose it is, and does what it may.
	x.env["revokes"] = s.Own(t, "only keys", "write:repository")
	if st := one(t, x.plan(secretOf(t, snap, "deploy-key", "mirror").ID, "", snap), "delete"); st.Action != revoke.ActionDelete {
		t.Errorf("%+v", st)
	}
}

func TestNothingIsChangedWhereThatIsSwitchedOff(t *testing.T) {
	s := giteatest.Simulated(giteasim.World{})
	x := armed(t, s)
	snap, _ := x.inventory()
	x.rec.ReadsOnly(t)
	st := one(t, x.plan(secretOf(t, snap, "gitea-token", "claude-code laptop").ID, "", snap), "revoke")
	x.rec.ReadsOnly(t)
	x.src.opt.Revoke = false
	if _, err := x.src.Apply(t.Context(), st); !errors.Is(err, revoke.ErrReadOnly) {
		t.Error(err)
	}
	if _, err := x.src.Undo(t.Context(), st, revoke.Receipt{}); !errors.Is(err, revoke.ErrReadOnly) {
		t.Error(err)
	}
	x.src.opt.Revoke, x.src.env.ReadOnly = true, true
	if _, err := x.src.Apply(t.Context(), st); !errors.Is(err, revoke.ErrReadOnly) {
		t.Error(err)
	}
	x.rec.ReadsOnly(t)
}
