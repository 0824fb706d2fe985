package github

import (
	"slices"
	"strings"

	"nhitop/inventory"
)

// tokenDefaults is what a job's token may do where a workflow does not say.
type tokenDefaults struct {
	Permissions string `json:"default_workflow_permissions"` // read, write; "" not known
	Approve     *bool  `json:"can_approve_pull_request_reviews"`
}

func (d *tokenDefaults) words() string {
	switch {
	case d.Permissions == "":
		return ""
	case d.Approve != nil && *d.Approve:
		return d.Permissions + " by default, may open and approve pull requests"
	}
	return d.Permissions + " by default"
}

// runner is a machine of the company's own that runs jobs.
type runner struct {
	ID        int64  `json:"id"`
	Name      string `json:"name"`
	OS        string `json:"os"`
	Status    string `json:"status"`
	Ephemeral *bool  `json:"ephemeral"`
	Version   string `json:"version"`
	Labels    []struct {
		Name string `json:"name"`
	} `json:"labels"`
}

// actionsFacts are the organisation's settings of Actions.
type actionsFacts struct {
	enabled  string // all, selected, none; "" not known
	defaults tokenDefaults
	oidc     []string // claims of the subject; nil: not known
	runners  []runner
	whole    bool // all runners of the organisation are known
}

func (c *collection) readActions() error {
	a := &c.actions
	var on struct {
		Enabled string `json:"enabled_repositories"`
	}
	if _, err := c.get("actions", c.orgPath("/actions/permissions"), &on); err != nil {
		return err
	}
	a.enabled = on.Enabled
	if _, err := c.get("actions", c.orgPath("/actions/permissions/workflow"), &a.defaults); err != nil {
		return err
	}
	var sub struct {
		Claims []string `json:"include_claim_keys"`
	}
	ok, err := c.get("oidc", c.orgPath("/actions/oidc/customization/sub"), &sub)
	if err != nil {
		return err
	}
	if ok {
		a.oidc = append([]string{}, sub.Claims...)
	}
	a.whole, err = pages(c, "runners", c.orgPath("/actions/runners"), nil, "runners", func(r runner) {
		a.runners = append(a.runners, r)
		c.runner(&r, c.orgPath("/actions/runners/%s", num(r.ID)), c.src.opt.Org)
	})
	return err
}

// runner delivers a machine that runs jobs.
func (c *collection) runner(r *runner, path, of string) {
	rails := map[string]string{"labels": strings.Join(r.labels(), ", "), "status": r.Status, "os": r.OS, "thrown away after a job": string(r.ephemeral())}
	if r.Version != "" {
		rails["version"] = r.Version
	}
	c.resource(inventory.Resource{
		Kind: "runner", Name: c.src.host + "/" + of + " " + r.Name, Guardrails: rails,
		Evidence: []inventory.Evidence{{Path: c.url(path), Note: "self-hosted runner of " + of}},
	})
}

func (r *runner) ephemeral() inventory.Answer {
	switch {
	case r.Ephemeral == nil:
		return inventory.Unknown
	case *r.Ephemeral:
		return inventory.Yes
	}
	return inventory.No
}

func (r *runner) labels() []string {
	var out []string
	for _, l := range r.Labels {
		out = append(out, l.Name)
	}
	return out
}

// fits reports whether a runner has all the labels that a job asks for.
func (r *runner) fits(labels []string) bool {
	have := r.labels()
	return len(labels) > 0 && !slices.ContainsFunc(labels, func(want string) bool {
		return !slices.ContainsFunc(have, func(l string) bool { return strings.EqualFold(l, want) })
	})
}

// ephemeral tells whether every runner that a job may get is thrown away after it.
func ephemeral(runners []runner, whole bool, labels []string) (answer inventory.Answer, names []string) {
	answer = inventory.Unknown
	for i := range runners {
		r := &runners[i]
		if !r.fits(labels) {
			continue
		}
		switch e := r.ephemeral(); {
		case e == inventory.No:
			names = append(names, r.Name)
			answer = inventory.No
		case answer != inventory.No && e == inventory.Yes && whole:
			answer = inventory.Yes
		}
	}
	return answer, names
}
