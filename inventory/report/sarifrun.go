package report

import (
	"cmp"
	"fmt"

	"nhitop/inventory"
)

const (
	kindSource = iota
	kindNotRead
	kindWarning
	kindRule
)

// sarifKinds are the kinds of notifications, in the order of the constants.
var sarifKinds = []sarifRule{
	{ID: "source", Short: &sarifText{Text: "A source was not read to its end"}},
	{ID: "not-read", Short: &sarifText{Text: "A place that a source set out to look at was not looked at"}},
	{ID: "warning", Short: &sarifText{Text: "Something went wrong at one place"}},
	{ID: "rule", Short: &sarifText{Text: "The configuration switches a rule off or re-weights it"}},
}

// invocation says whether everything was read, and what was not. A source that was not read to its end makes the run no
// success: what such a run does not name is not known to be gone.
func (x *sarifLog) invocation(sources []inventory.SourceStatus) {
	complete := "true"
	if !Complete(x.s) {
		complete = "false"
	}
	x.text(`"invocations":[{"executionSuccessful":` + complete + `,`)
	if at := instant(x.s.At()); at != "" {
		x.text(`"endTimeUtc":"` + at + `",`)
	}
	x.text(`"toolConfigurationNotifications":[`)
	n := x.told(0, x.s.Posture().RulesOff)
	x.told(n, x.s.Posture().RulesWeighted)
	x.text(`],"toolExecutionNotifications":[`)
	n = 0
	for i := range sources {
		n = x.source(n, &sources[i])
	}
	x.text("]}],\n")
}

// told writes what the configuration says of rules, as the n-th notifications and those after.
func (x *sarifLog) told(n int, notes []inventory.RuleNote) int {
	for _, r := range notes {
		text := "rule " + r.Rule + " is switched off: "
		if r.Points != 0 {
			text = fmt.Sprintf("rule %s is weighted %+d: ", r.Rule, r.Points)
		}
		n = x.notify(n, kindRule, "note", text+cmp.Or(r.Reason, "no reason is given"), "", 0)
	}
	return n
}

// source writes what a source did not read, as the n-th notifications and those after.
func (x *sarifLog) source(n int, src *inventory.SourceStatus) int {
	if src.Status != inventory.SourceOK {
		n = x.notify(n, kindSource, sourceLevel(src.Status), "source "+src.Name+": "+because(src.Status, src.Reason).text, "", 0)
	}
	for _, l := range src.Ledger {
		if l.State != inventory.LookedRead && l.State != inventory.LookedAbsent {
			n = x.notify(n, kindNotRead, "warning", "source "+src.Name+" did not look at "+place(l.Path, l.Line)+": "+because(l.State, l.Reason).text, l.Path, l.Line)
		}
	}
	for _, w := range src.Warnings {
		n = x.notify(n, kindWarning, "warning", "source "+src.Name+": "+w.Text, w.Path, w.Line)
	}
	return n
}

func (x *sarifLog) notify(n, kind int, level, text, at string, line int) int {
	note := sarifNotification{Descriptor: sarifID{sarifKinds[kind].ID, kind}, Level: level, Message: sarifText{Text: sarifProse(text)}}
	if at != "" {
		if l, _ := x.location(&inventory.Evidence{Path: at, Line: line}); l.Physical.Artifact.URI != "" {
			note.Locations = []sarifLocation{l}
		}
	}
	x.entry(n, note)
	return n + 1
}

func sourceLevel(status string) string {
	if status == inventory.SourceFailed || status == inventory.SourceNever {
		return "error"
	}
	return "warning"
}
