package githubsim

import (
	"net/http"
	"slices"
	"time"
)

const (
	seatsPath = "/orgs/{org}/copilot/billing"
	agentPath = "/orgs/{org}/copilot/coding-agent/permissions"
)

var (
	readSeats  = need{role: roleAdmin, scope: "manage_billing:copilot read:org", perm: "organization_copilot_seat_management:read"}
	writeSeats = need{role: roleAdmin, scope: "manage_billing:copilot admin:org", perm: "organization_copilot_seat_management:write"}
	readAgent  = need{role: roleAdmin, scope: "admin:org", perm: "organization_copilot_agent_settings:read"}
	writeAgent = need{role: roleAdmin, scope: "admin:org", perm: "organization_copilot_agent_settings:write"}
)

var copilotRoutes = []route{
	{pattern: "GET " + seatsPath, do: (*call).copilot, need: readSeats, cloud: true},
	{pattern: "GET " + seatsPath + "/seats", do: (*call).listSeats, need: readSeats, cloud: true},
	{pattern: "POST " + seatsPath + "/selected_users", do: (*call).addSeats, need: writeSeats, cloud: true},
	{pattern: "DELETE " + seatsPath + "/selected_users", do: (*call).cancelSeats, need: writeSeats, cloud: true},
	{pattern: "GET " + agentPath, do: (*call).agentPolicy, need: readAgent, cloud: true},
	{pattern: "PUT " + agentPath, do: (*call).setAgentPolicy, need: writeAgent, cloud: true},
	{pattern: "GET " + agentPath + "/repositories", do: (*call).agentRepos, need: readAgent, cloud: true},
	{pattern: "PUT " + agentPath + "/repositories", do: (*call).setAgentRepos, need: writeAgent, cloud: true},
	{pattern: "PUT " + agentPath + "/repositories/{repository_id}", do: (*call).allowAgent, need: writeAgent, cloud: true},
	{pattern: "DELETE " + agentPath + "/repositories/{repository_id}", do: (*call).forbidAgent, need: writeAgent, cloud: true},
	{pattern: "GET /repos/{owner}/{repo}/copilot/cloud-agent/configuration", do: (*call).agentConfig, need: repoAdmin("copilot_agent_settings:read", 0), cloud: true},
}

// bought is the organisation's Copilot without the seats that have ended by now; nil if it has none.
func (c *call) bought() *Copilot {
	x := c.org.Copilot
	if x != nil {
		now := c.now()
		x.Seats = slices.DeleteFunc(x.Seats, func(s Seat) bool { return !s.Pending.IsZero() && !now.Before(s.Pending) })
	}
	return x
}

func (c *call) copilot() answer {
	x := c.bought()
	if x == nil {
		return *c.notFound()
	}
	cycle := monthOf(c.now())
	var added, pending, active int
	for _, s := range x.Seats {
		added += one(!s.Created.Before(cycle))
		pending += one(!s.Pending.IsZero())
		active += one(!s.LastActivity.Before(cycle))
	}
	return ok(obj{"seat_breakdown": obj{"total": len(x.Seats), "added_this_cycle": added, "pending_cancellation": pending, "pending_invitation": 0,
		"active_this_cycle": active, "inactive_this_cycle": len(x.Seats) - active},
		"public_code_suggestions": orText(x.PublicCode, "unconfigured"), "ide_chat": orText(x.IDEChat, "unconfigured"), "platform_chat": orText(x.PlatformChat, "unconfigured"),
		"cli": orText(x.CLI, "unconfigured"), "seat_management_setting": orText(x.SeatSetting, "assign_selected"), "plan_type": orText(x.Plan, "business")})
}

// monthOf is the start of the billing cycle.
func monthOf(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC) }

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

func (c *call) listSeats() answer {
	x := c.bought()
	if x == nil {
		return *c.notFound()
	}
	items, link := c.items(len(x.Seats), func(i int) any { return c.seat(&x.Seats[i], x) })
	return linked(ok(obj{"total_seats": len(x.Seats), "seats": items}), link)
}

func (c *call) seat(s *Seat, x *Copilot) obj {
	o := obj{"assignee": c.user(s.Login), "organization": c.orgObj(c.org), "assigning_team": nil, "pending_cancellation_date": nil, "last_activity_at": when(s.LastActivity),
		"last_activity_editor": text(s.LastEditor), "last_authenticated_at": when(s.LastAuthenticated), "created_at": when(s.Created), "updated_at": when(s.Created),
		"plan_type": orText(x.Plan, "business")}
	if t := c.org.team(s.Team); t != nil {
		o["assigning_team"] = c.teamObj(t)
	}
	if !s.Pending.IsZero() {
		o["pending_cancellation_date"] = s.Pending.Format(time.DateOnly)
	}
	return o
}

func (c *call) logins() ([]string, *answer) {
	var in struct {
		Logins []string `json:"selected_usernames"`
	}
	if !c.read(&in) || len(in.Logins) == 0 {
		return nil, c.refuse(http.StatusUnprocessableEntity, "selected_usernames is missing.")
	}
	return in.Logins, nil
}

func (c *call) addSeats() answer {
	x := c.bought()
	logins, refused := c.logins()
	switch {
	case x == nil:
		return *c.notFound()
	case refused != nil:
		return *refused
	}
	made := 0
	for _, l := range logins {
		if i := x.seatOf(l); i >= 0 {
			x.Seats[i].Pending = time.Time{} // the seat stays after all
			continue
		}
		x.Seats = append(x.Seats, Seat{Login: l, Created: c.now()})
		made++
	}
	return status(http.StatusCreated, obj{"seats_created": made})
}

