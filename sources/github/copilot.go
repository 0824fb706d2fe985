package github

import (
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
)

// cloudAgent is the slug of the app by which Copilot's cloud agent acts.
const cloudAgent = "copilot-swe-agent"

// copilotFacts are the organisation's Copilot.
type copilotFacts struct {
	policy struct {
		Plan    string `json:"plan_type"`
		Seats   string `json:"seat_management_setting"`
		CLI     string `json:"cli"`
		IDE     string `json:"ide_chat"`
		Web     string `json:"platform_chat"`
		Matches string `json:"public_code_suggestions"`
	}
	agent    *holder
	app      *installation
	enabled  string         // all, selected, none; "" not known
	selected map[int64]bool // for selected
	secrets  []string       // names given to agents, those of the organisation
	open     int            // repositories read in which the agent reaches the whole network
	asks     map[int64]bool // repositories read: must a person let its pipelines run
}

type seat struct {
	Assignee *gUser     `json:"assignee"`
	Created  time.Time  `json:"created_at"`
	Activity *time.Time `json:"last_activity_at"`
	Editor   *string    `json:"last_activity_editor"`
	Pending  *string    `json:"pending_cancellation_date"`
	Team     *struct {
		Slug string `json:"slug"`
	} `json:"assigning_team"`
}

func (c *collection) readCopilot() error {
	if _, err := c.get("copilot", c.orgPath("/copilot/billing"), &c.copilot.policy); err != nil {
		return err
	}
	entry := c.src.cat.Assistant("copilot")
	if _, err := pages(c, "copilot", c.orgPath("/copilot/billing/seats"), nil, "seats", func(s seat) { c.seat(&s, entry) }); err != nil {
		return err
	}
	return c.readAgent()
}

// seat is Copilot in the hands of one person. What it may do is set on the person's machine.
func (c *collection) seat(s *seat, entry *catalogue.Assistant) {
	if s.Assignee == nil || s.Assignee.Login == "" {
		return
	}
	login := s.Assignee.Login
	path := c.orgPath("/members/%s/copilot", login)
	note := "Copilot seat since " + s.Created.UTC().Format(time.DateOnly)
	if s.Team != nil && s.Team.Slug != "" {
		note += ", by team " + s.Team.Slug
	}
	if s.Pending != nil && *s.Pending != "" {
		note += ", ends on " + *s.Pending
	}
	a := inventory.Assistant{
		ID:   inventory.NewID(inventory.NounAssistant, "copilot", c.src.host, c.src.opt.Org, "seat", strings.ToLower(login)),
		Kind: "copilot", Name: "Copilot of " + login, Vendor: "GitHub", Scope: "org", Host: c.src.host, Path: c.src.host + "/" + c.src.opt.Org, Account: login,
		Class: inventory.ClassUnknown, ClassReason: "what it may do is set where the person works",
		Autonomy: inventory.AutonomyUnknown, AutonomyReason: "set where the person works", Sandbox: inventory.SandboxUnknown, Status: "active",
		Owners:   owners(c.owner(login, "has a Copilot seat", path)),
		Evidence: []inventory.Evidence{{Path: c.url(path), Note: note}, {Path: c.url(c.orgPath("/copilot/billing/seats")), Note: "seat of " + login}}, Capabilities: map[inventory.Capability]inventory.Answer{},
	}
	if entry != nil && entry.Acts {
		a.Class, a.ClassReason = inventory.ClassNHI, "the product acts: agent mode edits and runs commands"
		for k, v := range entry.Default.Capabilities { // no is certain where the product cannot; all else depends on settings
			if v == string(inventory.No) {
				a.Capabilities[inventory.Capability(k)] = inventory.No
			}
		}
	}
	if s.Activity != nil {
		a.LastUsed = s.Activity.UTC()
		if e := text(s.Editor); e != "" {
			a.Evidence[0].Note += ", last in " + e
		}
	}
	if c.now.Sub(a.LastUsed) > idleAfter && c.now.Sub(s.Created) > idleAfter {
		a.Status = "idle"
	}
	for _, p := range []struct{ name, value string }{{"cli", c.copilot.policy.CLI}, {"ide_chat", c.copilot.policy.IDE}, {"platform_chat", c.copilot.policy.Web},
		{"public_code_suggestions", c.copilot.policy.Matches}} {
		if p.value != "" {
			a.Settings = append(a.Settings, inventory.Setting{Kind: inventory.SettingManaged, Name: p.name, Value: p.value, Scope: "managed", Effective: true,
				Why: "policy of the organisation", Path: c.url(c.orgPath("/copilot/billing"))})
		}
	}
	a.Capabilities[inventory.ReadSource] = inventory.Yes
	c.sink.Entitlement(inventory.Entitlement{
		ID: inventory.NewID(inventory.NounEntitlement, string(a.ID), "seat"), Assistant: a.ID, Via: inventory.ViaDelegated, Capability: inventory.ReadSource, Level: "read",
		Resource: c.orgResource(), Origin: inventory.OriginDirect, Gate: inventory.GateOpen, Certain: true, GrantedAt: s.Created, LastUsed: a.LastUsed,
		Path: []string{a.Name, "Copilot seat", "reads what " + login + " may read"}, Evidence: a.Evidence[:1],
	})
	c.sink.Assistant(a)
}

// idleAfter is from when on a seat without activity is shown as idle; whether it is too long is the policy's to say.
const idleAfter = 30 * 24 * time.Hour
