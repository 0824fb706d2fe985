package catalogue

import (
	"regexp"
	"sync"
)

// Applies reports whether the grant holds for something that is started by this command line.
func (g Grant) Applies(launch string) bool {
	return (g.When == "" || matches(g.When, launch)) && (g.Unless == "" || !matches(g.Unless, launch))
}

var patterns sync.Map // RE2 text -> *regexp.Regexp, nil where it is none

func matches(expr, text string) bool {
	if re, ok := patterns.Load(expr); ok {
		r, _ := re.(*regexp.Regexp)
		return r != nil && r.MatchString(text)
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		re = nil
	}
	patterns.Store(expr, re)
	return re != nil && re.MatchString(text)
}
