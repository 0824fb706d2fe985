package report

import (
	"fmt"
	"io"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/posture"
)

// Waiting writes the plans that wait for another operator, or are confirmed, in the order given.
func Waiting(w io.Writer, format string, ws []posture.Waiting, o Options) error {
	switch format {
	case "json":
		return writeJSON(w, struct {
			Schema  string            `json:"schema"`
			Waiting []posture.Waiting `json:"waiting"`
		}{inventory.Schema, filled(ws)})
	case "table":
		g := &page{}
		if len(ws) == 0 {
			g.say(t("No plan waits for another operator."))
			return g.text(w, o)
		}
		list := grid{heads: []string{"PLAN", "STEPS", "WHAT", "BY", "REASON", "UNTIL", "CONFIRMED BY"}, give: []int{2, 4}, drop: []int{5}}
		for _, x := range ws {
			list.rows = append(list.rows, []cell{c(x.Plan.ID), t(fmt.Sprint(len(x.Plan.Steps))), c(strings.Join(x.Plan.Names, ", ")), c(x.By), c(x.Reason), t(x.Until.UTC().Format("15:04 UTC")), c(x.ConfirmedBy)})
		}
		g.table(list)
		return g.text(w, o)
	}
	return unknownFormat(format, ActFormats()...)
}

// OneWaiting writes what such a plan does, who asks for it and why.
func OneWaiting(w io.Writer, format string, x posture.Waiting, o Options) error {
	if format != "table" {
		return Waiting(w, format, []posture.Waiting{x}, o)
	}
	g := planPage(x.Plan)
	facts := [][2]cell{kv("asked for by", c(x.By)), kv("reason", c(x.Reason)), kv("takes back run", c(x.Undoes)), kv("waits until", t(x.Until.UTC().Format("2006-01-02 15:04 UTC")))}
	if x.ConfirmedBy != "" {
		facts = append(facts, kv("confirmed by", c(x.ConfirmedBy)), kv("holds until", t(x.ConfirmedUntil.UTC().Format("15:04 UTC"))))
	} else {
		facts = append(facts, kv("confirmed by", cell{"nobody yet", warn}))
	}
	g.head("A second person")
	g.facts(facts...)
	return g.text(w, o)
}
