package demo

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

//go:embed all:company
var data embed.FS

// person is somebody of the company, or an account that nobody is behind.
type person struct {
	Login   string `toml:"login"`
	Name    string `toml:"name"`
	Email   string `toml:"email"`
	Team    string `toml:"team"`
	Joined  string `toml:"joined"` // how long ago, where it is within the calendar
	Left    string `toml:"left"`   // how long ago; "" for who is still there
	Service bool   `toml:"service"`
}

// repository is a work tree on the shared machine.
type repository struct {
	Name   string `toml:"name"`   // of its archive, and at the forge
	At     string `toml:"at"`     // below the machine's root
	Remote string `toml:"remote"` // URL of origin
	By     string `toml:"by"`     // login of whoever cloned it
	Made   string `toml:"made"`   // how long ago, where it is within the calendar
}

// incident is a secret that was taken away in the past, by the executor, with proof.
type incident struct {
	Found   string      `toml:"found"`   // how long ago a collection found it
	Took    string      `toml:"took"`    // from there to the revocation
	Secrets [][2]string `toml:"secrets"` // kind and name of each
	By      string      `toml:"by"`
	Reason  string      `toml:"reason"`
}

// decision is what somebody decided in the past about an assistant, or about a finding of it.
type decision struct {
	At        string `toml:"at"`
	Kind      string `toml:"kind"`      // of triage: flag, accept, assign, note
	Assistant string `toml:"assistant"` // kind
	Path      string `toml:"path"`      // the end of its place
	Rule      string `toml:"rule"`      // of the finding; "" for the assistant itself
	By        string `toml:"by"`
	Reason    string `toml:"reason"`
	Owner     string `toml:"owner"`
	Until     string `toml:"until"`
}

// books are the company as it is written down.
type books struct {
	People    []person     `toml:"person"`
	Repos     []repository `toml:"repository"`
	Days      []string     `toml:"days"` // collections of the past, how long ago
	Incidents []incident   `toml:"incident"`
	Decisions []decision   `toml:"decision"`

	archives []archive
	config   string
}

// archive is a folder of the machine.
type archive struct {
	name, at string
	mode     fs.FileMode
	from     time.Duration // 0: since before the calendar
	sections []section
	repo     *repository
	person   *person
}

const (
	ownOnly = 0o600 // what stands in a home
	shared  = 0o644 // what git checked out
)

// load reads the books. An error is a mistake in them.
func load() (*books, error) {
	b := &books{}
	text, err := fs.ReadFile(data, "company/books.toml")
	if err != nil {
		return nil, err
	}
	md, err := toml.Decode(string(text), b)
	if err != nil {
		return nil, fmt.Errorf("books.toml: %w", err)
	}
	if unknown := md.Undecoded(); len(unknown) > 0 {
		return nil, fmt.Errorf("books.toml: %s means nothing", unknown[0])
	}
	config, err := fs.ReadFile(data, "company/config.toml")
	if err != nil {
		return nil, err
	}
	b.config = string(config)
	return b, errors.Join(b.read("machine", archive{mode: shared}), b.homes(), b.repos())
}

func (b *books) homes() error {
	var errs []error
	for i := range b.People {
		p := &b.People[i]
		if _, err := fs.Stat(data, "company/homes/"+p.Login+".txt"); err != nil {
			continue // no account on the machine
		}
		from, err := ago(p.Joined)
		errs = append(errs, err, b.read("homes/"+p.Login, archive{at: "home/" + p.Login, mode: ownOnly, from: from, person: p}))
	}
	return errors.Join(errs...)
}

func (b *books) repos() error {
	var errs []error
	for i := range b.Repos {
		r := &b.Repos[i]
		from, err := ago(r.Made)
		errs = append(errs, err, b.read("repos/"+r.Name, archive{at: r.At, mode: shared, from: from, repo: r, person: b.person(r.By)}))
	}
	return errors.Join(errs...)
}

func (b *books) read(name string, a archive) error {
	file := "company/" + name + ".txt"
	text, err := fs.ReadFile(data, file)
	if err != nil {
		return err
	}
	a.name = name
	a.sections, err = parseArchive(file, string(text))
	b.archives = append(b.archives, a)
	return err
}

func (b *books) person(login string) *person {
	i := slices.IndexFunc(b.People, func(p person) bool { return p.Login == login })
	if i < 0 {
		return nil
	}
	return &b.People[i]
}

func ago(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	return span(text)
}

// files are those of the machine as they were so long before now.
func (b *books) files(w *writer, when time.Duration) (map[string]file, error) {
	out := map[string]file{}
	for i := range b.archives {
		a := &b.archives[i]
		if a.from != 0 && when > a.from {
			continue
		}
		if err := a.files(w, when, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (a *archive) files(w *writer, when time.Duration, out map[string]file) error {
	var tracked []string
	for i := range a.sections {
		s := &a.sections[i]
		if !s.lives(when) {
			continue
		}
		text, err := w.fill(fmt.Sprintf("%s:%d", a.name, s.line), s.text)
		if err != nil {
			return err
		}
		mode := a.mode
		switch {
		case s.mode != 0:
			mode = s.mode
		case s.untracked:
			mode = ownOnly
		}
		at := path.Join(a.at, s.path)
		if _, twice := out[at]; twice {
			return fmt.Errorf("%s:%d: %s stands there twice at a time", a.name, s.line, at)
		}
		out[at] = file{text, mode}
		if !s.untracked {
			tracked = append(tracked, s.path)
		}
	}
	a.git(tracked, out)
	return nil
}

// git adds what git itself writes: a work tree's folder, a person's identity.
func (a *archive) git(tracked []string, out map[string]file) {
	switch {
	case a.repo != nil:
		for name, text := range gitFiles(a.repo.Remote, "", "", tracked) {
			out[path.Join(a.at, name)] = file{text, shared}
		}
	case a.person != nil && a.person.Email != "" && !a.person.Service:
		out[path.Join(a.at, ".gitconfig")] = file{"[user]\n\tname = " + a.person.Name + "\n\temail = " + strings.ToLower(a.person.Email) + "\n", shared}
	}
}
