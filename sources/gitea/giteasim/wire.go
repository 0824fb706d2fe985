package giteasim

import "time"

// The shapes of the answers: names and types as Gitea 1.25 publishes them.

type wireUser struct {
	ID           int64     `json:"id"`
	Login        string    `json:"login"`
	LoginName    string    `json:"login_name"`
	SourceID     int64     `json:"source_id"`
	FullName     string    `json:"full_name"`
	Email        string    `json:"email"`
	AvatarURL    string    `json:"avatar_url"`
	HTMLURL      string    `json:"html_url"`
	Language     string    `json:"language"`
	IsAdmin      bool      `json:"is_admin"`
	LastLogin    time.Time `json:"last_login"`
	Created      time.Time `json:"created"`
	Restricted   bool      `json:"restricted"`
	Active       bool      `json:"active"`
	Prohibit     bool      `json:"prohibit_login"`
	Location     string    `json:"location"`
	Website      string    `json:"website"`
	Description  string    `json:"description"`
	Visibility   string    `json:"visibility"`
	Followers    int       `json:"followers_count"`
	Following    int       `json:"following_count"`
	StarredRepos int       `json:"starred_repos_count"`
	Username     string    `json:"username"`
}

type wireToken struct {
	ID        int64     `json:"id"`
	Name      string    `json:"name"`
	Value     string    `json:"sha1"`
	LastEight string    `json:"token_last_eight"`
	Scopes    []string  `json:"scopes"`
	Created   time.Time `json:"created_at"`
	LastUsed  time.Time `json:"last_used_at"`
}

type wireApp struct {
	ID           int64     `json:"id"`
	Name         string    `json:"name"`
	ClientID     string    `json:"client_id"`
	ClientSecret string    `json:"client_secret"`
	Confidential bool      `json:"confidential_client"`
	SkipSecond   bool      `json:"skip_secondary_authorization"`
	Redirects    []string  `json:"redirect_uris"`
	Created      time.Time `json:"created"`
}

type wireRepo struct {
	ID            int64           `json:"id"`
	Owner         wireUser        `json:"owner"`
	Name          string          `json:"name"`
	FullName      string          `json:"full_name"`
	Description   string          `json:"description"`
	Empty         bool            `json:"empty"`
	Private       bool            `json:"private"`
	Fork          bool            `json:"fork"`
	Template      bool            `json:"template"`
	Mirror        bool            `json:"mirror"`
	HTMLURL       string          `json:"html_url"`
	URL           string          `json:"url"`
	SSHURL        string          `json:"ssh_url"`
	CloneURL      string          `json:"clone_url"`
	DefaultBranch string          `json:"default_branch"`
	Archived      bool            `json:"archived"`
	Created       time.Time       `json:"created_at"`
	Updated       time.Time       `json:"updated_at"`
	Permissions   map[string]bool `json:"permissions"`
	HasCode       bool            `json:"has_code"`
	HasActions    bool            `json:"has_actions"`
	HasPulls      bool            `json:"has_pull_requests"`
	Internal      bool            `json:"internal"`
	Object        string          `json:"object_format_name"`
	Topics        []string        `json:"topics"`
}

type wirePublicKey struct {
	ID          int64     `json:"id"`
	Key         string    `json:"key"`
	URL         string    `json:"url"`
	Title       string    `json:"title"`
	Fingerprint string    `json:"fingerprint"`
	Created     time.Time `json:"created_at"`
	LastUsed    time.Time `json:"last_used_at"`
	User        *wireUser `json:"user,omitempty"`
	KeyType     string    `json:"key_type,omitempty"`
}

type wireKey struct {
	ID          int64     `json:"id"`
	KeyID       int64     `json:"key_id"`
	Key         string    `json:"key"`
	URL         string    `json:"url"`
	Title       string    `json:"title"`
	Fingerprint string    `json:"fingerprint"`
	Created     time.Time `json:"created_at"`
	ReadOnly    bool      `json:"read_only"`
	Repository  *wireRepo `json:"repository,omitempty"`
}

type wirePermission struct {
	Permission string   `json:"permission"`
	RoleName   string   `json:"role_name"`
	User       wireUser `json:"user"`
}

type wireOrg struct {
	ID         int64  `json:"id"`
	Name       string `json:"name"`
	FullName   string `json:"full_name"`
	Email      string `json:"email"`
	AvatarURL  string `json:"avatar_url"`
	Text       string `json:"description"`
	Website    string `json:"website"`
	Location   string `json:"location"`
	Visibility string `json:"visibility"`
	AdminTeams bool   `json:"repo_admin_change_team_access"`
	Username   string `json:"username"`
}

