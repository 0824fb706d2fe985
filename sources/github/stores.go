package github

import (
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/sources/internal/cijob"
	"nhitop/sources/internal/httpx"
)

// storedSecret is the name of a secret that GitHub keeps. Its value is told to nobody.
type storedSecret struct {
	Name       string    `json:"name"`
	Created    time.Time `json:"created_at"`
	Updated    time.Time `json:"updated_at"`
	Visibility string    `json:"visibility"` // of an organisation's: all, private, selected
}

// secretStores are the organisation's Actions secrets, by who gets them.
type secretStores struct {
	all, private int
	selected     map[int64]int // by repository
	names        map[string]string
	read         bool
}

// of is how many of the organisation's secrets a pipeline of a repository gets; -1: not known.
func (s *secretStores) of(repo int64, public bool) int {
	if !s.read {
		return -1
	}
	n := s.all + s.selected[repo]
	if !public {
		n += s.private
	}
	return n
}

func (c *collection) readStores() error {
	s := &c.stores
	s.selected, s.names = map[int64]int{}, map[string]string{}
	var some []string
	of := c.src.host + "/" + c.src.opt.Org
	whole, err := pages(c, "secrets", c.orgPath("/actions/secrets"), nil, "secrets", func(x storedSecret) {
		s.names[x.Name] = x.Visibility
		who := "all repositories"
		switch x.Visibility {
		case "all":
			s.all++
		case "private":
			s.private++
			who = "all private repositories"
		default:
			some = append(some, x.Name)
			who = "chosen repositories"
		}
		c.deliverStored(&x, c.orgPath("/actions/secrets/%s", x.Name), of, "Actions secret of the organisation, for "+who, nil)
	})
	if err != nil {
		return err
	}
	s.read = whole
	for _, name := range some {
		path := c.orgPath("/actions/secrets/%s/repositories", name)
		whole, err := pages(c, "secrets", path, nil, "repositories", func(r struct {
			ID int64 `json:"id"`
		}) {
			s.selected[r.ID]++
		})
		if err != nil {
			return err
		}
		s.read = s.read && whole
	}
	return nil
}

// deliverStored delivers a secret that is known by its name. of is what it belongs to, as the inventory names it.
func (c *collection) deliverStored(x *storedSecret, path, of, note string, assistants []inventory.ID) inventory.ID {
	id := cijob.SecretID(of, x.Name)
	if strings.Contains(path, "/agents/") {
		id = agentSecretID(of, x.Name)
	}
	c.sink.Secret(inventory.Secret{
		ID: id, Kind: "ci-secret", Assistants: assistants, Storage: inventory.StorageCI, Exposure: inventory.ExposureNone, State: inventory.StateUnknown,
		Note: x.Name, Created: x.Created, Rotated: x.Updated,
		Locations: []inventory.Location{{Path: c.url(path), Scope: inventory.ScopeProvider, Note: x.Name + ": " + note}},
	}, inventory.Value{})
	return id
}

// agentSecretID names a secret that is given to agents: one of the same name in the store of Actions is another.
func agentSecretID(of, name string) inventory.ID {
	return inventory.NewID(inventory.NounSecret, "agent-secret", of, name)
}

// repoSecrets reads the secrets of one repository and returns their number.
func (c *collection) repoSecrets(full string) (n int, ok bool, err error) {
	whole, err := pages(c, "secrets", "/repos/"+full+"/actions/secrets", nil, "secrets", func(x storedSecret) {
		n++
		c.deliverStored(&x, "/repos/"+full+"/actions/secrets/"+x.Name, c.repoName(full), "Actions secret of "+full, nil)
	})
	return n, whole, err
}

// repoAgentSecrets reads the secrets that agents get in one repository.
func (c *collection) repoAgentSecrets(full string) error {
	_, err := pages(c, "agent-secrets", "/repos/"+full+"/agents/secrets", nil, "secrets", func(x storedSecret) {
		c.agentSecret(&x, "/repos/"+full+httpx.Path("/agents/secrets/%s", x.Name), c.repoName(full))
	})
	return err
}
