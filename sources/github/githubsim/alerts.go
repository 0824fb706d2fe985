package githubsim

import (
	"net/http"
	"slices"
	"strings"
)

func seeAlerts(r role) need {
	return need{role: r, scope: "repo security_events", perm: "secret_scanning_alerts:read"}
}

var alertRoutes = []route{
	{pattern: "GET /orgs/{org}/secret-scanning/alerts", do: (*call).orgAlerts, need: seeAlerts(roleAdmin)},
	{pattern: "GET /repos/{owner}/{repo}/secret-scanning/alerts", do: (*call).repoAlerts, need: repoAlertsNeed},
	{pattern: "GET /repos/{owner}/{repo}/secret-scanning/alerts/{alert_number}/locations", do: (*call).alertLocations, need: repoAlertsNeed},
}

var repoAlertsNeed = need{role: roleAdmin, scope: "repo security_events", perm: "secret_scanning_alerts:read", deny: http.StatusNotFound}

// fits reports whether the query's filters let an alert through.
func (c *call) fits(a *Alert) bool {
	q := c.query
	state := "open"
	if a.Resolution != "" {
		state = "resolved"
	}
	among := func(key, value string) bool {
		return q.Get(key) == "" || slices.Contains(strings.Split(q.Get(key), ","), value)
	}
	return among("state", state) && among("secret_type", a.Type) && among("validity", c.validity(a)) && among("resolution", a.Resolution) &&
		(q.Get("is_publicly_leaked") != "true" || a.Public) && (q.Get("is_multi_repo") != "true" || a.Multi)
}

// validity is what GitHub finds when it asks about the secret again: one of its own that has been ended is inactive.
func (c *call) validity(a *Alert) string {
	if t := c.st.tokens[a.Secret]; t != nil && t.dead {
		return "inactive"
	}
	return orText(a.Validity, "unknown")
}

func (c *call) alert(x orgAlert, org bool) obj {
	a, r := x.alert, x.repo
	own := c.repoURL(r) + "/secret-scanning/alerts/" + num(int64(a.Number))
	o := obj{"number": a.Number, "created_at": when(a.Created), "updated_at": when(a.Created), "url": own, "html_url": c.web + "/" + r.full + "/security/secret-scanning/" + num(int64(a.Number)),
		"locations_url": own + "/locations", "state": "open", "resolution": nil, "resolved_at": when(a.Resolved), "resolved_by": nil, "resolution_comment": nil,
		"secret_type": a.Type, "secret_type_display_name": orText(a.Display, a.Type), "provider": text(a.Provider), "provider_slug": text(low(a.Provider)),
		"push_protection_bypassed": a.Bypassed != "", "push_protection_bypassed_by": c.user(a.Bypassed), "push_protection_bypassed_at": nil,
		"validity": c.validity(a), "publicly_leaked": a.Public, "multi_repo": a.Multi, "is_base64_encoded": false,
		"has_more_locations": false, "assigned_to": c.user(a.Assignee), "first_location_detected": nil}
	if a.Resolution != "" {
		o["state"], o["resolution"] = "resolved", a.Resolution
	}
	if c.query.Get("hide_secret") != "true" {
		o["secret"] = a.Secret
		c.shown++
	}
	if a.Path != "" {
		o["first_location_detected"] = c.location(r, a)
	}
	if org {
		o["repository"] = c.repoSimple(r)
	}
	return o
}

func (c *call) location(r *repo, a *Alert) obj {
	commit, blob := oid("commit", r.full+a.Path), oid("blob", a.Path)
	own := c.repoURL(r)
	return obj{"path": a.Path, "start_line": a.Line, "end_line": a.Line, "start_column": 1, "end_column": 40, "blob_sha": blob, "blob_url": own + "/git/blobs/" + blob,
		"commit_sha": commit, "commit_url": own + "/git/commits/" + commit}
}

func (c *call) listAlerts(list []orgAlert, org bool) answer {
	list = slices.DeleteFunc(list, func(x orgAlert) bool { return !c.fits(x.alert) })
	slices.SortStableFunc(list, func(a, b orgAlert) int { return b.alert.Created.Compare(a.alert.Created) })
	if c.query.Get("direction") == "asc" {
		slices.Reverse(list)
	}
	at := func(i int) any { return c.alert(list[i], org) }
	if c.query.Has("after") || c.query.Has("before") {
		return c.byCursor(len(list), at)
	}
	return c.list(len(list), at)
}

func (c *call) orgAlerts() answer { return c.listAlerts(slices.Clone(c.org.alerts), true) }

func (c *call) repoAlerts() answer {
	var list []orgAlert
	for i := range c.repo.Alerts {
		list = append(list, orgAlert{c.repo, &c.repo.Alerts[i]})
	}
	return c.listAlerts(list, false)
}

func (c *call) alertLocations() answer {
	for i := range c.repo.Alerts {
		a := &c.repo.Alerts[i]
		if int64(a.Number) != c.pathInt("alert_number") {
			continue
		}
		if a.Path == "" {
			return c.list(0, nil)
		}
		return c.list(1, func(int) any { return obj{"type": "commit", "details": c.location(c.repo, a)} })
	}
	return *c.notFound()
}
