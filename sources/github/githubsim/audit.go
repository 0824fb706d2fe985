package githubsim

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"
)

var auditRoutes = []route{
	{pattern: "GET /orgs/{org}/audit-log", do: (*call).auditLog, need: need{role: roleAdmin, scope: "read:audit_log", perm: "organization_administration:read"}, resource: "audit_log", plan: true},
}

// event is a line as the API writes it. Of the token that an act was done with it tells the hash.
func (c *call) event(e *AuditEvent, n int) obj {
	o := obj{"@timestamp": e.At.UnixMilli(), "created_at": e.At.UnixMilli(), "action": e.Action, "actor": e.Actor, "org": c.org.Login, "org_id": c.org.ID,
		"_document_id": base64.RawURLEncoding.EncodeToString([]byte(c.org.Login + strconv.Itoa(n)))}
	if u := c.st.users[low(e.Actor)]; u != nil {
		o["actor_id"] = u.ID
	}
	for k, v := range map[string]string{"user": e.User, "repo": e.Repo, "programmatic_access_type": e.Access} {
		if v != "" {
			o[k] = v
		}
	}
	if e.Token != "" {
		o["hashed_token"] = HashedToken(e.Token)
	}
	for k, v := range e.Fields {
		o[k] = v
	}
	return o
}

// HashedToken is what the audit log writes of a token: its SHA-256 in Base64.
func HashedToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// said reports whether an event fits a phrase: words of the form key:value, all of which must. created takes "2026-01-02",
// ">=2026-01-02" and "2026-01-02..2026-02-01".
func (e *AuditEvent) said(phrase string) bool {
	for _, w := range strings.Fields(phrase) {
		key, value, _ := strings.Cut(w, ":")
		value = strings.Trim(value, `"`)
		fits := true
		switch key {
		case "action":
			fits = e.Action == value || strings.HasPrefix(e.Action, value+".")
		case "actor":
			fits = low(e.Actor) == low(value)
		case "user":
			fits = low(e.User) == low(value)
		case "repo":
			fits = low(e.Repo) == low(value)
		case "hashed_token":
			fits = e.Token != "" && HashedToken(e.Token) == value
		case "created":
			fits = created(e.At, value)
		}
		if !fits {
			return false
		}
	}
	return true
}

func created(at time.Time, value string) bool {
	day := at.UTC().Format(time.DateOnly)
	if from, to, found := strings.Cut(value, ".."); found {
		return day >= cutDay(from) && day <= cutDay(to)
	}
	switch {
	case strings.HasPrefix(value, ">="):
		return day >= cutDay(value[2:])
	case strings.HasPrefix(value, "<="):
		return day <= cutDay(value[2:])
	case strings.HasPrefix(value, ">"):
		return day > cutDay(value[1:])
	case strings.HasPrefix(value, "<"):
		return day < cutDay(value[1:])
	}
	return day == cutDay(value)
}

// cutDay is the day of a date or a moment.
func cutDay(s string) string { return s[:min(len(s), len(time.DateOnly))] }

// history is how far the log goes back where the phrase does not say since when.
const history = 90 * 24 * time.Hour

// auditLog pages by a cursor, newest first unless asked otherwise.
func (c *call) auditLog() answer {
	phrase := c.query.Get("phrase")
	type numbered struct {
		*AuditEvent
		n int
	}
	var list []numbered
	for i := range c.org.Audit {
		e := &c.org.Audit[i]
		git := strings.HasPrefix(e.Action, "git.")
		if include := orText(c.query.Get("include"), "web"); include == "web" && git || include == "git" && !git {
			continue
		}
		if !e.said(phrase) || !strings.Contains(phrase, "created:") && e.At.Before(c.now().Add(-history)) {
			continue
		}
		list = append(list, numbered{e, i})
	}
	if c.query.Get("order") == "asc" {
		slices.Reverse(list)
	}
	return c.byCursor(len(list), func(i int) any { return c.event(list[i].AuditEvent, list[i].n) })
}

// byCursor answers a page of n things whose neighbours are found by cursors, and not by number.
func (c *call) byCursor(n int, at func(i int) any) answer {
	size := min(atoi(c.query.Get("per_page"), perPage), mostOnPage)
	from := 0
	if after := c.query.Get("after"); after != "" {
		from = min(behind(after)+1, n)
	} else if before := c.query.Get("before"); before != "" {
		from = min(max(behind(before)-size, 0), n)
	}
	to := min(from+size, n)
	items := make([]any, 0, to-from)
	for i := from; i < to; i++ {
		items = append(items, at(i))
	}
	var links []string
	c.query.Del("before")
	if to < n {
		links = append(links, c.link("next", "after", cursor(to-1)))
	}
	if from > 0 {
		c.query.Del("after")
		links = append(links, c.link("prev", "before", cursor(from)))
	}
	return linked(ok(items), strings.Join(links, ", "))
}
