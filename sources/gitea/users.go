package gitea

import (
	"cmp"
	"path"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/sources/internal/forge"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/internal/people"
)

// account is one user.
type account struct {
	userAnswer
	told    bool // whether it may sign in was told by who may tell
	bot     bool // of the type bot
	owner   inventory.ID
	product *catalogue.Assistant
	acts    string // why it is taken for an assistant; "": it is not

	tokens []tokenAnswer
	noList error // why the tokens are not known
	asked  bool  // the tokens were asked for
	apps   []appAnswer
	keys   []publicKeyAnswer
	rights map[string]*forge.Tally // by the scopes of a token; "" for the account itself
}

func key(login string) string { return strings.ToLower(login) }

// account notes a user. told: the answer is one that tells whether the user may sign in.
func (c *collection) account(u userAnswer, told bool) *account {
	a := c.accounts[key(u.Login)]
	if a == nil {
		a = &account{rights: map[string]*forge.Tally{}}
		c.accounts[key(u.Login)] = a
	}
	if told || a.Login == "" {
		a.userAnswer, a.told = u, told
	}
	c.recognise(a)
	return a
}

// recognise says whether an account is one of an assistant.
func (c *collection) recognise(a *account) {
	said := slices.ContainsFunc(c.s.opt.Bots, func(p string) bool { return globs(p, a.Login) })
	a.product = productOf(c.s.cat, a.Login, !said && !a.bot)
	switch {
	case said:
		a.acts = "the configuration says that assistants use it (bots)"
	case a.product != nil:
		a.acts = "its login is one of " + a.product.Name
	case a.bot:
		a.acts = "a user of the type bot"
	}
}

// globs compares without case, as Gitea does names.
func globs(pattern, name string) bool {
	ok, err := path.Match(strings.ToLower(pattern), strings.ToLower(name))
	return ok && err == nil
}

// person is the account as somebody who answers for things.
func (a *account) person(url string) (people.Person, bool) {
	email := a.Email
	if _, domain, _ := strings.Cut(email, "@"); strings.HasPrefix(domain, "noreply.") {
		email = "" // a placeholder for an address that is kept private
	}
	p, ok := people.New(cmp.Or(a.FullName, a.Login), email, "account", inventory.Evidence{Path: url, Note: "account " + a.Login})
	if ok && email == "" {
		p.Name = a.Login
	}
	if ok && people.Robot(a.Login) {
		p.Kind = people.Service
	}
	return p, ok
}

// departed: an account that may no longer sign in. Who may not tell is told that every account is inactive.
func (a *account) status() string {
	switch {
	case !a.told:
		return "unknown"
	case a.Prohibit || !a.Active:
		return "departed"
	}
	return "active"
}

func (c *collection) userURL(login string) string { return c.api.URL(httpx.Path("/users/%s", login)) }

// users reads the accounts with their tokens and applications.
func (c *collection) users() error {
	c.sink.Progress("reading users")
	const path = "/admin/users"
	err := chunks(list[userAnswer](c.ctx, c.api, ask{path: path}), pageSize, func(us []userAnswer) error {
		as := make([]*account, len(us))
		for i, u := range us {
			as[i] = c.account(u, true)
		}
		return c.possessions(as)
	})
	c.listed = err == nil
	if err := c.ofList(path, "the users of the instance and whether they may sign in", err); err != nil {
		return err
	}
	for login, a := range c.accounts {
		if a.Admin && a.told {
			c.admins = append(c.admins, login)
		}
	}
	if c.me != nil && !c.me.asked {
		return c.possessions([]*account{c.me})
	}
	return nil
}

type possessions struct {
	lost     []missed
	noTokens error
	tokens   []tokenAnswer
	apps     []appAnswer
	keys     []publicKeyAnswer
}

// possessions reads what accounts hold.
func (c *collection) possessions(as []*account) error {
	got := parallel(as, func(a *account) possessions {
		var p possessions
		at := httpx.Path("/users/%s/tokens", a.Login)
		if p.tokens, p.noTokens = all[tokenAnswer](c.ctx, c.api, ask{path: at, basic: true}); p.noTokens != nil {
			p.lost = append(p.lost, missed{at, "the access tokens", a.Login, p.noTokens})
		}
		at = httpx.Path("/users/%s/keys", a.Login)
		var err error
		if p.keys, err = all[publicKeyAnswer](c.ctx, c.api, ask{path: at}); err != nil {
			p.lost = append(p.lost, missed{at, "the SSH keys", a.Login, err})
		}
		q := ask{path: "/user/applications/oauth2"}
		if a != c.me {
			q.as = a.Login
		}
		if q.as == "" || c.admin && c.s.opt.Sudo {
			if p.apps, err = all[appAnswer](c.ctx, c.api, q); err != nil {
				p.lost = append(p.lost, missed{q.path, "the OAuth applications", a.Login, err})
			}
		}
		return p
	})
	for i, p := range got {
		a := as[i]
		a.asked, a.tokens, a.noList, a.apps, a.keys = true, p.tokens, p.noTokens, p.apps, p.keys
		for _, m := range p.lost {
			if err := c.lose(m); err != nil {
				return err
			}
		}
		if len(p.lost) == 0 {
			c.read(httpx.Path("/users/%s", a.Login))
		}
	}
	return nil
}

// found notes somebody whom a list of collaborators or members names. One who is not among the users of a whole list is
// of the type bot: no list of users shows those.
func (c *collection) found(u userAnswer) (*account, error) {
	if a := c.accounts[key(u.Login)]; a != nil {
		return a, nil
	}
	a := c.account(u, c.admin)
	if !c.listed {
		return a, nil
	}
	a.bot = true
	c.recognise(a)
	return a, c.possessions([]*account{a})
}

// holds reports whether somebody could act as the account through something that is known, so that its rights matter.
func (a *account) holds() bool { return len(a.tokens)+len(a.keys) > 0 || a.acts != "" }

// used is when a token or a key was used last. Gitea tells the time of creation of one that never was.
func used(created, last time.Time) (at time.Time, never bool) {
	if last.IsZero() || last.Equal(created) {
		return time.Time{}, !created.IsZero()
	}
	return last, false
}
