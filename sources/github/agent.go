package github

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/inventory/credential"
	"nhitop/sources/internal/cijob"
	"nhitop/sources/internal/forge"
	"nhitop/sources/internal/pipeline"
)

// readAgent reads the policy of the cloud agent and takes it in as an assistant where it may work at all.
func (c *collection) readAgent() error {
	k := &c.copilot
	path := c.orgPath("/copilot/coding-agent/permissions")
	var policy struct {
		Enabled string `json:"enabled_repositories"`
	}
	ok, err := c.get("agent", path, &policy)
	if err != nil {
		return err
	}
	if ok {
		k.enabled = policy.Enabled
	}
	if k.enabled == "selected" {
		k.selected = map[int64]bool{}
		whole, err := pages(c, "agent", path+"/repositories", nil, "repositories", func(r struct {
			ID int64 `json:"id"`
		}) {
			k.selected[r.ID] = true
		})
		if err != nil {
			return err
		}
		if !whole {
			k.selected = nil
		}
	}
	if k.app == nil && (k.enabled == "" || k.enabled == "none") {
		return nil
	}
	c.takeAgent(path)
	if k.agent == nil {
		return nil
	}
	_, err = pages(c, "agent-secrets", c.orgPath("/agents/secrets"), nil, "secrets", func(s storedSecret) {
		k.secrets = append(k.secrets, s.Name)
		c.agentSecret(&s, c.orgPath("/agents/secrets/%s", s.Name), c.src.host+"/"+c.src.opt.Org)
	})
	return err
}

// takeAgent makes the assistant. Where the app of the agent is installed it acts through that; its reach is the policy's.
func (c *collection) takeAgent(path string) {
	k := &c.copilot
	f := c.src.app(0, cloudAgent, "")
	if f == nil {
		return
	}
	f.note, f.sure = "Copilot's cloud agent, enabled for "+cmp.Or(k.enabled, "repositories that are not told"), true
	rec := f.record(inventory.NewID(inventory.NounAssistant, "copilot", c.src.host, c.src.opt.Org, "cloud-agent"), "Copilot cloud agent")
	proof := inventory.Evidence{Path: c.url(path), Note: f.note}
	rec.Host, rec.Path, rec.Account, rec.Status = c.src.host, c.src.host+"/"+c.src.opt.Org, cloudAgent+"[bot]", "active"
	rec.Evidence = []inventory.Evidence{proof}
	rec.LastUsed = c.did.lastOf("Copilot", 0)
	if t := c.did.lastOf(rec.Account, 0); t.After(rec.LastUsed) {
		rec.LastUsed = t
	}
	rec.Settings = append(rec.Settings, inventory.Setting{Kind: inventory.SettingManaged, Name: "enabled_repositories", Value: k.enabled, Scope: "managed", Effective: true,
		Why: "policy of the organisation", Path: c.url(path)})
	h := &holder{rec: &rec, proof: proof, login: rec.Account, capped: agentNever, all: k.enabled == "all", repos: k.selected, each: c.agentIn}
	h.actor = forge.Actor{Kind: forge.App, Name: "Copilot cloud agent", RepoAdminRole: inventory.No, CodeOwner: inventory.No, AsksForRuns: inventory.Yes}
	h.actor.Grants = []forge.Grant{
		{Scope: forge.Contents, Access: forge.Write, Words: "cloud agent: pushes to branches of its own", Certain: true},
		{Scope: forge.PullRequests, Access: forge.Write, Words: "cloud agent: opens pull requests", Certain: true},
		{Scope: forge.Workflows, Access: forge.Write, Words: "cloud agent: may change workflow files in its pull request", Certain: false},
	}
	if k.app != nil {
		h.actor.As = []forge.Principal{{Kind: forge.ByApp, ID: num(k.app.AppID), Name: cloudAgent}}
		h.granted = k.app.Created
		if k.app.Suspended != nil {
			h.capped, rec.Status = suspended, "suspended"
		}
		if k.enabled == "none" {
			h.repos = map[int64]bool{}
		}
	}
	k.agent, k.asks = h, map[int64]bool{}
	c.actors.add(h)
}

