package gitlabsim

import (
	"strconv"
	"time"
)

// stamp is a time as GitLab writes it, nil for none.
func stamp(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.UTC().Format("2006-01-02T15:04:05.000Z")
	return &s
}

// day is a date, nil for none.
func day(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.UTC().Format(time.DateOnly)
	return &s
}

type userBasic struct {
	ID        int     `json:"id"`
	Username  string  `json:"username"`
	Public    *string `json:"public_email"`
	Name      string  `json:"name"`
	State     string  `json:"state"`
	Locked    bool    `json:"locked"`
	AvatarURL *string `json:"avatar_url"`
	WebURL    string  `json:"web_url"`
}

func (c *call) basic(u *user) userBasic {
	return userBasic{ID: u.id, Username: u.Username, Name: u.Name, State: u.state, WebURL: c.web(u.Username)}
}

func (c *call) web(path string) string { return "https://" + c.r.Host + "/" + path }

// userFull is what an administrator, and everybody of themselves, gets.
type userFull struct {
	userBasic
	Created      *string `json:"created_at"`
	Bot          bool    `json:"bot"`
	LastActivity *string `json:"last_activity_on,omitempty"`
	Email        string  `json:"email,omitempty"`
	IsAdmin      *bool   `json:"is_admin,omitempty"`
}

func (c *call) full(u *user) userFull {
	x := userFull{userBasic: c.basic(u), Created: stamp(u.Created), Bot: u.bot || u.Service != ""}
	if c.admin(c.user) || c.user == u {
		x.Email, x.LastActivity = u.Email, day(u.LastActivity)
	}
	if c.admin(c.user) {
		x.IsAdmin = &u.Admin
	}
	return x
}

type member struct {
	userBasic
	AccessLevel int        `json:"access_level"`
	Created     *string    `json:"created_at"`
	CreatedBy   *userBasic `json:"created_by,omitempty"`
	Expires     *string    `json:"expires_at"`
	Email       string     `json:"email,omitempty"`
	Membership  string     `json:"membership_state"`
}

type patShape struct {
	ID          int      `json:"id"`
	Name        string   `json:"name"`
	Revoked     bool     `json:"revoked"`
	Created     *string  `json:"created_at"`
	Description *string  `json:"description"`
	Scopes      []string `json:"scopes"`
	UserID      int      `json:"user_id"`
	LastUsed    *string  `json:"last_used_at"`
	Active      bool     `json:"active"`
	Expires     *string  `json:"expires_at"`
}

func (c *call) pat(t *token) patShape {
	x := patShape{ID: t.id, Name: t.Title, Revoked: t.revoked, Created: stamp(t.Created), Scopes: list(t.Scopes), UserID: t.user.id, LastUsed: stamp(t.LastUsed), Expires: day(t.Expires)}
	x.Active = !t.revoked && (t.Expires.IsZero() || c.at.Before(t.Expires)) && t.user.state == "active"
	if t.Description != "" {
		x.Description = &t.Description
	}
	return x
}

// resourcePAT is a group or project access token.
type resourcePAT struct {
	patShape
	AccessLevel  int    `json:"access_level"`
	ResourceType string `json:"resource_type"`
	ResourceID   int    `json:"resource_id"`
}

func (c *call) resourcePAT(t *token) resourcePAT {
	x := resourcePAT{patShape: c.pat(t), AccessLevel: int(t.Level)}
	if t.user.proj != nil {
		x.ResourceType, x.ResourceID = "project", t.user.proj.id
	} else if t.user.group != nil {
		x.ResourceType, x.ResourceID = "group", t.user.group.id
	}
	return x
}

type withToken struct {
	patShape
	Token string `json:"token"`
}

type impersonationShape struct {
	patShape
	Impersonation bool `json:"impersonation"`
}

type serviceAccount struct {
	ID       int     `json:"id"`
	Username string  `json:"username"`
	Public   *string `json:"public_email"`
	Name     string  `json:"name"`
	Email    string  `json:"email"`
}

