package gitea

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/httpx"
)

// repoFacts is what was read of one repository.
type repoFacts struct {
	repoAnswer
	collaborators []userAnswer
	levels        map[string]string // login in lower case -> permission, of those who matter
	keys          []keyAnswer
	rules         []ruleAnswer
	noRules       error
	branch        *branchAnswer // what everybody is told of the default branch, where the rules are not
	secrets       []secretAnswer
	noSecrets     error
	runners       []runnerAnswer
	oldRunners    bool // the server does not tell them
	flows         []string
	off           map[string]bool // those that are switched off
	noFlows       error
	files         map[string][]byte

	reads []string
	lost  []missed
}

func (r *repoFacts) at(rest string) string {
	return httpx.Path("/repos/%s/%s", r.Owner.Login, r.Name) + rest
}

const (
	maxFlows    = 200
	maxFlowSize = 1 << 20
)

// repositories reads every repository that is wanted, a page at a time.
func (c *collection) repositories() error {
	const path = "/repos/search"
	archived := 0
	err := chunks(list[repoAnswer](c.ctx, c.api, ask{path: path, key: "data"}), pageSize, func(rs []repoAnswer) error {
		rs = slices.DeleteFunc(rs, func(r repoAnswer) bool {
			out := !c.wanted(r.Full) || r.Name == "" || r.Owner.Login == ""
			if !out && r.Archived && !c.s.opt.Archived {
				archived++
				out = true
			}
			return out
		})
		for _, f := range parallel(rs, c.fetch) {
			if err := c.settle(f); err != nil {
				return err
			}
		}
		c.sink.Progress(fmt.Sprintf("read %d repositories", c.repos))
		return c.ctx.Err()
	})
	if archived > 0 {
		c.skip(path, inventory.LookedSkipped, fmt.Sprintf("%d archived repositories (archived = true reads them)", archived))
	}
	if len(c.s.opt.Repositories) > 0 {
		c.skip(path, inventory.LookedSkipped, "the configuration names the repositories that are read")
	}
	return c.ofList(path, "the repositories", err)
}

// fetch reads one repository. It may run beside others and writes nothing.
func (c *collection) fetch(r repoAnswer) *repoFacts {
	f := &repoFacts{repoAnswer: r, levels: map[string]string{}, files: map[string][]byte{}, off: map[string]bool{}}
	mine := r.Mine.Admin || c.admin
	part := func(rest, what string, ask func(path string) error) error {
		p := f.at(rest)
		err := ask(p)
		switch {
		case fatalSoon(f.lost):
			return nil
		case err != nil:
			f.lost = append(f.lost, missed{p, what, r.Full, err})
		default:
			f.reads = append(f.reads, p)
		}
		return err
	}
	_ = part("/collaborators", "the collaborators", func(p string) (err error) {
		f.collaborators, err = all[userAnswer](c.ctx, c.api, ask{path: p})
		return err
	})
	for _, u := range f.collaborators {
		c.levelOf(f, u, mine)
	}
	if mine {
		c.asAdministrator(f, part)
	} else {
		for _, m := range []struct{ at, what string }{{"/keys", "the deploy keys"}, {"/branch_protections", "the lists of the branch rules"}, {"/actions/secrets", "the Actions secrets"}} {
			f.lost = append(f.lost, missed{f.at(m.at), m.what, r.Full, errNotTold})
		}
		f.noSecrets = errNotTold
		f.noRules = part("/branches/"+escape(r.Branch), "the protection of the default branch", func(p string) error {
			if r.Empty {
				return nil
			}
			f.branch = &branchAnswer{}
			_, err := c.api.Get(c.ctx, p, nil, f.branch)
			return err
		})
	}
	if r.Actions {
		f.noFlows = c.flowsOf(f)
	}
	return f
}

// asAdministrator reads what is told to administrators of the repository only.
func (c *collection) asAdministrator(f *repoFacts, part func(rest, what string, ask func(path string) error) error) {
	_ = part("/keys", "the deploy keys", func(p string) (err error) {
		f.keys, err = all[keyAnswer](c.ctx, c.api, ask{path: p})
		return err
	})
	f.noRules = part("/branch_protections", "the branch rules", func(p string) (err error) {
		f.rules, err = whole[ruleAnswer](c.ctx, c.api, p)
		return err
	})
	if !f.Actions {
		return
	}
	f.noSecrets = part("/actions/secrets", "the names of the Actions secrets", func(p string) (err error) {
		f.secrets, err = all[secretAnswer](c.ctx, c.api, ask{path: p})
		return err
	})
	_ = part("/actions/runners", "the runners", func(p string) (err error) {
		if f.runners, err = c.api.runners(c.ctx, p); httpx.Status(err) == http.StatusNotFound {
			f.oldRunners = true
			return nil
		}
		return err
	})
}

