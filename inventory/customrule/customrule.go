package customrule

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/risk"
)

// Table is one [[rule]] as it stands in the configuration.
type Table struct {
	ID        string   `toml:"id"`
	Title     string   `toml:"title"`
	Why       string   `toml:"why"`
	Fix       string   `toml:"fix"`
	Of        string   `toml:"of"`     // the noun that it is about
	When      string   `toml:"when"`   // an expression that comes to true or false
	Detail    string   `toml:"detail"` // an expression that comes to a sentence; "" for a general one
	Base      *int     `toml:"base"`   // points; absent: DefaultBase
	Modifiers []string `toml:"modifiers"`
	Controls  []string `toml:"controls"`
	Known     string   `toml:"known"` // the published incident or flaw that this is the pattern of
}

// DefaultBase is the base score of a rule that says none.
const DefaultBase = 50

// Problem is something wrong with one key of one table.
type Problem struct {
	Table int // index
	Key   string
	Text  string
}

// New makes rules of tables. place says where the table of an index stands. With problems they are not fit for use.
func New(tables []Table, place func(i int) inventory.Evidence) ([]risk.Rule, []Problem) {
	var rules []risk.Rule
	var bad []Problem
	first := map[string]int{}
	for i, t := range tables {
		put := func(key, text string) { bad = append(bad, Problem{i, key, text}) }
		if j, twice := first[strings.ToLower(t.ID)]; twice && t.ID != "" {
			put("id", fmt.Sprintf("is also that of rule[%d]; each needs its own", j+1))
		} else {
			first[strings.ToLower(t.ID)] = i
		}
		c := risk.Custom{ID: t.ID, Title: t.Title, Why: t.Why, Fix: t.Fix, Of: t.Of, Base: DefaultBase, Modifiers: t.Modifiers, Controls: t.Controls,
			Known: t.Known, Text: t.When, Place: place(i)}
		if t.Base != nil {
			c.Base = *t.Base
		}
		if envs()[t.Of] != nil { // a noun that is none is told by the rule itself
			if p, err := compile(t.When, t.Of, reflect.Bool); err != nil {
				put("when", err.Error())
			} else {
				c.When = p.holds
			}
			if t.Detail != "" {
				if p, err := compile(t.Detail, t.Of, reflect.String); err != nil {
					put("detail", err.Error())
				} else {
					c.Say = p.says
				}
			}
		}
		r, wrong := risk.NewRule(c)
		for _, w := range wrong {
			put(w.Key, w.Text)
		}
		rules = append(rules, r)
	}
	return rules, bad
}

func (p *program) holds(m *risk.Matter) (bool, error) {
	out, err := p.run(m)
	is, _ := out.(bool)
	return is && err == nil, err
}

const maxSentence = 300 // bytes

func (p *program) says(m *risk.Matter) (string, error) {
	out, err := p.run(m)
	s, _ := out.(string)
	if len(s) > maxSentence {
		s = strings.ToValidUTF8(s[:maxSentence], "") + "…"
	}
	return cmp.Or(s, "It is as your rule says."), err
}