type wireTeam struct {
	ID           int64             `json:"id"`
	Name         string            `json:"name"`
	Description  string            `json:"description"`
	Organization *wireOrg          `json:"organization"`
	All          bool              `json:"includes_all_repositories"`
	Permission   string            `json:"permission"`
	Units        []string          `json:"units"`
	UnitsMap     map[string]string `json:"units_map"`
	CanCreate    bool              `json:"can_create_org_repo"`
}

type wireSecret struct {
	Name        string    `json:"name"`
	Description string    `json:"description"`
	Created     time.Time `json:"created_at"`
}

type wireLabel struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"`
}

type wireRunner struct {
	ID        int64       `json:"id"`
	Name      string      `json:"name"`
	Status    string      `json:"status"`
	Busy      bool        `json:"busy"`
	Ephemeral bool        `json:"ephemeral"`
	Labels    []wireLabel `json:"labels"`
}

type wireWorkflow struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Path    string    `json:"path"`
	State   string    `json:"state"`
	Created time.Time `json:"created_at"`
	Updated time.Time `json:"updated_at"`
	URL     string    `json:"url"`
	HTMLURL string    `json:"html_url"`
	Badge   string    `json:"badge_url"`
	Deleted time.Time `json:"deleted_at"`
}

type wireContent struct {
	Name      string            `json:"name"`
	Path      string            `json:"path"`
	SHA       string            `json:"sha"`
	Type      string            `json:"type"`
	Size      int64             `json:"size"`
	Encoding  *string           `json:"encoding"`
	Content   *string           `json:"content"`
	Target    *string           `json:"target"`
	URL       *string           `json:"url"`
	HTMLURL   *string           `json:"html_url"`
	GitURL    *string           `json:"git_url"`
	Download  *string           `json:"download_url"`
	Submodule *string           `json:"submodule_git_url"`
	Links     map[string]string `json:"_links"`
}

type wireBranch struct {
	Name      string         `json:"name"`
	Commit    map[string]any `json:"commit"`
	Protected bool           `json:"protected"`
	Approvals int64          `json:"required_approvals"`
	Checks    bool           `json:"enable_status_check"`
	Contexts  []string       `json:"status_check_contexts"`
	CanPush   bool           `json:"user_can_push"`
	CanMerge  bool           `json:"user_can_merge"`
	Rule      string         `json:"effective_branch_protection_name"`
}

// Protection is a rule for branches, as the API spells it; it is also what a [Repo] is given. Created and Updated are set
// by the server where they are zero.
type Protection struct {
	BranchName         string    `json:"branch_name"`
	RuleName           string    `json:"rule_name"`
	Priority           int64     `json:"priority"`
	EnablePush         bool      `json:"enable_push"`
	PushWhitelist      bool      `json:"enable_push_whitelist"`
	PushUsers          []string  `json:"push_whitelist_usernames"`
	PushTeams          []string  `json:"push_whitelist_teams"`
	PushKeys           bool      `json:"push_whitelist_deploy_keys"`
	EnableForce        bool      `json:"enable_force_push"`
	ForceAllowlist     bool      `json:"enable_force_push_allowlist"`
	ForceUsers         []string  `json:"force_push_allowlist_usernames"`
	ForceTeams         []string  `json:"force_push_allowlist_teams"`
	ForceKeys          bool      `json:"force_push_allowlist_deploy_keys"`
	MergeWhitelist     bool      `json:"enable_merge_whitelist"`
	MergeUsers         []string  `json:"merge_whitelist_usernames"`
	MergeTeams         []string  `json:"merge_whitelist_teams"`
	StatusCheck        bool      `json:"enable_status_check"`
	StatusContexts     []string  `json:"status_check_contexts"`
	Approvals          int64     `json:"required_approvals"`
	ApprovalsWhitelist bool      `json:"enable_approvals_whitelist"`
	ApprovalsUsers     []string  `json:"approvals_whitelist_username"`
	ApprovalsTeams     []string  `json:"approvals_whitelist_teams"`
	BlockRejected      bool      `json:"block_on_rejected_reviews"`
	BlockRequested     bool      `json:"block_on_official_review_requests"`
	BlockOutdated      bool      `json:"block_on_outdated_branch"`
	DismissStale       bool      `json:"dismiss_stale_approvals"`
	IgnoreStale        bool      `json:"ignore_stale_approvals"`
	Signed             bool      `json:"require_signed_commits"`
	ProtectedFiles     string    `json:"protected_file_patterns"`
	UnprotectedFiles   string    `json:"unprotected_file_patterns"`
	BlockAdminOverride bool      `json:"block_admin_merge_override"`
	Created            time.Time `json:"created_at"`
	Updated            time.Time `json:"updated_at"`
}