type deployTokenShape struct {
	ID       int      `json:"id"`
	Name     string   `json:"name"`
	Username string   `json:"username"`
	Expires  *string  `json:"expires_at"`
	Scopes   []string `json:"scopes"`
	Revoked  bool     `json:"revoked"`
	Expired  bool     `json:"expired"`
}

func (c *call) deployToken(t *deployToken) deployTokenShape {
	return deployTokenShape{ID: t.id, Name: t.Name, Username: t.Username, Expires: stamp(t.Expires), Scopes: list(t.Scopes), Revoked: t.Revoked || t.deleted,
		Expired: !t.Expires.IsZero() && !c.at.Before(t.Expires)}
}

type identity struct {
	ID                int    `json:"id"`
	Name              string `json:"name"`
	NameWithNamespace string `json:"name_with_namespace"`
	Path              string `json:"path"`
	PathWithNamespace string `json:"path_with_namespace"`
}

func (p *project) identity() identity {
	base := p.Path[len(parentPath(p.Path))+1:]
	return identity{ID: p.id, Name: base, NameWithNamespace: p.Path, Path: base, PathWithNamespace: p.Path}
}

type deployKeyShape struct {
	ID          int        `json:"id"`
	Title       string     `json:"title"`
	Created     *string    `json:"created_at"`
	Expires     *string    `json:"expires_at"`
	LastUsed    *string    `json:"last_used_at"`
	Key         string     `json:"key"`
	Usage       string     `json:"usage_type"`
	Fingerprint string     `json:"fingerprint_sha256"`
	Write       []identity `json:"projects_with_write_access,omitempty"`
	Read        []identity `json:"projects_with_readonly_access,omitempty"`
	CanPush     *bool      `json:"can_push,omitempty"`
}

func (k *deployKey) shape() deployKeyShape {
	return deployKeyShape{ID: k.id, Title: k.Title, Created: stamp(k.Created), Expires: stamp(k.Expires), LastUsed: stamp(k.LastUsed), Key: k.Key, Usage: "auth",
		Fingerprint: fingerprint(k.Key)}
}

type sshShape struct {
	ID       int     `json:"id"`
	Title    string  `json:"title"`
	Created  *string `json:"created_at"`
	Expires  *string `json:"expires_at"`
	LastUsed *string `json:"last_used_at"`
	Usage    string  `json:"usage_type"`
	UserID   int     `json:"user_id"`
}

type refAccess struct {
	ID          int    `json:"id"`
	AccessLevel *int   `json:"access_level"`
	Description string `json:"access_level_description"`
	DeployKeyID *int   `json:"deploy_key_id,omitempty"`
	UserID      *int   `json:"user_id"`
	GroupID     *int   `json:"group_id"`
}

var roleWords = map[Access]string{NoAccess: "No one", Developer: "Developers + Maintainers", Maintainer: "Maintainers", AdminOnly: "Administrators"}

// allowed writes who may do something.
func (c *call) allowed(who []Allowed) []refAccess {
	out := []refAccess{}
	for i, a := range who {
		x := refAccess{ID: i + 1}
		level, id := int(a.Level), 0
		switch {
		case a.User != "":
			id, level = c.userNamed(a.User).id, int(Maintainer)
			x.UserID, x.Description = &id, c.userNamed(a.User).Name
		case a.Group != "":
			g := c.groupAt(a.Group)
			if g == nil {
				fail("no group %q", a.Group)
			}
			id, level = g.id, int(Maintainer)
			x.GroupID, x.Description = &id, g.Path
		case a.DeployKey != "":
			for _, k := range c.dkeys {
				if k.Title == a.DeployKey {
					id = k.id
				}
			}
			x.DeployKeyID, x.Description, level = &id, a.DeployKey, int(Maintainer)
		default:
			x.Description = roleWords[a.Level]
		}
		x.AccessLevel = &level
		out = append(out, x)
	}
	return out
}

