package charter

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/strict"
)

const day = 24 * time.Hour

// Table is one [[charter]] as it stands in the configuration. A key that is absent declares nothing.
type Table struct {
	ID    string `toml:"id"`    // for the assistant of this id
	Kind  string `toml:"kind"`  // for assistants of this product
	Name  string `toml:"name"`  // for assistants of exactly this name
	Match string `toml:"match"` // pattern on path or name: * any text without /, ** any text, ? one character

	Purpose      string   `toml:"purpose"`
	Owner        string   `toml:"owner"`
	Deputy       string   `toml:"deputy"`
	Repositories []string `toml:"repositories"` // patterns
	Environments []string `toml:"environments"`
	Capabilities []string `toml:"capabilities"` // "asks:" before those that must ask
	Expires      string   `toml:"expires"`      // last day, 2027-01-31
	Review       string   `toml:"review"`       // 90d, 12w
	Reviewed     string   `toml:"reviewed"`     // day of the last review
	Tier         int      `toml:"tier"`         // 1 (critical) to 3
}

// Charter is a table that was checked.
type Charter struct {
	Table
	Place    inventory.Evidence                        // where it stands
	Promised map[inventory.Capability]inventory.Answer // every capability; nil: none is declared
	end      time.Time                                 // first moment after its last day
	reviewed time.Time
	cycle    time.Duration
	match    *regexp.Regexp
	repos    []*regexp.Regexp
}

// Set is every charter of a configuration.
type Set struct {
	Charters []Charter
	Unused   time.Duration // a grant that was not used for so long is excess; 0: 90 days
}

// Problem is something wrong with one key of one table.
type Problem struct {
	Table int // index
	Key   string
	Text  string
}

// New checks tables. place says where the table of an index stands. With problems the set is not fit for use.
func New(tables []Table, place func(i int) inventory.Evidence) (Set, []Problem) {
	var set Set
	var bad []Problem
	for i, t := range tables {
		c := Charter{Table: t, Place: place(i)}
		for _, p := range c.read() {
			p.Table = i
			bad = append(bad, p)
		}
		for j := range set.Charters {
			if set.Charters[j].selector() == c.selector() {
				bad = append(bad, Problem{i, "", fmt.Sprintf("is for the same assistants as charter[%d]; make one of them", j+1)})
			}
		}
		set.Charters = append(set.Charters, c)
	}
	return set, bad
}

func (c *Charter) selector() [4]string { return [4]string{c.ID, c.Kind, c.Name, c.Match} }

// Label names the charter by whom it is for.
func (c *Charter) Label() string {
	var parts []string
	for i, key := range []string{"id", "kind", "name", "match"} {
		if v := c.selector()[i]; v != "" {
			parts = append(parts, key+" "+v)
		}
	}
	return inventory.Clean(strings.Join(parts, ", "))
}

func (c *Charter) read() []Problem {
	var bad []Problem
	put := func(key, text string) { bad = append(bad, Problem{Key: key, Text: text}) }
	if c.selector() == [4]string{} {
		put("", "is for nobody; say for whom with id, kind, name or match")
	}
	var err error
	if c.Match != "" {
		if c.match, err = glob(c.Match); err != nil {
			put("match", err.Error())
		}
	}
	for i, r := range c.Repositories {
		g, err := glob(r)
		if err != nil || r == "" {
			put("repositories", fmt.Sprintf("pattern %d: %v", i+1, cmp.Or(err, errEmpty)))
			continue
		}
		c.repos = append(c.repos, g)
	}
	for i, e := range c.Environments {
		if strings.TrimSpace(e) == "" {
			put("environments", fmt.Sprintf("entry %d is empty; take it out", i+1))
		}
	}
	if c.Promised, err = promises(c.Capabilities); err != nil {
		put("capabilities", err.Error())
	}
	if c.end, err = date(c.Expires); err != nil {
		put("expires", err.Error())
	} else if !c.end.IsZero() {
		c.end = c.end.Add(day)
	}
	if c.reviewed, err = date(c.Reviewed); err != nil {
		put("reviewed", err.Error())
	}
	if c.cycle, err = cycle(c.Review); err != nil {
		put("review", err.Error())
	}
	if c.Tier < 0 || c.Tier > 3 {
		put("tier", "must be 1 (critical), 2 or 3")
	}
	return bad
}

const asks = "asks:"