// agentIn is the agent in one repository: whether a person must let its pipelines run is set there.
func (c *collection) agentIn(id int64) forge.Actor {
	a := c.copilot.agent.actor
	switch asks, read := c.copilot.asks[id]; {
	case !read:
		a.AsksForRuns = inventory.Unknown
	case !asks:
		a.AsksForRuns = inventory.No
	}
	return a
}

// agentNever is what Copilot's cloud agent does not do whatever the rules let it: it pushes to branches of its own, does
// not approve, and leaves the merge to people (docs.github.com, "Risks and mitigations for Copilot cloud agent", 2026-11).
func agentNever(rs []forge.Right) []forge.Right {
	out := slices.Clone(rs)
	for i := range out {
		switch out[i].Capability {
		case inventory.MergeProtected, inventory.ApprovePR, inventory.BypassReview:
			out[i].Gate, out[i].Certain = inventory.GateBlocked, true
			out[i].Path = append(slices.Clone(out[i].Path), "the agent neither approves nor merges")
		}
	}
	return out
}

// agentSecret is a secret that agents get by its name.
func (c *collection) agentSecret(s *storedSecret, path, of string) inventory.ID {
	id := c.deliverStored(s, path, of, "given to agents", []inventory.ID{c.copilot.agent.rec.ID})
	rec := c.copilot.agent.rec
	rec.Secrets = append(rec.Secrets, id)
	kind, caps := cijob.ByName(strings.TrimPrefix(s.Name, "COPILOT_MCP_"))
	for _, cp := range caps {
		res := c.resource(inventory.Resource{Kind: kind, Name: "by secret " + s.Name + " of " + of, Evidence: []inventory.Evidence{{Path: c.url(path), Note: "secret " + s.Name}}})
		c.sink.Entitlement(inventory.Entitlement{
			ID:        inventory.NewID(inventory.NounEntitlement, string(rec.ID), string(id), string(cp), string(res)),
			Assistant: rec.ID, Via: string(id), Capability: cp, Level: cijob.Level(cp), Resource: res, Origin: inventory.OriginInherited, Gate: inventory.GateOpen,
			Path: []string{rec.Name, "secret " + s.Name, "told by its name only", string(cp)}, Evidence: []inventory.Evidence{{Path: c.url(path), Note: "secret " + s.Name}},
		})
		if rec.Capabilities == nil {
			rec.Capabilities = map[inventory.Capability]inventory.Answer{}
		}
		rec.Capabilities[cp] = inventory.Unknown
	}
	return id
}

// agentSettings are those of the cloud agent in one repository.
type agentSettings struct {
	MCP       json.RawMessage `json:"mcp_configuration"`
	Approval  bool            `json:"require_actions_workflow_approval"`
	Firewall  bool            `json:"is_firewall_enabled"`
	Default   bool            `json:"is_firewall_recommended_allowlist_enabled"`
	Allow     []string        `json:"custom_allowlist"`
	Automatic bool            `json:"is_automations_enabled"`
	ByWriters bool            `json:"require_write_access_for_automation_triggers"`
}

// reachesAgent reports whether the cloud agent works in a repository.
func (c *collection) reachesAgent(id int64) bool {
	h := c.copilot.agent
	return h != nil && (h.all || h.repos[id])
}

// readAgentSettings reads what is set for the cloud agent in one repository.
func (c *collection) readAgentSettings(id int64, full string) error {
	path := "/repos/" + full + "/copilot/cloud-agent/configuration"
	var s agentSettings
	if ok, err := c.get("agent", path, &s); !ok || err != nil {
		return err
	}
	rec, at := c.copilot.agent.rec, c.url(path)
	set := func(kind, name, value, why string) {
		rec.Settings = append(rec.Settings, inventory.Setting{Kind: kind, Name: name, Value: value, Scope: "repo", Effective: true, Why: full + ": " + why, Path: at, Pointer: "/" + name})
	}
	c.copilot.asks[id] = s.Approval
	if !s.Firewall {
		c.copilot.open++
		set(inventory.SettingNetwork, "is_firewall_enabled", "false", "the agent reaches the whole network")
	}
	if len(s.Allow) > 0 {
		set(inventory.SettingNetwork, "custom_allowlist", credential.Redact(strings.Join(s.Allow, " ")), "hosts that it reaches besides")
	}
	if !s.Approval {
		set(inventory.SettingMode, "require_actions_workflow_approval", "false", "its pipelines run with nobody asked")
	}
	if s.Automatic && !s.ByWriters {
		set(inventory.SettingMode, "require_write_access_for_automation_triggers", "false", "who may not write can start it")
	}
	return c.agentServers(full, path, s.MCP)
}

