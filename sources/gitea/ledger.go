package gitea

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/httpx"
)

// missed is one thing that could not be read.
type missed struct {
	path string // of the API
	what string // stands there, in words
	of   string // whose it is; "" where what says it all
	err  error
}

// ledger gathers what could not be read. The same refusal of thousands of repositories is told for the first of them and
// then counted.
type ledger struct {
	told   map[string]int // what and why -> lines written
	more   map[string]int // and not written
	order  []string
	lost   int    // things that count as read in part
	reason string // of the first
}

const sameLines = 20

// errNotTold stands for a question that was not asked, for its answer is known.
var errNotTold = errors.New("only administrators of the repository are told, and the account is none")

// fatal reports an error after which nothing else can be read.
func fatal(err error) bool {
	return err != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, httpx.ErrLimited) || httpx.Status(err) == http.StatusUnauthorized)
}

// state says what the ledger calls an error, and why it is so.
func (m missed) state() (state, reason string) {
	var se *httpx.StatusError
	switch {
	case errors.Is(m.err, errNotTold):
		return inventory.LookedDenied, m.err.Error()
	case errors.As(m.err, &se) && se.Status == http.StatusForbidden:
		return inventory.LookedDenied, se.Message
	case errors.As(m.err, &se) && se.Status == http.StatusNotFound:
		return inventory.LookedVanished, "not there, or not to be seen with this credential"
	case errors.As(m.err, &se):
		return inventory.LookedSkipped, fmt.Sprintf("the server answers %d %s", se.Status, se.Message)
	case errors.Is(m.err, httpx.ErrTooLarge):
		return inventory.LookedTooLarge, "the answer is larger than what is read"
	case errors.Is(m.err, httpx.ErrAnswer):
		return inventory.LookedUnparsed, "the answer is not what its interface says"
	}
	return inventory.LookedSkipped, m.err.Error()
}

func (m missed) words() string {
	if m.of == "" {
		return m.what
	}
	return m.what + " of " + m.of
}

// lose writes down what could not be read. It returns the error where that ends the collection.
func (c *collection) lose(m missed) error {
	if m.err == nil {
		return nil
	}
	if err := c.ctx.Err(); err != nil {
		return err
	}
	if fatal(m.err) {
		return m.err
	}
	state, reason := m.state()
	l := &c.led
	if l.told == nil {
		l.told, l.more = map[string]int{}, map[string]int{}
	}
	l.lost++
	key := state + "\x00" + m.what + ": " + reason
	reason = m.words() + ": " + reason
	if l.reason == "" {
		l.reason = reason
	}
	if l.told[key] >= sameLines {
		if l.more[key]++; l.more[key] == 1 {
			l.order = append(l.order, key)
		}
		return nil
	}
	l.told[key]++
	c.sink.Looked(inventory.Looked{Path: c.api.URL(m.path), State: state, Reason: reason})
	return nil
}

// read notes what was read.
func (c *collection) read(path string) {
	c.sink.Looked(inventory.Looked{Path: c.api.URL(path), State: inventory.LookedRead})
}

// skip notes what was left out by choice, or because no server tells it. That is no failure.
func (c *collection) skip(path, state, reason string) {
	c.sink.Looked(inventory.Looked{Path: c.api.URL(path), State: state, Reason: reason})
}

// untold are things that no server of this kind tells to anybody, so that nobody takes them for looked at.
var untold = []struct{ path, what string }{
	{"/user/applications/oauth2", "not in the interface: OAuth applications of organisations and of the instance, and what users let an application do"},
	{"/user/actions/secrets", "not in the interface: the names of the Actions secrets of users"},
	{"/admin/users", "not in the interface: a list of users of the type bot; those with access to a repository that was read are found by it"},
}

// close writes the counts of what was not told line by line.
func (l *ledger) close(c *collection) {
	for _, u := range untold {
		c.skip(u.path, inventory.LookedSkipped, u.what)
	}
	for _, key := range l.order {
		state, reason, _ := strings.Cut(key, "\x00")
		c.sink.Looked(inventory.Looked{Path: c.api.Base(), State: state, Reason: fmt.Sprintf("%s (and %d more like this)", reason, l.more[key])})
	}
}
