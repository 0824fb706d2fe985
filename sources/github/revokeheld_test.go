package github

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

type without struct {
	http.RoundTripper
	path string
}

func (w without) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, w.path) {
		return nil, errors.New("no way there")
	}
	return w.RoundTripper.RoundTrip(r)
}

// A refusal is the end of a token only where the control is answered, and the token was one of GitHub's: accepted before, or listed
// there. A token of another GitHub is refused alike.
func TestWhatARefusalProves(t *testing.T) {
	accepted := revoke.Receipt{Seen: map[string]string{revoke.SeenBefore: revoke.SeenAccepted}}
	for name, c := range map[string]struct {
		rec    revoke.Receipt
		issued string
		down   string
		want   revoke.Grade
	}{
		"accepted before":                   {accepted, "", "", revoke.Proven},
		"listed":                            {revoke.Receipt{}, "yes", "", revoke.Proven},
		"never seen":                        {revoke.Receipt{}, "", "", ""},
		"accepted before, no control":       {accepted, "", "/meta", revoke.Unproven},
		"listed, no control":                {revoke.Receipt{}, "yes", "/meta", revoke.Unproven},
		"never seen, and no control either": {revoke.Receipt{}, "", "/meta", revoke.Unproven},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, victims())
			h := revoke.Held{ID: "sec-held", Kind: "github-pat-classic", Value: inventory.NewValue("gh" + "p_FAKEstranger000000000000000000000000000")}
			ctx := revoke.WithHeld(t.Context(), h)
			steps, err := s.src.PlanHeld(ctx, h, nil)
			if err != nil || len(steps) != 1 {
				t.Fatal(steps, err)
			}
			if c.issued != "" {
				steps[0].Params[paramIssued] = c.issued
			}
			via := s.src.env.Transport
			s.src.env.Transport = func(host string) http.RoundTripper {
				if c.down == "" {
					return via(host)
				}
				return without{via(host), c.down}
			}
			p, err := s.src.Verify(ctx, steps[0], c.rec)
			if c.want == "" {
				if !errors.Is(err, revoke.ErrNeverAccepted) || p.Grade == revoke.Proven {
					t.Errorf("%+v %v", p, err)
				}
				return
			}
			if err != nil || p.Grade != c.want {
				t.Errorf("%+v %v, want %s", p, err, c.want)
			}
		})
	}
}

// Whether GitHub itself lists a credential is told by its lists, not by an alert about a text.
func TestWhatGitHubListsItIssued(t *testing.T) {
	s := newStage(t, victims())
	base := strings.TrimRight(s.src.opt.URL, "/")
	for path, want := range map[string]string{"/orgs/acme/personal-access-tokens/1": "yes", "/repos/acme/web/secret-scanning/alerts/7": "", "/orgs/acme/secret-scanning/alerts": ""} {
		h := revoke.Held{ID: "sec-x", Kind: "github-pat-classic", Value: inventory.NewValue("gh" + "p_FAKE")}
		snap := inventory.NewSnapshot(noon, inventory.Records{Secrets: []inventory.Secret{{ID: "sec-x", Kind: h.Kind, Locations: []inventory.Location{{Path: base + path, Scope: inventory.ScopeProvider}}}}}, false)
		steps, err := s.src.PlanHeld(t.Context(), h, snap)
		if err != nil || len(steps) != 1 || steps[0].Params[paramIssued] != want {
			t.Errorf("%s: %+v %v", path, steps, err)
		}
	}
}
