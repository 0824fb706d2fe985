package file

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/credential"
)

// found is one secret that a scanner found.
type found struct {
	tool, rule string
	path       string // as the tool writes it
	line       int    // in path
	commit     string
	value      inventory.Value // zero where the report does not hold it
	verified   bool            // the tool asked the issuer, which accepted it
	at         int             // the line of the report
}

var (
	slug     = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._ -]{0,63}$`)
	commitID = regexp.MustCompile(`^[0-9a-f]{7,64}$`)
)

// unknownKind is the kind of a secret whose form tells nothing.
const unknownKind = "unknown"

// value wraps what a report says to be the secret. What its tool has masked is none.
func (x *reading) value(text string) inventory.Value {
	text = strings.TrimSpace(text)
	if text == "" || strings.HasSuffix(text, "...") || strings.HasPrefix(text, "***") || strings.EqualFold(text, "REDACTED") || strings.EqualFold(text, "[redacted]") {
		return inventory.Value{}
	}
	x.values++
	return inventory.NewValue(text)
}

// deliver hands a secret with its place to the sink.
func (x *reading) deliver(f found) {
	s := inventory.Secret{Kind: unknownKind, State: inventory.StateUnknown, Storage: inventory.StoragePlaintext, Exposure: inventory.ExposureLocal}
	value := f.value
	if m, ok := credential.Only(value); ok {
		s.Kind, s.Issuer, s.Account, s.Scopes, s.Broad, s.LongLived = m.Kind, m.Issuer, m.Account, m.Scopes, m.Broad, m.LongLived
		s.Created, s.Expires, s.Checksum, s.Note, value = m.Created, m.Expires, m.Checksum, m.Note, m.Value
	} else if credential.Stands(value) {
		x.passed++
		return
	}
	if f.verified {
		s.State = inventory.StateLive
	}
	rule := f.rule
	if !slug.MatchString(rule) {
		rule = ""
	}
	words := f.tool
	if rule = credential.Without(rule, f.value); rule != "" {
		words += ": " + rule
	}
	l := inventory.Location{Path: x.place(credential.Without(f.path, f.value)), Line: max(f.line, 0), Scope: inventory.ScopeRepo}
	if commitID.MatchString(f.commit) {
		l.Committed, s.Exposure = inventory.Yes, inventory.ExposureCommitted
		words += ", commit " + f.commit[:7]
	}
	l.Note = words
	if l.Path == "" {
		l.Path, l.Line, l.Scope = x.file, f.at, inventory.ScopeProvider
	}
	s.Locations = []inventory.Location{l}
	if value.IsZero() {
		s.ID = inventory.NewID(inventory.NounSecret, Kind, x.name, f.tool, rule, l.Path, strconv.Itoa(l.Line))
	}
	x.sink.Secret(s, value)
}

// each reads the entries of a report: a list, or one object after the other.
func (x *reading) each(data []byte, f func(raw json.RawMessage, line int)) {
	dec, p := json.NewDecoder(bytes.NewReader(data)), &position{data: data}
	if t := bytes.TrimSpace(data); len(t) > 0 && t[0] == '[' {
		x.list(dec, p, f)
		return
	}
	for {
		line := p.of(dec.InputOffset())
		var raw json.RawMessage
		err := dec.Decode(&raw)
		switch {
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			x.wrong(line, notJSON)
			return
		case x.ctx.Err() != nil:
			x.short = "cancelled"
			return
		}
		f(raw, line)
	}
}

// gitleaks reads a report of gitleaks 8 (report.Finding, 8.30).
func (x *reading) gitleaks(data []byte) {
	x.each(data, func(raw json.RawMessage, line int) {
		var g struct {
			RuleID, Secret, File, Commit string
			StartLine                    int
		}
		if json.Unmarshal(raw, &g) != nil || g.RuleID == "" {
			x.wrong(line, "is no finding of gitleaks: it has no RuleID, or a field of another type")
			return
		}
		x.deliver(found{tool: gitleaks, rule: g.RuleID, path: g.File, line: g.StartLine, commit: g.Commit, value: x.value(g.Secret), at: line})
	})
}

// trufflehog reads the lines of trufflehog 3 --json (3.97). Other lines are its log.
func (x *reading) trufflehog(data []byte) {
	x.each(data, func(raw json.RawMessage, line int) {
		var h struct {
			DetectorName, Raw string
			Verified          bool
			SourceMetadata    struct {
				Data map[string]struct {
					File     string          `json:"file"`
					Path     string          `json:"path"`
					Commit   string          `json:"commit"`
					Line     json.RawMessage `json:"line"`
					Location string          `json:"location"`
				}
			}
		}
		if json.Unmarshal(raw, &h) != nil {
			x.wrong(line, "is no result of trufflehog: a field is of another type")
			return
		}
		if h.DetectorName == "" {
			x.passed++ // its log
			return
		}
		f := found{tool: trufflehog, rule: h.DetectorName, value: x.value(h.Raw), verified: h.Verified, at: line}
		for _, k := range inventory.SortedKeys(h.SourceMetadata.Data) {
			d := h.SourceMetadata.Data[k]
			for _, p := range []string{d.File, d.Path, d.Location} {
				if f.path == "" {
					f.path = p
				}
			}
			f.line, _ = strconv.Atoi(strings.Trim(string(d.Line), `"`))
			f.commit = d.Commit
		}
		x.deliver(f)
	})
}

