package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/risk"
	"nhitop/inventory/triage"
)

// driver is the tool with every rule that has a result, and the frameworks whose controls they bear on.
func (x *sarifLog) driver(fs []inventory.Finding) (sarifDriver, []sarifTaxonomy) {
	d := sarifDriver{Name: "nhitop", Version: x.o.Version, Short: sarifText{Text: "The posture of AI code assistants as non-human identities"},
		Rules: []sarifRule{}, Notifications: sarifKinds}
	worst := map[string]*inventory.Finding{}
	for i := range fs {
		f := &fs[i]
		if w := worst[f.Rule]; w == nil || sarifBefore(f, w) {
			worst[f.Rule] = f
		}
	}
	ids := inventory.SortedKeys(worst)
	bases := map[string]int{}
	for _, r := range risk.Rules() {
		bases[r.ID] = r.Base
	}
	taxa := newTaxa()
	for i, id := range ids {
		x.rules[id] = i
		r := sarifRuleOf(worst[id])
		r.Properties.Base = bases[id]
		r.Relationships = taxa.related(worst[id].Controls)
		d.Rules = append(d.Rules, r)
	}
	for i := range taxa.list {
		d.SupportedTaxes = append(d.SupportedTaxes, sarifComponent{taxa.list[i].Name, i})
	}
	return d, taxa.list
}

// sarifBefore orders findings of a rule: what is open first, then by decision and score.
func sarifBefore(a, b *inventory.Finding) bool {
	if ca, cb := closed(a), closed(b); ca != cb {
		return cb
	}
	if a.Decision != b.Decision {
		return a.Decision.Rank() < b.Decision.Rank()
	}
	return a.Score > b.Score
}

func closed(f *inventory.Finding) bool { return f.State == triage.StateAccepted || f.State == "fixed" }

// sarifRuleOf is a rule as the worst of its findings tells it.
func sarifRuleOf(f *inventory.Finding) sarifRule {
	title := cmp.Or(sarifProse(f.Title), f.Rule)
	why, fix := cmp.Or(sarifProse(f.Why), title), sarifProse(f.Fix)
	tags := []string{"security", "non-human-identity", string(f.Decision)}
	var controls []string
	for _, c := range f.Controls {
		controls = append(controls, c.Framework+" "+c.ID)
		if t := c.ID; len(tags) < sarifTags && !slices.Contains(tags, t) {
			tags = append(tags, t)
		}
	}
	help := sarifText{Text: why, Markdown: prose(f.Why)}
	if fix != "" {
		help.Text += "\n\nFix: " + fix
		help.Markdown += "\n\n**Fix:** " + prose(f.Fix)
	}
	if len(controls) > 0 {
		help.Text += "\n\nControls: " + sarifProse(strings.Join(controls, ", "))
		help.Markdown += "\n\n**Controls:** " + prose(strings.Join(controls, ", "))
	}
	help.Markdown = strings.TrimSpace(help.Markdown)
	return sarifRule{ID: f.Rule, Short: &sarifText{Text: title}, Full: &sarifText{Text: why}, Help: &help, Default: &sarifDefault{sarifLevel(f.Decision)},
		Properties: &sarifRuleBag{Tags: tags, Severity: sarifSeverity(f.Decision, f.Score), Score: f.Score, Decision: f.Decision, Yours: f.Yours}}
}

// sarifSeverity puts a decision into the bands of GitHub's code scanning (over 9.0 critical, from 7.0 high, from 4.0 medium,
// below low; docs.github.com, "SARIF support for code scanning", 2026-11), and the score into its place there: what is to be
// done now comes before everything else, whatever its score.
func sarifSeverity(d inventory.Decision, score int) string {
	low, high := 0.1, 3.9
	switch d {
	case inventory.ActNow:
		low, high = 9.1, 10
	case inventory.Attend:
		low, high = 4, 8.9
	}
	return fmt.Sprintf("%.1f", low+(high-low)*float64(min(max(score, 0), 100))/100)
}

// taxa collects the controls that rules bear on, by framework, in the order in which they come.
type taxa struct {
	list   []sarifTaxonomy
	known  map[[2]string]risk.Framework // by framework and id
	place  map[string]int               // of a framework in the list
	placed map[[2]string]int            // of a control in its framework
}

func newTaxa() *taxa {
	t := &taxa{known: map[[2]string]risk.Framework{}, place: map[string]int{}, placed: map[[2]string]int{}}
	for _, f := range risk.Frameworks() {
		t.known[[2]string{f.Framework, f.ID}] = f
	}
	return t
}

func (t *taxa) related(cs []inventory.Control) []sarifRelationship {
	var out []sarifRelationship
	seen := map[[2]string]bool{}
	for _, c := range cs {
		key := [2]string{c.Framework, c.ID}
		if seen[key] {
			continue
		}
		seen[key] = true
		k := t.known[key]
		i, ok := t.place[c.Framework]
		if !ok {
			i = len(t.list)
			t.place[c.Framework] = i
			t.list = append(t.list, sarifTaxonomy{Name: c.Framework, URI: k.URL})
		}
		j, ok := t.placed[key]
		if !ok {
			j = len(t.list[i].Taxa)
			t.placed[key] = j
			taxon := sarifRule{ID: c.ID, HelpURI: k.URL}
			if k.Title != "" {
				taxon.Short = &sarifText{Text: sarifProse(k.Title)}
			}
			t.list[i].Taxa = append(t.list[i].Taxa, taxon)
		}
		out = append(out, sarifRelationship{sarifTarget{c.ID, j, sarifComponent{c.Framework, i}}, []string{"relevant"}})
	}
	return out
}
