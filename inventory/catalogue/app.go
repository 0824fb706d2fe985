package catalogue

import (
	"strconv"
	"strings"
)

// appOf is an app and the product that it is.
type appOf struct {
	product *Assistant
	app     *App
}

// bot is an app of which only the account's name is known.
var bot = App{}

func (c *Catalogue) indexApps() {
	c.apps = map[string]appOf{}
	put := func(host, key string, x appOf) {
		if _, taken := c.apps[host+" "+key]; !taken && key != "" {
			c.apps[host+" "+key] = x
		}
	}
	for i := range c.Assistants {
		a := &c.Assistants[i]
		for j := range a.Apps {
			x := appOf{a, &a.Apps[j]}
			host := x.app.Host
			if host == "" {
				host = "github"
			}
			put(host, strings.ToLower(x.app.Slug), x)
			if x.app.ID != 0 {
				put(host, "#"+strconv.FormatInt(x.app.ID, 10), x)
			}
			if x.app.Account != 0 {
				put(host, "@"+strconv.FormatInt(x.app.Account, 10), x)
			}
		}
	}
	for i := range c.Assistants {
		a := &c.Assistants[i]
		for _, login := range a.CI.Bots {
			for _, host := range hosts {
				put(host, strings.ToLower(strings.TrimSuffix(login, "[bot]")), appOf{a, &bot})
			}
		}
	}
}

// AppByID returns the product that an app of a code host is, by the app's number, or nil.
func (c *Catalogue) AppByID(host string, id int64) (*Assistant, *App) {
	x := c.apps[host+" #"+strconv.FormatInt(id, 10)]
	return x.product, x.app
}

// AppBySlug returns the product that an app or account of a code host is, by its slug or login, with or without [bot];
// nil where none is known. host is github, gitlab or gitea.
func (c *Catalogue) AppBySlug(host, slug string) (*Assistant, *App) {
	x := c.apps[host+" "+strings.ToLower(strings.TrimSuffix(slug, "[bot]"))]
	return x.product, x.app
}

// AppByAccount returns the product that an account of a code host is, by the account's number, or nil.
func (c *Catalogue) AppByAccount(host string, id int64) (*Assistant, *App) {
	x := c.apps[host+" @"+strconv.FormatInt(id, 10)]
	return x.product, x.app
}
