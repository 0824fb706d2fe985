package managers

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources"
	"nhitop/sources/internal/credref"
	"nhitop/sources/managers/awssim"
)

const (
	awsSecret = "ci/token"
	accessID  = "AKIAFAKE000000000001"
	accessKey = "FAKEsecretaccesskey+/0000000000000000001"
)

// awsBench is a Secrets Manager and the place in it, as opened by a change of the usual.
func awsBench(t *testing.T, key, holds string, may ...string) (*awssim.Sim, revoke.Manager) {
	t.Helper()
	w := awssim.World{Region: "eu-central-1", KeyID: accessID, Secret: accessKey, Secrets: map[string]string{awsSecret: holds, "going": "x"}, Deleted: []string{"going"}}
	if len(may) > 0 {
		w.May = may
	}
	sim := awssim.New(w)
	return sim, awsAt(t, sim, AWS{Region: "eu-central-1", Secret: awsSecret, Key: key, KeyID: accessID})
}

func awsAt(t *testing.T, sim *awssim.Sim, o AWS) revoke.Manager {
	t.Helper()
	o.SecretKey = credref.Ref{Env: "KEY"}
	m, err := NewAWS(o, sources.Env{
		Now: time.Now, Getenv: func(string) string { return accessKey }, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		Transport: func(host string) http.RoundTripper {
			if host != "secretsmanager.eu-central-1.amazonaws.com" {
				t.Errorf("it asks %s", host)
			}
			return sources.InProcess(sim)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAWS(t *testing.T) {
	blind := []string{"DescribeSecret", "PutSecretValue"}
	for name, c := range map[string]struct {
		key, holds string
		may        []string
		want       string // what the secret holds afterwards
		effect     string
		tried      bool
		residual   bool
	}{
		"whole":       {"", was, nil, fresh, "becomes AWSCURRENT", true, true},
		"first":       {"", "", nil, fresh, "becomes AWSCURRENT", false, false},
		"key":         {"value", `{"value":"old","user":"ci {secret}","n":12345678901234567890}`, nil, `{"n":12345678901234567890,"user":"ci {secret}","value":"FAKE-new-\"credential\"-0002"}`, "its other keys stay: n, user", true, true},
		"first key":   {"value", "", nil, `{"value":"FAKE-new-\"credential\"-0002"}`, "", false, false},
		"write alone": {"", was, blind, fresh, "may not read it back", false, true},
	} {
		t.Run(name, func(t *testing.T) {
			sim, m := awsBench(t, c.key, c.holds, c.may...)
			_, versions := sim.Shows(awsSecret)
			s, err := m.Look(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(s.Effect, c.effect) || (s.Try != nil) != c.tried || (s.Residual != "") != c.residual || !strings.HasPrefix(s.Where, "AWS Secrets Manager, eu-central-1, ci/token") {
				t.Errorf("%+v", s)
			}
			if s.Try != nil {
				if err := s.Try(t.Context(), "step"); err != nil {
					t.Error(err)
				}
			}
			if v, n := sim.Shows(awsSecret); v != c.holds || n != versions {
				t.Errorf("looking and trying changed it: %q, %d versions", v, n)
			}
			if _, err := m.Read(t.Context(), s.Mark); !errors.Is(err, revoke.ErrNotHeld) {
				t.Errorf("read before it was written: %v", err)
			}
			readable := c.may == nil
			v, err := s.Write(t.Context(), "step", inventory.NewValue(fresh))
			if err != nil || shows(v, fresh) != readable {
				t.Errorf("%v", err)
			}
			if v, n := sim.Shows(awsSecret); v != c.want || n != versions+1 {
				t.Errorf("it holds %s, %d versions", v, n)
			}
			got, err := m.Read(t.Context(), s.Mark)
			if (err == nil && shows(got, fresh)) != readable {
				t.Errorf("after a crash: %v", err)
			}
			sim.Put(awsSecret, `{"value":"another"}`)
			if _, err := m.Read(t.Context(), s.Mark); !errors.Is(err, revoke.ErrNotHeld) {
				t.Errorf("after another's write: %v", err)
			}
		})
	}
}

func TestAWSThatCannot(t *testing.T) {
	for name, c := range map[string]struct {
		key, holds, secret, id string
		may                    []string
		want                   string
	}{
		"none":           {"", was, "other", accessID, nil, "there is no secret other in eu-central-1: make it there first"},
		"going":          {"", was, "going", accessID, nil, "about to be deleted"},
		"no JSON":        {"value", was, awsSecret, accessID, nil, "holds no JSON object"},
		"would lose":     {"value", `{}`, awsSecret, accessID, []string{"DescribeSecret", "PutSecretValue"}, "give it secretsmanager:GetSecretValue"},
		"may not look":   {"", was, awsSecret, accessID, []string{"PutSecretValue"}, "not authorized to perform: secretsmanager:DescribeSecret"},
		"another's key":  {"", was, awsSecret, "AKIAFAKE000000000002", nil, "UnrecognizedClientException"},
		"may not write":  {"", was, awsSecret, accessID, []string{"DescribeSecret", "GetSecretValue"}, "not authorized to perform: secretsmanager:PutSecretValue"},
		"may write key?": {"value", `{"value":"x"}`, awsSecret, accessID, []string{"DescribeSecret", "GetSecretValue"}, "secretsmanager:PutSecretValue"},
	} {
		t.Run(name, func(t *testing.T) {
			sim, _ := awsBench(t, c.key, c.holds, c.may...)
			m := awsAt(t, sim, AWS{Region: "eu-central-1", Secret: c.secret, Key: c.key, KeyID: c.id})
			s, err := m.Look(t.Context())
			if err == nil && s.Try != nil {
				err = s.Try(t.Context(), "step")
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), accessKey) {
				t.Errorf("%v; want %s", err, c.want)
			}
			if v, n := sim.Shows(awsSecret); v != c.holds || n != 1 {
				t.Errorf("it holds %s, %d versions", v, n)
			}
		})
	}
}

func TestAWSWriteThatFails(t *testing.T) {
	for name, c := range map[string]struct {
		fault awssim.Fault
		taken bool // after all
		not   bool // surely
	}{
		"refused":    {awssim.Fault{Status: 400}, false, true},
		"breaks":     {awssim.Fault{Status: 500}, false, true},
		"lies":       {awssim.Fault{Lies: true}, false, true},
		"cut before": {awssim.Fault{Before: true}, false, false},
		"cut after":  {awssim.Fault{After: true}, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			sim, m := awsBench(t, "", was)
			s, err := m.Look(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			sim.Break(c.fault)
			v, err := s.Write(t.Context(), "step", inventory.NewValue(fresh))
			if (err == nil) != c.taken || shows(v, fresh) != c.taken || errors.Is(err, revoke.ErrNotTaken) != c.not {
				t.Errorf("%v", err)
			}
			if held, _ := sim.Shows(awsSecret); (held == fresh) != c.taken {
				t.Errorf("it holds %s", held)
			}
		})
	}
	sim, m := awsBench(t, "", was)
	s, err := m.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	sim.Put(awsSecret, "another's")
	if _, err := s.Write(t.Context(), "step", inventory.NewValue(fresh)); !errors.Is(err, revoke.ErrNotTaken) || !strings.Contains(err.Error(), "somebody else has written") {
		t.Error(err)
	}
	if v, _ := sim.Shows(awsSecret); v != "another's" {
		t.Errorf("written over: %s", v)
	}
}

func TestAWSOptions(t *testing.T) {
	good := AWS{Region: "eu-central-1", Secret: awsSecret, KeyID: accessID, SecretKey: credref.Ref{Env: "K"}}
	if _, err := NewAWS(good, sources.Env{}); err != nil {
		t.Error(err)
	}
	for want, change := range map[string]func(*AWS){
		"region: is needed":   func(o *AWS) { o.Region = "" },
		"region: as":          func(o *AWS) { o.Region = "x/y" },
		"secret: is needed":   func(o *AWS) { o.Secret = "" },
		"secret: not with":    func(o *AWS) { o.Secret = "{secret}" },
		"key_id: is needed":   func(o *AWS) { o.KeyID = "" },
		"key_id: of a long":   func(o *AWS) { o.KeyID = "ASIAFAKE000000000001" },
		"secret_key: a crede": func(o *AWS) { o.SecretKey = credref.Ref{} },
		"url: plain http":     func(o *AWS) { o.URL = "http://aws.example.com" },
	} {
		o := good
		change(&o)
		if _, err := NewAWS(o, sources.Env{}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v; want %s", err, want)
		}
	}
}
