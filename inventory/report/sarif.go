package report

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"net/url"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/triage"
)

const sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// What GitHub's code scanning takes of one result and one rule (docs.github.com, "SARIF results exceed one or more limits",
// 2026-11): 1000 locations, of which it keeps 100, and 20 tags, of which it keeps 10. Of a run it takes 25 000 results and
// shows 5000, which is the reader's to know: none is left out.
const (
	sarifLocations = 100
	sarifTags      = 10
)

// sarifLog writes findings as SARIF 2.1.0, one run, one line a rule, taxonomy, notification and result.
type sarifLog struct {
	w     *bufio.Writer
	line  bytes.Buffer
	enc   *json.Encoder
	s     *inventory.Snapshot
	o     Options
	rules map[string]int // place in the driver's list
	err   error
}

// writeSARIF writes the findings of records. about is the one record that they are tied to; "" for a whole snapshot.
func writeSARIF(w io.Writer, s *inventory.Snapshot, r inventory.Records, about inventory.ID, o Options) error {
	x := &sarifLog{w: bufio.NewWriter(w), s: s, o: o, rules: map[string]int{}}
	x.enc = json.NewEncoder(&x.line)
	x.enc.SetEscapeHTML(false)
	x.text(`{"$schema":"` + sarifSchema + `","version":"2.1.0","runs":[{` + "\n" + `"tool":{"driver":`)
	driver, taxonomies := x.driver(r.Findings)
	x.value(driver)
	x.text("},\n")
	if part := x.part(about); part != "" {
		x.text(`"automationDetails":`)
		x.value(map[string]string{"id": part})
		x.text(",\n")
	}
	x.text(`"originalUriBaseIds":`)
	x.value(x.bases())
	x.text(",\n" + `"taxonomies":[`)
	for i := range taxonomies {
		x.entry(i, taxonomies[i])
	}
	x.text("],\n")
	x.invocation(r.Sources)
	x.text(`"results":[`)
	for i := range r.Findings {
		x.entry(i, x.result(&r.Findings[i]))
	}
	x.text("],\n" + `"properties":`)
	x.value(sarifRunBag{inventory.Schema, day(s.At()), Complete(s), about, x.filter()})
	x.text("}]}\n")
	if x.err != nil {
		return x.err
	}
	return x.w.Flush()
}

type sarifRunBag struct {
	Schema      string       `json:"schema"`
	CollectedAt string       `json:"collected_at"`
	Complete    bool         `json:"complete"`
	Subject     inventory.ID `json:"subject,omitempty"`
	Filter      string       `json:"filter,omitempty"`
}

// part names a run that is not all there is. It is of another category than whole scans, which have none until their
// uploader gives them one: a reader that takes what a run does not name for fixed must not take this one for all.
func (x *sarifLog) part(about inventory.ID) string {
	switch {
	case about != "":
		return "nhitop/show/" + string(about) + "/"
	case x.o.Filter != nil:
		return "nhitop/filter/" + url.PathEscape(inventory.Clean(x.o.Filter.Text)) + "/"
	}
	return ""
}

func (x *sarifLog) filter() string {
	if x.o.Filter == nil {
		return ""
	}
	return x.o.Filter.Text
}

func (x *sarifLog) text(s string) {
	if x.err == nil {
		_, x.err = x.w.WriteString(s)
	}
}

func (x *sarifLog) value(v any) {
	if x.err != nil {
		return
	}
	x.line.Reset()
	if x.err = x.enc.Encode(v); x.err == nil {
		_, x.err = x.w.Write(bytes.TrimRight(x.line.Bytes(), "\n"))
	}
}

// entry writes the i-th of a list on a line of its own.
func (x *sarifLog) entry(i int, v any) {
	if i > 0 {
		x.text(",")
	}
	x.text("\n")
	x.value(v)
}

// result is one finding.
func (x *sarifLog) result(f *inventory.Finding) sarifResult {
	name := Name(x.s, f.Subject)
	what := cmp.Or(inventory.Clean(f.Detail), inventory.Clean(f.Title), f.Rule)
	if !strings.Contains(what, name) {
		what = name + ": " + what
	}
	r := sarifResult{
		RuleID: f.Rule, RuleIndex: x.rules[f.Rule], Kind: "fail", Level: sarifLevel(f.Decision), Rank: min(max(f.Score, 0), 100),
		Message:      sarifText{Text: sarifProse(strings.TrimSpace(what + " " + f.DecisionWhy))},
		Fingerprints: map[string]string{"nhitopFinding/v1": string(f.ID), "primaryLocationLineHash": sarifHash(f.ID)},
		Suppressions: []sarifSuppression{},
		Properties: sarifResultBag{ID: f.ID, Subject: f.Subject, SubjectName: name, Assistants: []string{}, Owners: filled(ownerNames(x.s, f)),
			Decision: f.Decision, State: f.State, Due: day(f.Due), FirstSeen: day(f.FirstSeen)},
	}
	for _, a := range f.Assistants {
		r.Properties.Assistants = append(r.Properties.Assistants, Name(x.s, a))
	}
	switch f.State {
	case triage.StateAccepted:
		r.Suppressions = append(r.Suppressions, sarifSuppression{Kind: "external", Status: "accepted", Justification: f.Note,
			Properties: &sarifAcceptBag{day(f.AcceptedUntil), f.AcceptedBy}})
	case "fixed":
		r.Kind, r.Level = "pass", "none"
	}
	r.Locations, r.Properties.LeftOut = x.locations(f)
	return r
}

// sarifHash is what GitHub tells an alert again by, as it writes it: a hash and a count. Made of the line alone, as an
// uploader does where it is absent, two findings of a rule about one line would be one alert.
func sarifHash(id inventory.ID) string {
	_, hash, _ := strings.Cut(string(id), "-")
	return hash + ":1"
}

func sarifLevel(d inventory.Decision) string {
	switch d {
	case inventory.ActNow:
		return "error"
	case inventory.Attend:
		return "warning"
	}
	return "note"
}

// sarifProse keeps text from becoming a placeholder ("{0}") or a link ("[text](address)") of a message.
func sarifProse(s string) string { return sarifInert.Replace(inventory.Clean(s)) }

var sarifInert = strings.NewReplacer("{", "{{", "}", "}}", "](", "] (")

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.000Z")
}
