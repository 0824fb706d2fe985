package demo

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"nhitop/sources/gitea/giteasim"
	"nhitop/sources/github/githubsim"
	"nhitop/sources/gitlab/gitlabsim"
	"nhitop/sources/managers/vaultsim"
)

// provider is a service of the company: where it is, and how it was so long before now.
type provider struct {
	host string
	make func(c *Company, ago time.Duration) (http.Handler, error)
}

var providers = []provider{
	{"api.github.com", (*Company).github},
	{"gitlab.com", (*Company).gitlab},
	{"git.acme.example", (*Company).gitea},
	{"npm.acme.example", (*Company).npm},
	{"bao.acme.example", (*Company).bao},
}

// serve makes every provider what it was so long before now.
func (c *Company) serve(ago time.Duration) error {
	for _, p := range providers {
		h, err := p.make(c, ago)
		if err != nil {
			return err
		}
		c.put(p.host, h)
	}
	return nil
}

func (c *Company) github(ago time.Duration) (http.Handler, error) {
	var w githubsim.World
	if err := c.books.world(c.write, "github", ago, &w); err != nil {
		return nil, err
	}
	w.Now = c.Now
	key, err := c.appKey()
	if err != nil {
		return nil, err
	}
	for i := range w.Apps {
		if w.Apps[i].Owner == w.Orgs[0].Login {
			w.Apps[i].Key = &key.PublicKey
		}
	}
	for i := range w.Orgs[0].Repos {
		r := &w.Orgs[0].Repos[i]
		if r.Files, err = c.books.checkedOut(c.write, r.Name, ago); err != nil {
			return nil, err
		}
	}
	return githubsim.New(w), nil
}

func (c *Company) gitlab(ago time.Duration) (http.Handler, error) {
	var w gitlabsim.World
	if err := c.books.world(c.write, "gitlab", ago, &w); err != nil {
		return nil, err
	}
	for i := range w.Projects {
		p := &w.Projects[i]
		files, err := c.books.checkedOut(c.write, filepath.Base(p.Path), ago)
		if err != nil {
			return nil, err
		}
		p.Files = files
	}
	return gitlabsim.New(w, c.Now), nil
}

func (c *Company) gitea(ago time.Duration) (http.Handler, error) {
	var w giteasim.World
	if err := c.books.world(c.write, "gitea", ago, &w); err != nil {
		return nil, err
	}
	w.Now = c.Now
	return giteasim.New(w), nil
}

// bao is the company's secrets manager.
func (c *Company) bao(ago time.Duration) (http.Handler, error) {
	var w vaultsim.World
	if err := c.books.world(c.write, "bao", ago, &w); err != nil {
		return nil, err
	}
	w.Now = c.Now
	return vaultsim.New(w), nil
}

const appKeyBits = 2048

// appKey is the key of the company's own GitHub Apps, with which nhitop reads. It is made when it is first asked for, and
// the file that the configuration names with it.
func (c *Company) appKey() (*rsa.PrivateKey, error) {
	c.once.Do(func() {
		file := filepath.Join(c.dir, "github-app.pem")
		if text, err := os.ReadFile(file); err == nil { // of a company that was kept
			if block, _ := pem.Decode(text); block != nil {
				c.rsa, c.rsaErr = x509.ParsePKCS1PrivateKey(block.Bytes)
				return
			}
		}
		if c.rsa, c.rsaErr = rsa.GenerateKey(rand.Reader, appKeyBits); c.rsaErr != nil {
			return
		}
		block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(c.rsa)}
		c.rsaErr = os.WriteFile(file, pem.EncodeToMemory(block), 0o600)
	})
	if c.rsaErr != nil {
		return nil, fmt.Errorf("the key of the company's apps: %w", c.rsaErr)
	}
	return c.rsa, nil
}
