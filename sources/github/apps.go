package github

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/sources/internal/forge"
	"nhitop/sources/internal/httpx"
)

// installation is an app in the organisation.
type installation struct {
	ID          int64             `json:"id"`
	AppID       int64             `json:"app_id"`
	Slug        string            `json:"app_slug"`
	Selection   string            `json:"repository_selection"`
	Permissions map[string]string `json:"permissions"`
	Created     time.Time         `json:"created_at"`
	Updated     time.Time         `json:"updated_at"`
	Suspended   *time.Time        `json:"suspended_at"`
	SuspendedBy *gUser            `json:"suspended_by"`
	Contact     string            `json:"contact_email"`
}

// maxUnnamed is how many apps that are no known assistants the ledger names.
const maxUnnamed = 20

func (c *collection) readApps() error {
	var others []string
	_, err := pages(c, "apps", c.orgPath("/installations"), nil, "installations", func(i installation) {
		if i.Slug == cloudAgent && !c.src.server() {
			c.copilot.app = &i // taken in with its policy
			return
		}
		f := c.src.app(i.AppID, i.Slug, "")
		if f == nil {
			others = append(others, i.Slug)
			return
		}
		c.installed(&i, f)
	})
	if err != nil {
		return err
	}
	if len(others) > 0 {
		slices.Sort(others)
		more := ""
		if n := len(others) - maxUnnamed; n > 0 {
			others, more = others[:maxUnnamed], fmt.Sprintf(" and %d more", n)
		}
		c.look(c.orgPath("/installations"), inventory.LookedRead,
			"not in the inventory, for nothing speaks for an assistant: "+strings.Join(others, ", ")+more+"; name those that are one under assistants", false)
	}
	return c.appRepositories()
}

// installed takes in an app that is an assistant.
func (c *collection) installed(i *installation, f *found) {
	path := c.orgPath("/installations/%s", num(i.ID))
	proof := inventory.Evidence{Path: c.url(path), Note: "installed app " + i.Slug + ", " + f.note}
	rec := f.record(inventory.NewID(inventory.NounAssistant, "github-app", c.src.host, c.src.opt.Org, num(i.AppID)), i.Slug)
	rec.Host, rec.Path, rec.Account = c.src.host, c.src.host+"/"+c.src.opt.Org, i.Slug+"[bot]"
	rec.Evidence = []inventory.Evidence{proof}
	rec.LastUsed = c.did.lastOf(rec.Account, 0)
	state, status := inventory.StateLive, "active"
	note := "the app's key is held by whoever runs the app; tokens made with it live for an hour"
	if i.Suspended != nil {
		state, status = inventory.StateDisabled, "suspended"
		rec.Evidence = append(rec.Evidence, inventory.Evidence{Path: c.url(path), Note: "suspended on " + i.Suspended.UTC().Format(time.DateOnly) + by(i.SuspendedBy)})
	}
	rec.Status = status
	h := &holder{rec: &rec, proof: proof, granted: i.Created, login: rec.Account}
	if who, ok := c.did.installers[i.ID]; ok {
		h.by = who.login
		rec.Owners = owners(c.owner(who.login, "installed "+i.Slug+" on "+who.at.Format(time.DateOnly), path))
	}
	if i.Contact != "" {
		rec.Evidence = append(rec.Evidence, inventory.Evidence{Path: c.url(path), Note: "contact of the app: " + i.Contact})
	}
	scopes := permissionWords(i.Permissions)
	if i.Selection == "all" {
		scopes = append(scopes, allRepositories)
	}
	h.secret = c.sink.Secret(inventory.Secret{
		ID: inventory.NewID(inventory.NounSecret, "github-installation", c.src.host, num(i.ID)), Kind: "github-app-installation", Issuer: "github",
		Account: rec.Account, Assistants: []inventory.ID{rec.ID}, Owners: rec.Owners, Storage: inventory.StorageProvider, Exposure: inventory.ExposureNone,
		State: state, Scopes: scopes, Note: note, Created: i.Created, LastUsed: rec.LastUsed,
		Locations: []inventory.Location{{Path: c.url(path), Scope: inventory.ScopeProvider, Note: "installation of " + i.Slug}},
	}, inventory.Value{})
	rec.Secrets = []inventory.ID{h.secret}
	c.appActor(h, i)
	c.actors.add(h)
}

// allRepositories stands among the scopes of what reaches every repository, those to come too.
const allRepositories = "all repositories"

func by(u *gUser) string {
	if u == nil || u.Login == "" {
		return ""
	}
	return " by " + u.Login
}

func (c *collection) appActor(h *holder, i *installation) {
	h.actor = forge.Actor{
		Kind: forge.App, Name: "app " + i.Slug, As: []forge.Principal{{Kind: forge.ByApp, ID: num(i.AppID), Name: i.Slug}},
		Grants: grantsOf(i.Permissions, always), RepoAdminRole: inventory.No, CodeOwner: inventory.No, AsksForRuns: inventory.No,
	}
	if levelOf(i.Permissions["issues"]) >= forge.Write {
		h.tickets = "issues:write"
	}
	h.all = i.Selection == "all"
	if i.Suspended != nil {
		h.capped = suspended
	}
	if !h.all {
		c.chosen = append(c.chosen, chosen{h, i.ID})
	}
}

func suspended(rs []forge.Right) []forge.Right {
	out := slices.Clone(rs)
	for i := range out {
		out[i].Gate, out[i].Certain = inventory.GateBlocked, true
		out[i].Path = append(slices.Clone(out[i].Path), "the installation is suspended")
	}
	return out
}

// chosen is an installation on repositories that were picked.
type chosen struct {
	h  *holder
	id int64
}

// appRepositories reads which repositories the chosen ones are. GitHub tells that of an app of somebody else only to an
// app that is installed on the enterprise.
func (c *collection) appRepositories() error {
	ent := c.src.opt.Enterprise
	if ent == "" || len(c.chosen) == 0 {
		return nil
	}
	base := httpx.Path("/enterprises/%s/apps/organizations/%s/installations", ent, c.src.opt.Org)
	if c.login.app.isZero() {
		c.look(base, inventory.LookedSkipped, "it takes an app that is installed on the enterprise", false)
		return nil
	}
	l := &login{src: c.src, app: App{ID: c.login.app.ID, PrivateKey: c.login.app.PrivateKey}, reads: true, on: ent, vers: c.login.vers}
	client, err := c.src.clientFor(l.authorize, nil, c.pause)
	if err != nil {
		return err
	}
	for _, x := range c.chosen {
		repos, path := map[int64]bool{}, base+"/"+num(x.id)+"/repositories"
		for r, err := range httpx.Pages[struct {
			ID int64 `json:"id"`
		}](c.ctx, client, path, nil, httpx.LinkPager(perPage)) {
			if err != nil {
				repos = nil
				if err := c.failed("enterprise", path, err); err != nil {
					return err
				}
				break
			}
			repos[r.ID] = true
		}
		if repos == nil {
			continue
		}
		c.look(path, inventory.LookedRead, "", true)
		x.h.repos = repos
		for id := range repos {
			c.actors.byRepo[id] = append(c.actors.byRepo[id], x.h)
		}
	}
	return nil
}
