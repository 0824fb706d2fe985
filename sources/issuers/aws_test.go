package issuers

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/credential"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/issuers/issuersim"
)

const (
	awsID   = "AKIA" + "FAKE567ABCDEFGH2"
	awsBot  = "arn:aws:iam::123456789012:user/agents/bot"
	stsHost = "sts.amazonaws.com"
	iamHost = "iam.amazonaws.com"
)

var awsFake = "FAKE" + "jalrXUtnFEMI/K7MDENG/bPxRfiCYz0a1b2c"

func (b bench) holdAWS(t *testing.T, k issuersim.AWSKey) (context.Context, revoke.Held, revoke.Step) {
	t.Helper()
	k.ID, k.Secret = awsID, awsFake
	if k.ARN == "" {
		k.ARN = awsBot
	}
	b.sim.AddAWS(k)
	h := revoke.Held{ID: "sec-held", Kind: "aws-secret-key", Issuer: "aws", KeyID: awsID, Value: inventory.NewValue(awsFake)}
	steps, err := b.PlanHeld(t.Context(), h, nil)
	if err != nil || len(steps) != 2 || steps[0].Action != revoke.ActionDisable || steps[0].Promises != revoke.Proven || steps[0].Reversible ||
		steps[1].Action != revoke.ActionManual || !strings.Contains(steps[1].Summary, "aws iam delete-access-key --access-key-id "+awsID) {
		t.Fatalf("%+v, %v", steps, err)
	}
	return revoke.WithHeld(t.Context(), h), h, steps[0]
}

// watch fails the test where a request holds the secret key, which signs and is never sent.
type watch struct {
	t    *testing.T
	next http.RoundTripper
}

func (w watch) RoundTrip(r *http.Request) (*http.Response, error) {
	text, err := httputil.DumpRequestOut(r, true)
	if err != nil || strings.Contains(string(text), awsFake) || strings.Contains(string(text), url.QueryEscape(awsFake)) {
		w.t.Errorf("%s %s holds the secret key: %v", r.Method, r.URL.Host, err)
	}
	return w.next.RoundTrip(r)
}

func TestAWS(t *testing.T) {
	b := newBench(t)
	b.env.Transport = func(string) http.RoundTripper { return watch{t, b.rec} }
	ctx, h, st := b.holdAWS(t, issuersim.AWSKey{})
	a, err := b.Ask(ctx, h)
	if err != nil || a.State != inventory.StateLive || a.Account != "123456789012, "+awsBot {
		t.Errorf("%+v, %v", a, err)
	}
	if _, state, err := b.Recover(ctx, st); err != nil || state != revoke.StatePlanned {
		t.Errorf("alive: %s, %v", state, err)
	}
	rec, err := b.Apply(ctx, st)
	if err != nil || rec.Already || b.sim.Alive(awsID) {
		t.Fatalf("%+v, %v", rec, err)
	}
	b.verify(t, ctx, st, rec, revoke.Proven)
	// Refused alone is no death: a key of another partition is refused in the same way.
	b.verify(t, ctx, st, revoke.Receipt{}, revoke.Unproven)
	if a, err := b.Ask(ctx, h); err != nil || a.State != inventory.StateUnknown || !strings.Contains(a.Detail, "InvalidClientTokenId") {
		t.Errorf("%+v, %v", a, err)
	}
	if _, err := b.Apply(ctx, st); err == nil || !strings.Contains(err.Error(), "InvalidClientTokenId") {
		t.Errorf("the second time: %v", err)
	}
	if _, state, err := b.Recover(ctx, st); err != nil || state != revoke.StateUnknown {
		t.Errorf("dead: %s, %v", state, err)
	}
	text, err := json.Marshal([]any{st, rec, a})
	if err != nil || strings.Contains(string(text)+fmt.Sprint(b.sim.Calls()), awsFake) {
		t.Errorf("the secret key stands in what is written down: %v", err)
	}
	for _, c := range b.sim.Calls() {
		if c != stsHost+" POST /" && c != iamHost+" POST /" {
			t.Error(c)
		}
	}
}

// A key that may not change itself is never called done, and the error has the command for who may.
func TestAWSDenied(t *testing.T) {
	for arn, want := range map[string]string{awsBot: "--user-name bot --status Inactive", "arn:aws:iam::123456789012:root": "--user-name USER ", "arn:aws:iam::123456789012:user/$(x)": "--user-name USER "} {
		b := newBench(t)
		ctx, _, st := b.holdAWS(t, issuersim.AWSKey{ARN: arn, Denied: true})
		_, err := b.Apply(ctx, st)
		if err == nil || !strings.Contains(err.Error(), "AccessDenied") || !strings.Contains(err.Error(), want) || !b.sim.Alive(awsID) {
			t.Errorf("%s: %v", arn, err)
		}
		b.verify(t, ctx, st, revoke.Receipt{Seen: map[string]string{revoke.SeenBefore: revoke.SeenAccepted}}, revoke.Alive)
	}
}