func fatalSoon(lost []missed) bool {
	return len(lost) > 0 && fatal(lost[len(lost)-1].err)
}

// levelOf asks for the permission of a collaborator whose rights matter.
func (c *collection) levelOf(f *repoFacts, u userAnswer, mine bool) {
	a := c.accounts[key(u.Login)]
	if a != nil && !a.holds() && a != c.me || a == nil && !c.listed && productOf(c.s.cat, u.Login, true) == nil {
		return
	}
	if a == c.me && a != nil && !c.admin || !mine {
		return // what it may do itself is in the answer about the repository; of others it is not told
	}
	p := f.at(httpx.Path("/collaborators/%s/permission", u.Login))
	var got permissionAnswer
	if _, err := c.api.Get(c.ctx, p, nil, &got); err != nil {
		f.lost = append(f.lost, missed{p, "the permission of a collaborator", f.Full + ": " + u.Login, err})
		return
	}
	f.levels[key(u.Login)] = got.Permission
}

// folders are where workflows stand; the first that is there counts, and no other does (Gitea's WORKFLOW_DIRS, Forgejo's
// own before it).
var folders = []string{".forgejo/workflows", ".gitea/workflows", ".github/workflows"}

// flowsOf reads the workflow files.
func (c *collection) flowsOf(f *repoFacts) error {
	if f.Empty {
		return nil
	}
	listed, err := c.listFlows(f)
	if err == nil && !listed {
		err = c.walkFlows(f)
	}
	if err != nil {
		return err
	}
	for _, name := range f.flows {
		data, err := c.file(f, name)
		if err != nil {
			f.lost = append(f.lost, missed{f.at("/raw/" + escape(name)), "a workflow", f.Full, err})
			continue
		}
		f.files[name] = data
	}
	return nil
}

// listFlows asks the server for its workflows, which Gitea tells from 1.24 on. It is not asked about an empty repository:
// a 1.25.5 breaks down over one.
func (c *collection) listFlows(f *repoFacts) (listed bool, err error) {
	if c.before(1, 24) || c.version == "" {
		return false, nil
	}
	p := f.at("/actions/workflows")
	var in struct {
		Workflows []workflowAnswer `json:"workflows"`
	}
	_, err = c.api.Get(c.ctx, p, nil, &in)
	if httpx.Status(err) == http.StatusNotFound {
		return false, nil
	}
	if err != nil {
		f.lost = append(f.lost, missed{p, "the workflows", f.Full, err})
		return false, err
	}
	f.reads = append(f.reads, p)
	for _, w := range in.Workflows {
		c.addFlow(f, w.Path, 0)
		f.off[w.Path] = strings.HasPrefix(w.State, "disabled")
	}
	return true, nil
}

func (c *collection) addFlow(f *repoFacts, file string, size int64) {
	if ext := path.Ext(file); ext != ".yml" && ext != ".yaml" {
		return
	}
	if len(f.flows) >= maxFlows || size > maxFlowSize {
		f.lost = append(f.lost, missed{f.at("/raw/" + escape(file)), "a workflow", f.Full, httpx.ErrTooLarge})
		return
	}
	f.flows = append(f.flows, file)
}

// walkFlows looks into the folders where workflows stand.
func (c *collection) walkFlows(f *repoFacts) error {
	dirs := folders
	if !strings.Contains(c.version, "gitea-") {
		dirs = folders[1:]
	}
	for _, dir := range dirs {
		p := f.at("/contents/" + dir)
		var in []contentAnswer
		_, err := c.api.Get(c.ctx, p, url.Values{"ref": {f.Branch}}, &in)
		if httpx.Status(err) == http.StatusNotFound {
			continue
		}
		if err != nil {
			f.lost = append(f.lost, missed{p, "the workflows", f.Full, err})
			return err
		}
		f.reads = append(f.reads, p)
		for _, e := range in {
			if e.Type == "file" {
				c.addFlow(f, dir+"/"+e.Name, e.Size)
			}
		}
		break
	}
	return nil
}

// escape keeps the slashes of a path and escapes all else.
func escape(file string) string {
	parts := strings.Split(file, "/")
	for i, p := range parts {
		parts[i] = httpx.Path("%s", p)
	}
	return strings.Join(parts, "/")
}

var errNoFile = errors.New("there is no such file")

// file reads a file of the default branch, once.
func (c *collection) file(f *repoFacts, name string) ([]byte, error) {
	if data, ok := f.files[name]; ok {
		if data == nil {
			return nil, errNoFile
		}
		return data, nil
	}
	var data []byte
	_, err := c.api.Get(c.ctx, f.at("/raw/"+escape(name)), url.Values{"ref": {f.Branch}}, &data)
	if httpx.Status(err) == http.StatusNotFound {
		f.files[name] = nil
		return nil, errNoFile
	}
	if err == nil && data == nil {
		data = []byte{}
	}
	return data, err
}
