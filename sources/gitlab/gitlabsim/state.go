package gitlabsim

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// user, group and so on are the things as they stand now.
type user struct {
	User
	id     int
	state  string
	bot    bool   // of a group or project access token
	group  *group // that a service account or bot belongs to
	proj   *project
	gone   bool
	limits window
}

type group struct {
	Group
	id     int
	parent *group
	duoOff bool
}

type project struct {
	Project
	id      int
	group   *group // nil: of a user; not simulated
	branch  []*branch
	noFlows bool
}

type branch struct {
	Branch
	id int
}

type token struct {
	Token
	id      int
	user    *user
	family  int
	value   string
	revoked bool
	late    time.Time // revoked, but works until then
	lives   bool      // revoked as all lists say, and works on
}

type deployToken struct {
	DeployToken
	id      int
	value   string
	deleted bool
}

type deployKey struct {
	DeployKey
	id   int
	push map[string]bool // by project path; the keys are the projects that it opens
}

type sshKey struct {
	SSHKey
	id   int
	user *user
}

type trigger struct {
	Trigger
	id    int
	value string
}

type runner struct {
	Runner
	id     int
	paused bool
	value  string
}

// fail ends a test whose world names what is not in it.
func fail(format string, args ...any) { panic("gitlabsim: " + fmt.Sprintf(format, args...)) }

// made is a made-up credential: the same for the same name.
func made(prefix, name string, n int) string {
	sum := sha256.Sum256([]byte(prefix + name))
	return prefix + "FAKE" + hex.EncodeToString(sum[:])[:n-4]
}

// madeKey is a made-up public key: nothing opens with it.
func madeKey(title string) string {
	sum := sha256.Sum256([]byte("key" + title))
	blob := append([]byte("\x00\x00\x00\x0bssh-ed25519\x00\x00\x00\x20"), sum[:]...)
	return "ssh-ed25519 " + base64.StdEncoding.EncodeToString(blob)
}

// fingerprint is the SHA256 fingerprint of a public key as ssh-keygen prints it.
func fingerprint(key string) string {
	f := strings.Fields(key)
	if len(f) < 2 {
		return ""
	}
	blob, err := base64.StdEncoding.DecodeString(f[1])
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(blob)
	return "SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:])
}

// userNamed finds a user, one that was deleted too.
func (s *Sim) userNamed(name string) *user {
	i := slices.IndexFunc(s.users, func(u *user) bool { return u.Username == name })
	if i < 0 {
		fail("no user %q", name)
	}
	return s.users[i]
}

func (s *Sim) groupAt(path string) *group {
	i := slices.IndexFunc(s.groups, func(g *group) bool { return g.Path == path })
	if i < 0 {
		return nil
	}
	return s.groups[i]
}

func (s *Sim) projectAt(path string) *project {
	i := slices.IndexFunc(s.projects, func(p *project) bool { return p.Path == path })
	if i < 0 {
		return nil
	}
	return s.projects[i]
}

// place splits "group:PATH", "project:PATH" or "instance".
func (s *Sim) place(on string) (g *group, p *project) {
	kind, path, _ := strings.Cut(on, ":")
	switch kind {
	case "instance":
		return nil, nil
	case "group":
		g = s.groupAt(path)
	case "project":
		p = s.projectAt(path)
	}
	if g == nil && p == nil {
		fail("no place %q", on)
	}
	return g, p
}

// level is a user's role on a group, that of the groups above it included.
func (s *Sim) level(u *user, g *group) Access {
	if u.Admin && !s.world.SaaS {
		return Owner
	}
	best := NoAccess
	for ; g != nil; g = g.parent {
		best = max(best, g.Members[u.Username])
	}
	return best
}

// on is a user's role on a project, by membership or by an invited group.
func (s *Sim) on(u *user, p *project) Access {
	best := max(p.Members[u.Username], s.level(u, p.group))
	for path, l := range p.SharedWith {
		if g := s.groupAt(path); g != nil {
			best = max(best, min(l, s.level(u, g)))
		}
	}
	return best
}

// admin reports whether a user runs the instance.
func (s *Sim) admin(u *user) bool { return u.Admin && !s.world.SaaS }

// works reports whether a token is accepted now.
func (t *token) works(now time.Time) bool {
	if t.revoked && !t.lives && !now.Before(t.late) {
		return false
	}
	return t.Expires.IsZero() || now.Before(t.Expires)
}

func parentPath(path string) string {
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return ""
	}
	return path[:i]
}
