package gitlab

import (
	"strings"
	"time"
)

// The answers of the API, as far as they are read.

type userShape struct {
	ID       int    `json:"id"`
	Username string `json:"username"`
	Name     string `json:"name"`
	State    string `json:"state"`
	Bot      bool   `json:"bot"`
	Email    string `json:"email"`
	IsAdmin  bool   `json:"is_admin"`
}

type memberShape struct {
	userShape
	AccessLevel int        `json:"access_level"`
	CreatedBy   *userShape `json:"created_by"`
}

type metadataShape struct {
	Version    string `json:"version"`
	Enterprise bool   `json:"enterprise"`
}

type tokenShape struct {
	ID           int      `json:"id"`
	Name         string   `json:"name"`
	Description  string   `json:"description"`
	Revoked      bool     `json:"revoked"`
	Active       bool     `json:"active"`
	Created      stamp    `json:"created_at"`
	LastUsed     stamp    `json:"last_used_at"`
	Expires      stamp    `json:"expires_at"`
	Scopes       []string `json:"scopes"`
	UserID       int      `json:"user_id"`
	AccessLevel  int      `json:"access_level"`
	ResourceType string   `json:"resource_type"`
	ResourceID   int      `json:"resource_id"`
}

type serviceShape struct {
	ID       int    `json:"id"`
	Username string `json:"username"`
	Name     string `json:"name"`
}

type groupShape struct {
	ID       int    `json:"id"`
	FullPath string `json:"full_path"`
	ParentID int    `json:"parent_id"`
	Duo      *bool  `json:"duo_features_enabled"`
}

type projectShape struct {
	ID             int    `json:"id"`
	Path           string `json:"path_with_namespace"`
	DefaultBranch  string `json:"default_branch"`
	Visibility     string `json:"visibility"`
	Archived       bool   `json:"archived"`
	Empty          bool   `json:"empty_repo"`
	CIConfigPath   string `json:"ci_config_path"`
	Builds         string `json:"builds_access_level"`
	Infrastructure string `json:"infrastructure_access_level"`
	MustPass       bool   `json:"only_allow_merge_if_pipeline_succeeds"`
	JobTokenPush   bool   `json:"ci_push_repository_for_job_token_allowed"`
	Flows          *bool  `json:"duo_remote_flows_enabled"`
	Namespace      struct {
		ID   int    `json:"id"`
		Kind string `json:"kind"`
	} `json:"namespace"`
	Shared []struct {
		GroupID int `json:"group_id"`
		Level   int `json:"group_access_level"`
	} `json:"shared_with_groups"`
}

type deployTokenShape struct {
	ID       int      `json:"id"`
	Name     string   `json:"name"`
	Username string   `json:"username"`
	Expires  stamp    `json:"expires_at"`
	Scopes   []string `json:"scopes"`
	Revoked  bool     `json:"revoked"`
	Expired  bool     `json:"expired"`
}

type projectRef struct {
	ID   int    `json:"id"`
	Path string `json:"path_with_namespace"`
}

type deployKeyShape struct {
	ID          int          `json:"id"`
	Title       string       `json:"title"`
	Created     stamp        `json:"created_at"`
	Expires     stamp        `json:"expires_at"`
	LastUsed    stamp        `json:"last_used_at"`
	Fingerprint string       `json:"fingerprint_sha256"`
	CanPush     bool         `json:"can_push"`
	Write       []projectRef `json:"projects_with_write_access"`
	Read        []projectRef `json:"projects_with_readonly_access"`
}

type sshKeyShape struct {
	ID       int    `json:"id"`
	Title    string `json:"title"`
	Created  stamp  `json:"created_at"`
	Expires  stamp  `json:"expires_at"`
	LastUsed stamp  `json:"last_used_at"`
	UserID   int    `json:"user_id"`
}

type triggerShape struct {
	ID          int       `json:"id"`
	Description string    `json:"description"`
	Created     stamp     `json:"created_at"`
	LastUsed    stamp     `json:"last_used"`
	Expires     stamp     `json:"expires_at"`
	Owner       userShape `json:"owner"`
}

type runnerShape struct {
	ID          int    `json:"id"`
	Description string `json:"description"`
	Paused      bool   `json:"paused"`
	Type        string `json:"runner_type"`
	Created     stamp  `json:"created_at"`
	Status      string `json:"status"`
}

type runnerFullShape struct {
	runnerShape
	Tags      []string     `json:"tag_list"`
	Untagged  bool         `json:"run_untagged"`
	Access    string       `json:"access_level"`
	Contacted stamp        `json:"contacted_at"`
	Projects  []projectRef `json:"projects"`
}

type accessShape struct {
	AccessLevel int    `json:"access_level"`
	Description string `json:"access_level_description"`
	UserID      int    `json:"user_id"`
	GroupID     int    `json:"group_id"`
	DeployKeyID int    `json:"deploy_key_id"`
}

type branchShape struct {
	Name       string        `json:"name"`
	Push       []accessShape `json:"push_access_levels"`
	Merge      []accessShape `json:"merge_access_levels"`
	ForcePush  bool          `json:"allow_force_push"`
	CodeOwners bool          `json:"code_owner_approval_required"`
	Inherited  bool          `json:"inherited"`
}

type protectedEnvShape struct {
	Name     string        `json:"name"`
	Deploy   []accessShape `json:"deploy_access_levels"`
	Required int           `json:"required_approval_count"`
	Rules    []struct {
		Required int `json:"required_approvals"`
	} `json:"approval_rules"`
}

type environmentShape struct {
	Name string `json:"name"`
	Tier string `json:"tier"`
}

type ruleShape struct {
	Name     string `json:"name"`
	Type     string `json:"rule_type"`
	Required int    `json:"approvals_required"`
	Branches []struct {
		Name string `json:"name"`
	} `json:"protected_branches"`
	AllProtected bool `json:"applies_to_all_protected_branches"`
}

type approvalsShape struct {
	Reset      bool `json:"reset_approvals_on_push"`
	NoOverride bool `json:"disable_overriding_approvers_per_merge_request"`
	Author     bool `json:"merge_requests_author_approval"`
	NoCommit   bool `json:"merge_requests_disable_committers_approval"`
}

// variableShape leaves the value out: it is dropped unread.
type variableShape struct {
	Key         string `json:"key"`
	Type        string `json:"variable_type"`
	Protected   bool   `json:"protected"`
	Masked      bool   `json:"masked"`
	Hidden      bool   `json:"hidden"`
	Environment string `json:"environment_scope"`
}

// applicationShape leaves the secret out, which only the answer to its making has.
type applicationShape struct {
	ID           int      `json:"id"`
	Client       string   `json:"application_id"`
	Name         string   `json:"application_name"`
	Confidential bool     `json:"confidential"`
	Scopes       []string `json:"scopes"`
}

type agentShape struct {
	ID     int    `json:"id"`
	Name   string `json:"name"`
	tokens []agentTokenShape
}

type agentTokenShape struct {
	ID        int    `json:"id"`
	Name      string `json:"name"`
	Status    string `json:"status"`
	Created   stamp  `json:"created_at"`
	CreatedBy int    `json:"created_by_user_id"`
	LastUsed  stamp  `json:"last_used_at"`
}

// stamp is a time or a day; what is neither is unknown.
type stamp struct{ time.Time }

// UnmarshalJSON never fails: a time that is not understood is not known.
func (s *stamp) UnmarshalJSON(data []byte) error {
	text := strings.Trim(string(data), `"`)
	for _, form := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(form, text); err == nil {
			s.Time = t.UTC()
			return nil
		}
	}
	return nil
}
