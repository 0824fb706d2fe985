package github

import (
	"errors"
	"io/fs"
	"net/url"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/credential"
	"nhitop/sources/internal/doc"
)

// alert of secret scanning. The secret itself is asked to be left out (hide_secret), and no field takes it.
type alert struct {
	Number   int64     `json:"number"`
	Created  time.Time `json:"created_at"`
	Type     string    `json:"secret_type"`
	Display  string    `json:"secret_type_display_name"`
	Provider *string   `json:"provider_slug"`
	Validity string    `json:"validity"`
	Public   *bool     `json:"publicly_leaked"`
	Multi    *bool     `json:"multi_repo"`
	Bypassed *gUser    `json:"push_protection_bypassed_by"`
	Assigned *gUser    `json:"assigned_to"`
	Repo     struct {
		Full string `json:"full_name"`
	} `json:"repository"`
	First *struct {
		Path   string `json:"path"`
		Line   int    `json:"start_line"`
		Commit string `json:"commit_sha"`
		HTML   string `json:"html_url"`
	} `json:"first_location_detected"`
}

func (c *collection) readAlerts() error {
	q := url.Values{"state": {"open"}, "hide_secret": {"true"}}
	var open []alert
	if _, err := pages(c, "alerts", c.orgPath("/secret-scanning/alerts"), q, "", func(a alert) { open = append(open, a) }); err != nil {
		return err
	}
	for i := range open {
		if err := c.alert(&open[i]); err != nil {
			return err
		}
	}
	return nil
}

// alertKinds are the kinds of secrets by the types of GitHub's alerts (docs.github.com, "Supported secret scanning
// patterns", read 2026-11). One that is not listed keeps GitHub's own name.
var alertKinds = map[string][2]string{
	"github_personal_access_token": {"github-pat-classic", "github"}, "github_oauth_access_token": {"github-oauth", "github"},
	"github_app_installation_access_token": {"github-app-installation", "github"}, "github_refresh_token": {"github-refresh-token", "github"},
	"github_ssh_private_key": {"ssh-private-key", "github"}, "anthropic_api_key": {"anthropic-api-key", "anthropic"}, "anthropic_admin_api_key": {"anthropic-admin-key", "anthropic"},
	"openai_api_key": {"openai-api-key", "openai"}, "aws_access_key_id": {"aws-secret-key", "aws"}, "aws_secret_access_key": {"aws-secret-key", "aws"},
	"google_api_key": {"google-api-key", "google"}, "google_cloud_service_account_credentials": {"gcp-service-account-key", "google"}, "npm_access_token": {"npm-token", "npm"},
	"gitlab_access_token": {"gitlab-pat", "gitlab"}, "slack_api_token": {"slack-bot-token", "slack"}, "hugging_face_user_access_token": {"huggingface-token", "huggingface"},
}

// alert takes in a secret that GitHub found in a repository.
func (c *collection) alert(a *alert) error {
	if _, name, ok := strings.Cut(a.Repo.Full, "/"); ok && !c.src.wanted(name) {
		return nil
	}
	path := "/repos/" + a.Repo.Full + "/secret-scanning/alerts/" + num(a.Number)
	kind, known := alertKinds[a.Type]
	if !known {
		kind[0] = strings.ReplaceAll(a.Type, "_", "-")
		if a.Provider != nil {
			kind[1] = *a.Provider
		}
	}
	x := inventory.Secret{
		ID: inventory.NewID(inventory.NounSecret, "github-alert", c.src.host, strings.ToLower(a.Repo.Full), num(a.Number)), Kind: kind[0], Issuer: kind[1],
		Storage: inventory.StoragePlaintext, Exposure: inventory.ExposureCommitted, State: validity[a.Validity], Leaked: a.Created,
		Note: "found by GitHub's secret scanning on " + a.Created.UTC().Format(time.DateOnly), Owners: owners(c.alertOwner(a, path)),
		Locations: []inventory.Location{{Path: c.url(path), Scope: inventory.ScopeProvider, Note: a.Display},
			{Path: c.url(c.orgPath("/secret-scanning/alerts")), Scope: inventory.ScopeProvider, Note: "alert " + num(a.Number) + " of " + a.Repo.Full}},
	}
	if x.State == "" {
		x.State = inventory.StateUnknown
	}
	if a.Public != nil && *a.Public {
		x.Exposure = inventory.ExposureLeaked
		x.Note += "; seen in public"
	}
	if a.Multi != nil && *a.Multi {
		x.Note += "; it stands in several repositories"
	}
	var v inventory.Value
	x.Clues = []inventory.Clue{{By: inventory.ClueKeyID, Text: c.url(path)}}
	if f := a.First; f != nil && f.Path != "" {
		file := strings.TrimPrefix(f.Path, "/")
		at := inventory.Location{Path: c.url("/repos/"+a.Repo.Full+"/contents") + "/" + file, Line: f.Line, Scope: inventory.ScopeRepo, Committed: inventory.Yes,
			Note: "in the history of " + a.Repo.Full}
		if l, ok := c.literals[place{a.Repo.Full, file, f.Line}]; ok {
			at.Pointer = doc.SafePointer(l.pointer)
			c.same(&x, l.id, at)
		} else {
			var err error
			if v, x.Kind, err = c.standing(a, file, x.Kind); err != nil {
				return err
			}
		}
		x.Locations = append(x.Locations, at)
		x.Assistants = append(x.Assistants, c.jobs[place{repo: a.Repo.Full, file: file}]...)
	}
	c.sink.Secret(x, v)
	return nil
}

// same says of a credential that was read in a file that it is the one of an alert, by giving both the alert's address.
func (c *collection) same(x *inventory.Secret, id inventory.ID, at inventory.Location) {
	c.sink.Secret(inventory.Secret{ID: id, Kind: x.Kind, Issuer: x.Issuer, Storage: x.Storage, Exposure: x.Exposure, State: x.State, Clues: x.Clues,
		Locations: []inventory.Location{at}}, inventory.Value{})
}

// standing is the credential that an alert is about, where it still stands in the file that GitHub found it in: then it is
// the same as the one that lies on a laptop. GitHub is not asked for it; it is read where everybody reads it who may read
// the repository. No value: it is not there any more, or the file was not read.
func (c *collection) standing(a *alert, file, kind string) (v inventory.Value, is string, err error) {
	if a.First.Line <= 0 || !c.fetches.take() {
		return v, kind, nil
	}
	data, err := c.fileNow(a.Repo.Full, file)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, errNoFile):
		return v, kind, nil
	case err != nil:
		return v, kind, c.failed("alerts", "/repos/"+a.Repo.Full+"/contents/"+file, err)
	}
	n := 0
	for line := range strings.Lines(string(data)) {
		if n++; n < a.First.Line {
			continue
		}
		for _, m := range credential.Find(line, credential.Context{Position: credential.PositionFile}) {
			if m.Sure && m.Issuer == alertKinds[a.Type][1] {
				return m.Value, m.Kind, nil
			}
		}
		break
	}
	return v, kind, nil
}

// validity is what GitHub found when it asked the provider.
var validity = map[string]string{"active": inventory.StateLive, "inactive": inventory.StateRevoked, "unknown": inventory.StateUnknown}

// alertOwner is whom the alert is assigned to, else who pushed it past the protection.
func (c *collection) alertOwner(a *alert, path string) inventory.ID {
	switch {
	case a.Assigned != nil:
		return c.owner(a.Assigned.Login, "the alert is assigned to them", path)
	case a.Bypassed != nil:
		return c.owner(a.Bypassed.Login, "pushed it past the protection", path)
	}
	return ""
}
