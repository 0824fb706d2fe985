package risk

import (
	"embed"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"nhitop/inventory"
)

//go:embed data/rules.json data/frameworks.json data/decision_table.csv data/advisories.json
var files embed.FS

// text is what a rule says about itself.
type text struct {
	ID       string   `json:"id"`
	Title    string   `json:"title"`
	Base     int      `json:"base"`
	Mods     []string `json:"mods"`
	Reduce   []string `json:"reduce"`
	Why      string   `json:"why"`
	Fix      string   `json:"fix"`
	Controls []string `json:"controls"`
	Parts    []string `json:"parts"`
}

type modifier struct {
	Points int    `json:"points"`
	Reason string `json:"reason"`
}

// register is everything embedded, read once.
type register struct {
	rules      []Rule
	modifiers  map[string]modifier
	frameworks []Framework
	versions   map[string]string // by framework
	aliases    []Alias
	table      map[answers]inventory.Decision
}

// shipped reads the embedded data. It panics on data that does not fit the code: a test of this package reads it.
var shipped = sync.OnceValue(func() *register {
	r, err := readRegister()
	if err != nil {
		panic("risk: " + err.Error())
	}
	return r
})

func readRegister() (*register, error) {
	var r register
	var d struct {
		Modifiers    map[string]modifier `json:"modifiers"`
		Rules        []text              `json:"rules"`
		Combinations []text              `json:"combinations"`
	}
	if err := readJSON("data/rules.json", &d); err != nil {
		return nil, err
	}
	r.modifiers = d.Modifiers
	byControl, err := readFrameworks(&r)
	if err != nil {
		return nil, err
	}
	if r.table, err = readTable(); err != nil {
		return nil, err
	}
	texts := make(map[string]text)
	for _, t := range append(d.Rules, d.Combinations...) {
		if _, twice := texts[t.ID]; twice {
			return nil, fmt.Errorf("data/rules.json: %s stands twice", t.ID)
		}
		texts[t.ID] = t
	}
	for _, w := range allRows() {
		t, ok := texts[w.id]
		if !ok {
			return nil, fmt.Errorf("data/rules.json: %s has code and no text", w.id)
		}
		delete(texts, w.id)
		rule, err := r.join(w, t, byControl)
		if err != nil {
			return nil, err
		}
		r.rules = append(r.rules, rule)
	}
	for id := range texts {
		return nil, fmt.Errorf("data/rules.json: %s has text and no code", id)
	}
	return &r, nil
}

// join makes a rule of its code and its text.
func (r *register) join(w row, t text, byControl map[string]inventory.Control) (Rule, error) {
	rule := Rule{ID: t.ID, Title: t.Title, Why: t.Why, Fix: t.Fix, Base: t.Base, Mods: t.Mods, Reduce: t.Reduce, Of: w.of,
		Parts: t.Parts, Check: w.check}
	for _, id := range t.Controls {
		c, ok := byControl[id]
		if !ok {
			return rule, fmt.Errorf("data/rules.json: %s: control %s is not in data/frameworks.json", t.ID, id)
		}
		rule.Controls = append(rule.Controls, c)
	}
	for _, code := range append(append([]string{}, t.Mods...), t.Reduce...) {
		if _, ok := r.modifiers[code]; !ok || modifierChecks[code] == nil {
			return rule, fmt.Errorf("data/rules.json: %s: modifier %s is not known", t.ID, code)
		}
	}
	return rule, nil
}

func readFrameworks(r *register) (map[string]inventory.Control, error) {
	var d struct {
		Versions map[string]string `json:"versions"`
		Aliases  []Alias           `json:"aliases"`
		Controls []Framework       `json:"controls"`
	}
	if err := readJSON("data/frameworks.json", &d); err != nil {
		return nil, err
	}
	byControl := make(map[string]inventory.Control, len(d.Controls))
	for _, c := range d.Controls {
		byControl[c.ID] = inventory.Control{Framework: c.Framework, ID: c.ID, Alias: c.Alias}
	}
	r.frameworks, r.versions, r.aliases = d.Controls, d.Versions, d.Aliases
	return byControl, nil
}

func readTable() (map[answers]inventory.Decision, error) {
	f, err := files.Open("data/decision_table.csv")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return nil, err
	}
	table := make(map[answers]inventory.Decision, len(rows))
	for i, row := range rows[1:] {
		a, ok := parseAnswers(row)
		d := inventory.Decision(strings.ReplaceAll(strings.ToLower(row[4]), " ", "-"))
		if !ok || d.Rank() > inventory.Track.Rank() {
			return nil, fmt.Errorf("data/decision_table.csv: line %d is not understood", i+2)
		}
		table[a] = d
	}
	return table, nil
}

func readJSON(name string, into any) error {
	b, err := files.ReadFile(name)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// Framework is one requirement of a published framework, by its official current id. Alias is the
// label that nhitop's own glossary uses for it.
type Framework struct {
	Framework string `json:"framework"` // name and version
	ID        string `json:"id"`
	Title     string `json:"title"` // what it asks, in our words, where the framework gives no title
	Alias     string `json:"alias,omitempty"`
	URL       string `json:"url"`
}

// Frameworks returns every control of the table: those that a shipped rule refers to, and those of the same frameworks
// on which none bears. The caller may change the slice.
func Frameworks() []Framework { return append([]Framework{}, shipped().frameworks...) }