func TestAWSNeverDeadWhenItIsNot(t *testing.T) {
	for name, c := range map[string]struct {
		iam, sts issuersim.Mode
		want     revoke.Grade
	}{
		"lies":            {issuersim.Lies, issuersim.Honest, revoke.Alive},
		"late":            {issuersim.Late, issuersim.Honest, revoke.Alive},
		"forbids after":   {issuersim.Honest, issuersim.Forbids, revoke.Unproven},
		"unknown after":   {issuersim.Honest, issuersim.Unknown, revoke.Unproven},
		"down after":      {issuersim.Honest, issuersim.Down, revoke.Unproven},
		"limits after":    {issuersim.Honest, issuersim.Limits, revoke.Unproven},
		"without control": {issuersim.Honest, issuersim.NoControl, revoke.Unproven},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.sim.Lag = time.Minute
			ctx, _, st := b.holdAWS(t, issuersim.AWSKey{})
			b.sim.Set(iamHost, c.iam)
			rec, err := b.Apply(ctx, st)
			if err != nil {
				t.Fatal(err)
			}
			b.sim.Set(stsHost, c.sts)
			b.verify(t, ctx, st, rec, c.want)
			if c.iam == issuersim.Late {
				b.clk.add(2 * time.Minute)
				b.verify(t, ctx, st, rec, revoke.Proven)
			}
		})
	}
	for _, m := range []issuersim.Mode{issuersim.Forbids, issuersim.Unknown, issuersim.Down, issuersim.Limits} {
		b := newBench(t)
		ctx, _, st := b.holdAWS(t, issuersim.AWSKey{})
		b.sim.Set(iamHost, m)
		if rec, err := b.Apply(ctx, st); err == nil || !b.sim.Alive(awsID) {
			t.Errorf("mode %d: %+v", m, rec)
		}
	}
}

// A wrong secret key is neither dead nor alive, and ends nothing.
func TestAWSWrongSecretKey(t *testing.T) {
	b := newBench(t)
	_, h, st := b.holdAWS(t, issuersim.AWSKey{})
	h.Value = inventory.NewValue("x" + awsFake[1:])
	ctx := revoke.WithHeld(t.Context(), h)
	if a, err := b.Ask(ctx, h); err != nil || a.State != inventory.StateUnknown || !strings.Contains(a.Detail, "not that of the id") {
		t.Errorf("%+v, %v", a, err)
	}
	if _, err := b.Apply(ctx, st); err == nil || !b.sim.Alive(awsID) {
		t.Errorf("%v", err)
	}
	b.verify(t, ctx, st, revoke.Receipt{Seen: map[string]string{revoke.SeenBefore: revoke.SeenAccepted}}, revoke.Unproven)
}

// Half a pair and a temporary key are for a person, and nobody is asked.
func TestAWSByHand(t *testing.T) {
	b := newBench(t)
	for want, h := range map[string]revoke.Held{
		"aws iam update-access-key --access-key-id " + awsID: {Kind: credential.AWSKeyIDAlone, KeyID: awsID, Value: inventory.NewValue(awsID)},
		"aws iam list-access-keys":                           {Kind: "aws-secret-key", Value: inventory.NewValue(awsFake)},
		"cannot end itself":                                  {Kind: "aws-temporary-key", KeyID: "ASIA" + awsID[4:], Value: inventory.NewValue(awsFake)},
	} {
		h.ID = "sec-held"
		st := b.step(t, t.Context(), h)
		if st.Action != revoke.ActionManual || !strings.Contains(st.Summary, want) || strings.Contains(st.Summary, awsFake) {
			t.Errorf("%+v", st)
		}
		if a, err := b.Ask(t.Context(), h); a != nil || err != nil {
			t.Errorf("%+v, %v", a, err)
		}
	}
	if calls := b.sim.Calls(); len(calls) != 0 {
		t.Errorf("%v", calls)
	}
}

// What ends a key is not sent outside a confirmed step.
func TestAWSUnarmed(t *testing.T) {
	b := newBench(t)
	_, h, _ := b.holdAWS(t, issuersim.AWSKey{})
	if err := b.disableAWS(t.Context(), awsID, h.Value, ""); err == nil || !strings.Contains(err.Error(), httpx.ErrUnarmed.Error()) || len(b.sim.Calls()) != 0 {
		t.Errorf("%v", err)
	}
}