type branchShape struct {
	ID         int         `json:"id"`
	Name       string      `json:"name"`
	Push       []refAccess `json:"push_access_levels"`
	Merge      []refAccess `json:"merge_access_levels"`
	ForcePush  bool        `json:"allow_force_push"`
	Unprotect  []refAccess `json:"unprotect_access_levels"`
	CodeOwners bool        `json:"code_owner_approval_required"`
	Inherited  *bool       `json:"inherited,omitempty"`
}

func (c *call) branch(b *branch) branchShape {
	return branchShape{ID: b.id, Name: b.Name, Push: c.allowed(b.Push), Merge: c.allowed(b.Merge), ForcePush: b.ForcePush, Unprotect: []refAccess{}, CodeOwners: b.CodeOwners}
}

type environmentApproval struct {
	ID          int    `json:"id"`
	UserID      *int   `json:"user_id"`
	GroupID     *int   `json:"group_id"`
	AccessLevel *int   `json:"access_level"`
	Description string `json:"access_level_description"`
	Required    int    `json:"required_approvals"`
	Inheritance int    `json:"group_inheritance_type"`
}

type protectedEnvironment struct {
	Name     string                `json:"name"`
	Deploy   []refAccess           `json:"deploy_access_levels"`
	Required int                   `json:"required_approval_count"`
	Rules    []environmentApproval `json:"approval_rules"`
}

func (c *call) protectedEnvironment(e ProtectedEnvironment) protectedEnvironment {
	x := protectedEnvironment{Name: e.Name, Deploy: c.allowed(e.Deploy), Rules: []environmentApproval{}}
	for _, a := range c.allowed(e.Approvals) {
		x.Rules = append(x.Rules, environmentApproval{ID: a.ID, UserID: a.UserID, GroupID: a.GroupID, AccessLevel: a.AccessLevel, Description: a.Description, Required: 1})
	}
	return x
}

type environmentShape struct {
	ID    int    `json:"id"`
	Name  string `json:"name"`
	Slug  string `json:"slug"`
	Tier  string `json:"tier"`
	State string `json:"state"`
}

type ruleShape struct {
	ID        int           `json:"id"`
	Name      string        `json:"name"`
	RuleType  string        `json:"rule_type"`
	Eligible  []userBasic   `json:"eligible_approvers"`
	Required  int           `json:"approvals_required"`
	Users     []userBasic   `json:"users"`
	Groups    []any         `json:"groups"`
	Hidden    bool          `json:"contains_hidden_groups"`
	Branches  []branchShape `json:"protected_branches"`
	AppliesTo bool          `json:"applies_to_all_protected_branches"`
}

type approvalsShape struct {
	Before     int  `json:"approvals_before_merge"`
	Reset      bool `json:"reset_approvals_on_push"`
	Selective  bool `json:"selective_code_owner_removals"`
	NoOverride bool `json:"disable_overriding_approvers_per_merge_request"`
	Author     bool `json:"merge_requests_author_approval"`
	NoCommit   bool `json:"merge_requests_disable_committers_approval"`
	Password   bool `json:"require_password_to_approve"`
}

type runnerShape struct {
	ID          int     `json:"id"`
	Description string  `json:"description"`
	IP          *string `json:"ip_address"`
	Active      bool    `json:"active"`
	Paused      bool    `json:"paused"`
	Shared      bool    `json:"is_shared"`
	Type        string  `json:"runner_type"`
	Name        *string `json:"name"`
	Online      bool    `json:"online"`
	Created     *string `json:"created_at"`
	Status      string  `json:"status"`
}

type runnerFull struct {
	runnerShape
	Tags      []string   `json:"tag_list"`
	Untagged  bool       `json:"run_untagged"`
	Locked    bool       `json:"locked"`
	Access    string     `json:"access_level"`
	Contacted *string    `json:"contacted_at"`
	Projects  []identity `json:"projects,omitempty"`
}

func itoa(n int) string { return strconv.Itoa(n) }