// mcpName is how a tool server of the agent refers to a secret that was given to agents.
var mcpName = regexp.MustCompile(`"\$?\{?(COPILOT_MCP_[A-Z0-9_]+)\}?"`)

func (c *collection) agentServers(full, path string, raw json.RawMessage) error {
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	at := c.url(path)
	tools, err := pipeline.Servers(at, mcpName.ReplaceAll(raw, []byte(`"${{ secrets.$1 }}"`)))
	if err != nil {
		c.sink.Warn(inventory.Warning{Path: at, Text: "tool servers of the cloud agent: not understood"})
		return nil
	}
	rec := c.copilot.agent.rec
	for i := range tools {
		c.agentTool(rec, full, at, &tools[i])
	}
	return nil
}

func (c *collection) agentTool(rec *inventory.Assistant, full, at string, t *pipeline.Tool) {
	pointer := "/mcp_configuration" + t.Pointer
	x := inventory.Tool{
		ID: inventory.NewID(inventory.NounTool, string(rec.ID), full, t.Name), Assistant: rec.ID, Name: credential.Redact(t.Name), Transport: t.Transport,
		Command: t.Command, Args: t.Args, URL: t.URL, EnvNames: t.EnvNames, HeaderNames: t.HeaderNames, Pinned: inventory.Unknown, Enabled: t.Enabled,
		AutoApproved: true, ApprovedTools: []string{"*"}, Scope: "repo",
		Evidence: []inventory.Evidence{{Path: at, Pointer: pointer, Note: "tool server of the cloud agent in " + full}},
	}
	if t.Command != "" {
		_, _, x.Pinned, x.PinReason = catalogue.Package(t.Command, t.Args)
	} else if t.URL != "" {
		x.PinReason = "remote: what runs there is not pinned from here"
	}
	if known := c.src.cat.MatchServer(t.Command, t.Args, t.URL); known != nil {
		x.Known = known.ID
	}
	for _, l := range t.Literals {
		m := l.Match
		id := c.sink.Secret(inventory.Secret{
			Kind: m.Kind, Issuer: m.Issuer, Account: m.Account, Scopes: m.Scopes, Checksum: m.Checksum, Broad: m.Broad, LongLived: m.LongLived, Created: m.Created,
			Expires: m.Expires, Assistants: []inventory.ID{rec.ID}, Storage: inventory.StoragePlaintext, Exposure: inventory.ExposureShared, State: inventory.StateUnknown,
			Note:      "written into the settings of the cloud agent, where whoever administers the repository reads it",
			Locations: []inventory.Location{{Path: at, Pointer: pointer, Scope: inventory.ScopeProvider, Form: m.Form}},
		}, m.Value)
		x.Secrets, rec.Secrets = append(x.Secrets, id), append(rec.Secrets, id)
	}
	for _, r := range t.References {
		if r.Kind == "ci-secret" {
			of := c.src.host + "/" + c.src.opt.Org
			if !slices.Contains(c.copilot.secrets, r.Text) {
				of = c.repoName(full)
			}
			x.Secrets = append(x.Secrets, agentSecretID(of, r.Text))
		}
		c.sink.Reference(inventory.Reference{Assistant: rec.ID, Kind: r.Kind, Text: r.Text, Path: at, Pointer: pointer})
	}
	c.sink.Tool(x)
	rec.Tools = append(rec.Tools, x.ID)
}

// settleAgent says of the cloud agent what its repositories have in common.
func (c *collection) settleAgent() {
	k := &c.copilot
	if k.agent == nil {
		return
	}
	rec := k.agent.rec
	switch {
	case len(k.asks) == 0:
		rec.Evidence[0].Note += "; its firewall was read in no repository"
	case k.open > 0:
		rec.Network = "open"
		rec.Evidence = append(rec.Evidence, inventory.Evidence{Path: rec.Evidence[0].Path, Note: fmt.Sprintf("the firewall is off in %d of %d repositories that were read", k.open, len(k.asks))})
	default:
		rec.Network = "allowlist"
	}
}
