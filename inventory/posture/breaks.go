package posture

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// breaks says who stops working when the secrets of a plan end: the assistants, jobs and tool servers that hold them, and when
// each was last used. It is what the inventory knows; others may use them too.
func breaks(snap *inventory.Snapshot, p *revoke.Plan, now time.Time) []string {
	var out []string
	add := func(text string) {
		if text = inventory.Clean(text); !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	for _, id := range touched(p) {
		x := snap.Secret(id)
		if x == nil {
			continue
		}
		for _, a := range snap.AssistantsOf(id) {
			add(stops(snap, a, id))
		}
		add(nameOf(snap, id) + ": " + lastUse(x, now))
	}
	return out
}

func stops(snap *inventory.Snapshot, a *inventory.Assistant, secret inventory.ID) string {
	text := a.Name
	if a.Path != "" {
		text += " on " + a.Path
	}
	if a.Job != nil || a.Scope == "ci" {
		text = "job " + text
	}
	var servers []string
	for _, t := range snap.ToolsOf(a.ID) {
		if slices.Contains(t.Secrets, secret) {
			servers = append(servers, t.Name)
		}
	}
	if len(servers) > 0 {
		text += " (its server " + strings.Join(servers, ", ") + ")"
	}
	return text + " holds " + nameOf(snap, secret)
}

func lastUse(x *inventory.Secret, now time.Time) string {
	switch {
	case !x.LastUsed.IsZero():
		return fmt.Sprintf("last used on %s (%d days ago)", x.LastUsed.UTC().Format(time.DateOnly), max(0, int(now.Sub(x.LastUsed)/(24*time.Hour))))
	case x.Used == inventory.No:
		return "never used, says its issuer"
	}
	return "not known when it was last used"
}