// secretTools are scanners whose every result is a secret; of other tools those count whose rule says so.
var (
	secretTools = regexp.MustCompile(`(?i)^(gitleaks|betterleaks|trufflehog|kingfisher|ggshield|gitguardian|detect-secrets|noseyparker|titus|secretlint|whispers)\b`)
	secretRules = regexp.MustCompile(`(?i)secret|credential|token|password|passwd|api[-_ ]?key|private[-_ ]?key`)
	snippetOnly = regexp.MustCompile(`(?i)^(gitleaks|betterleaks)\b`) // their snippet is the secret itself, not the line
)

// ownTool is what nhitop calls itself in SARIF.
const ownTool = "nhitop"

type sarifRun struct {
	Tool struct {
		Driver struct {
			Name string `json:"name"`
		} `json:"driver"`
	} `json:"tool"`
	Invocations []struct {
		ExecutionSuccessful *bool `json:"executionSuccessful"`
	} `json:"invocations"`
	Results []json.RawMessage `json:"results"`
}

type sarifResult struct {
	RuleID    string `json:"ruleId"`
	Locations []struct {
		PhysicalLocation struct {
			ArtifactLocation struct {
				URI string `json:"uri"`
			} `json:"artifactLocation"`
			Region struct {
				StartLine int `json:"startLine"`
				Snippet   struct {
					Text string `json:"text"`
				} `json:"snippet"`
			} `json:"region"`
		} `json:"physicalLocation"`
	} `json:"locations"`
	PartialFingerprints struct {
		CommitSha string `json:"commitSha"`
	} `json:"partialFingerprints"`
}

// sarif reads a report in SARIF 2.1.0 (OASIS, 2020). Messages are not read: scanners quote the secret there.
func (x *reading) sarif(data []byte) {
	var log struct {
		Runs []sarifRun `json:"runs"`
	}
	if err := json.Unmarshal(data, &log); err != nil {
		x.wrong(lineOf(data, err), "is no SARIF: "+notJSON)
		return
	}
	for _, run := range log.Runs {
		if run.Tool.Driver.Name == ownTool {
			x.passed += len(run.Results)
			x.sink.Warn(inventory.Warning{Path: x.file, Text: "these are findings of nhitop, which judges by itself: give it the inventory, as nhitop scan --format json or jsonl writes it"})
			continue
		}
		for _, i := range run.Invocations {
			if i.ExecutionSuccessful != nil && !*i.ExecutionSuccessful {
				x.short = "its tool says that it did not succeed"
			}
		}
		tool := run.Tool.Driver.Name
		if !slug.MatchString(tool) {
			tool = sarif
		}
		for i, raw := range run.Results {
			var r sarifResult
			if json.Unmarshal(raw, &r) != nil {
				x.wrong(1, fmt.Sprintf("results[%d]: a field is of another type than SARIF has", i))
				continue
			}
			x.result(tool, r)
		}
	}
}

func (x *reading) result(tool string, r sarifResult) {
	if !secretTools.MatchString(tool) && !secretRules.MatchString(r.RuleID) {
		x.passed++
		return
	}
	for _, l := range r.Locations {
		p := l.PhysicalLocation
		f := found{tool: tool, rule: r.RuleID, path: fromURI(p.ArtifactLocation.URI), line: p.Region.StartLine, commit: r.PartialFingerprints.CommitSha, at: 1}
		if text := p.Region.Snippet.Text; snippetOnly.MatchString(tool) {
			f.value = x.value(text)
		} else if m, ok := credential.Only(inventory.NewValue(text)); ok && text != "" {
			x.values++
			f.value = m.Value
		}
		x.deliver(f)
	}
}

// fromURI is the path of a file:// address or of a relative one.
func fromURI(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "" && u.Scheme != "file" {
		return uri
	}
	return u.Path
}

// lineOf is the line on which an error of encoding/json happened.
func lineOf(data []byte, err error) int {
	var se *json.SyntaxError
	var te *json.UnmarshalTypeError
	at := int64(0)
	switch {
	case errors.As(err, &se):
		at = se.Offset
	case errors.As(err, &te):
		at = te.Offset
	}
	return 1 + bytes.Count(data[:min(max(at, 0), int64(len(data)))], []byte{'\n'})
}