func (x *Copilot) seatOf(login string) int {
	return slices.IndexFunc(x.Seats, func(s Seat) bool { return low(s.Login) == low(login) })
}

// cancelSeats ends seats with the billing cycle. A seat that comes from a team cannot be ended so.
func (c *call) cancelSeats() answer {
	x := c.bought()
	logins, refused := c.logins()
	switch {
	case x == nil:
		return *c.notFound()
	case refused != nil:
		return *refused
	}
	for _, l := range logins {
		if i := x.seatOf(l); i >= 0 && x.Seats[i].Team != "" {
			return *c.refuse(http.StatusUnprocessableEntity, "Cannot remove seats that were assigned via teams.")
		}
	}
	end, n := monthOf(c.now()).AddDate(0, 1, 0), 0
	for _, l := range logins {
		if i := x.seatOf(l); i >= 0 && x.Seats[i].Pending.IsZero() {
			n++
		}
	}
	c.kill(func() {
		for _, l := range logins {
			if i := x.seatOf(l); i >= 0 && x.Seats[i].Pending.IsZero() {
				x.Seats[i].Pending = end
			}
		}
	})
	return ok(obj{"seats_cancelled": n})
}

func (c *call) agentPolicy() answer {
	x := c.org.Copilot
	if x == nil {
		return *c.notFound()
	}
	o := obj{"enabled_repositories": orText(x.AgentEnabled, "all")}
	if x.AgentEnabled == "selected" {
		o["selected_repositories_url"] = c.api + "/orgs/" + c.org.Login + "/copilot/coding-agent/permissions/repositories"
	}
	return ok(o)
}

func (c *call) setAgentPolicy() answer {
	var in struct {
		Enabled string `json:"enabled_repositories"`
	}
	x := c.org.Copilot
	if x == nil {
		return *c.notFound()
	}
	if !c.read(&in) || !slices.Contains([]string{"all", "selected", "none"}, in.Enabled) {
		return c.invalid("enabled_repositories must be all, selected or none", "Organization", "enabled_repositories")
	}
	c.kill(func() { x.AgentEnabled = in.Enabled })
	return noContent
}

// selecting is the organisation's Copilot if the agent's repositories are chosen one by one; refused says why not.
func (c *call) selecting() (x *Copilot, refused *answer) {
	x = c.org.Copilot
	switch {
	case x == nil:
		return nil, c.notFound()
	case x.AgentEnabled != "selected":
		return nil, c.refuse(http.StatusConflict, "The repository policy of the cloud agent is not \"selected\".")
	}
	return x, nil
}

func (c *call) agentRepos() answer {
	x, refused := c.selecting()
	if refused != nil {
		return *refused
	}
	repos := c.org.pick(x.AgentSelected)
	return c.keyed("repositories", len(repos), func(i int) any { return c.repoMin(repos[i]) })
}

func (c *call) setAgentRepos() answer {
	x, refused := c.selecting()
	if refused != nil {
		return *refused
	}
	var in struct {
		IDs []int64 `json:"selected_repository_ids"`
	}
	if !c.read(&in) || in.IDs == nil {
		return c.invalid("selected_repository_ids is missing", "Organization", "selected_repository_ids")
	}
	names := []string{}
	for _, id := range in.IDs {
		r := c.st.repoByID[id]
		if r == nil || r.org != c.org {
			return *c.notFound()
		}
		names = append(names, r.Name)
	}
	c.kill(func() { x.AgentSelected = names })
	return noContent
}

func (c *call) allowAgent() answer {
	x, refused := c.selecting()
	r := c.st.repoByID[c.pathInt("repository_id")]
	switch {
	case refused != nil:
		return *refused
	case r == nil || r.org != c.org:
		return *c.notFound()
	case !slices.Contains(x.AgentSelected, r.Name):
		x.AgentSelected = append(x.AgentSelected, r.Name)
	}
	return noContent
}

func (c *call) forbidAgent() answer {
	x, refused := c.selecting()
	r := c.st.repoByID[c.pathInt("repository_id")]
	switch {
	case refused != nil:
		return *refused
	case r == nil || r.org != c.org:
		return *c.notFound()
	}
	c.kill(func() {
		x.AgentSelected = slices.DeleteFunc(x.AgentSelected, func(n string) bool { return n == r.Name })
	})
	return noContent
}

func (c *call) agentConfig() answer {
	if c.org.Copilot == nil {
		return *c.notFound()
	}
	a := c.repo.Agent
	if a == nil {
		a = &Agent{Firewall: true, RecommendedList: true, WorkflowApproval: true, AutomationsByWrite: true}
	}
	o := obj{"mcp_configuration": nil, "enabled_tools": obj{"codeql": true, "copilot_code_review": true, "secret_scanning": true, "dependency_vulnerability_checks": true},
		"require_actions_workflow_approval": a.WorkflowApproval, "is_firewall_enabled": a.Firewall, "is_firewall_recommended_allowlist_enabled": a.RecommendedList,
		"custom_allowlist": list(a.Allowlist), "is_automations_enabled": a.Automations, "require_write_access_for_automation_triggers": a.AutomationsByWrite}
	if a.MCP != nil {
		o["mcp_configuration"] = a.MCP
	}
	return ok(o)
}