// promises reads capabilities; nil for a list that is absent, every capability otherwise.
func promises(list []string) (map[inventory.Capability]inventory.Answer, error) {
	if list == nil {
		return nil, nil
	}
	m := make(map[inventory.Capability]inventory.Answer, len(inventory.Capabilities()))
	known := make([]string, 0, len(inventory.Capabilities()))
	for _, c := range inventory.Capabilities() {
		m[c] = inventory.No
		known = append(known, string(c))
	}
	for i, s := range list {
		name, ask := strings.CutPrefix(s, asks)
		c := inventory.Capability(strings.TrimSpace(name))
		switch old, ok := m[c]; {
		case !ok:
			return nil, fmt.Errorf("entry %d is no capability; %s", i+1, strict.Advise(string(c), known))
		case old != inventory.No:
			return nil, fmt.Errorf("entry %d: %s stands twice", i+1, c)
		case ask:
			m[c] = inventory.Asks
		default:
			m[c] = inventory.Yes
		}
	}
	return m, nil
}

func date(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return t, fmt.Errorf("must be a day, as in \"2027-01-31\"")
	}
	return t, nil
}

func cycle(s string) (time.Duration, error) {
	if s == "" {
		return 0, nil
	}
	unit := map[byte]time.Duration{'d': day, 'w': 7 * day}[s[len(s)-1]]
	n, err := strconv.Atoi(s[:len(s)-1])
	if err != nil || unit == 0 || n < 1 || n > 3650 {
		return 0, fmt.Errorf("must be a number of days or weeks, as in \"90d\" or \"12w\"")
	}
	return time.Duration(n) * unit, nil
}

const maxPattern = 1024

var errEmpty = fmt.Errorf("is empty; take it out")

// glob reads a pattern in which * stands for any text without a slash, ** for any text and ? for one character.
func glob(pattern string) (*regexp.Regexp, error) {
	if len(pattern) > maxPattern {
		return nil, fmt.Errorf("is longer than %d characters", maxPattern)
	}
	var b strings.Builder
	b.WriteString("^")
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '*' && strings.HasPrefix(pattern[i:], "**"):
			b.WriteString(".*")
			i++
		case c == '*':
			b.WriteString("[^/]*")
		case c == '?':
			b.WriteString("[^/]")
		default:
			j := i + 1
			for j < len(pattern) && !strings.ContainsRune("*?", rune(pattern[j])) {
				j++
			}
			b.WriteString(regexp.QuoteMeta(pattern[i:j]))
			i = j - 1
		}
	}
	re, err := regexp.Compile("(?s)" + b.String() + "$")
	if err != nil {
		return nil, fmt.Errorf("is no pattern")
	}
	return re, nil
}

// fits reports whether the charter is for the assistant.
func (c *Charter) fits(a *inventory.Assistant) bool {
	return (c.ID == "" || c.ID == string(a.ID)) && (c.Kind == "" || c.Kind == a.Kind) && (c.Name == "" || c.Name == a.Name) &&
		(c.match == nil || a.Path != "" && c.match.MatchString(a.Path) || c.match.MatchString(a.Name))
}

// rank grades how specific a charter is, most significant first: an id, a name, the literal text of its pattern, a kind.
func (c *Charter) rank() [4]int {
	literal := len(strings.NewReplacer("*", "", "?", "").Replace(c.Match))
	return [4]int{len(c.ID), min(1, len(c.Name)), literal, min(1, len(c.Kind))}
}

// For returns the most specific charter for an assistant, nil if there is none. Where several fit equally well none
// holds, and the error names the first two.
func (s Set) For(a *inventory.Assistant) (*Charter, error) {
	var best []*Charter
	for i := range s.Charters {
		c := &s.Charters[i]
		if !c.fits(a) {
			continue
		}
		order := 1
		if len(best) > 0 {
			x, y := c.rank(), best[0].rank()
			order = slices.Compare(x[:], y[:])
		}
		switch {
		case order > 0:
			best = append(best[:0], c)
		case order == 0:
			best = append(best, c)
		}
	}
	switch len(best) {
	case 0:
		return nil, nil
	case 1:
		return best[0], nil
	}
	return nil, fmt.Errorf("charter %q (line %d) and charter %q (line %d) fit %s equally well; make one more specific",
		best[0].Label(), best[0].Place.Line, best[1].Label(), best[1].Place.Line, a.ID)
}
