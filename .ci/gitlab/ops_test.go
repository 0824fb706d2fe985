package contract

import (
	"testing"

	gl "gitlab.com/gitlab-org/api/client-go/v2"
)

// op is one call of GitLab's client, with the type that it reads the answer into.
type op struct {
	name string
	call func(c *gl.Client, w world) error
	into any // a pointer to that type; nil: no answer is read
}

// world is where the things of the simulated GitLab are.
type world struct {
	group, project, user, service, person int64
	pat, bot, reader, claude              int64
	deployToken, deployKey, trigger       int64
	runner                                int64
	application, agent, agentToken        int64
}

func first[T any](_ T, _ *gl.Response, err error) error { return err }

func second(_ *gl.Response, err error) error { return err }

var (
	yes     = true
	state   = "active"
	byID    = "id"
	upwards = "asc"
	level   = gl.GuestPermissions
	list    = gl.ListOptions{Page: 1, PerPage: 100}
	active  = gl.AccessTokenStateActive
)

// reads are the calls that nhitop's own are compared with.
var reads = []op{
	{"metadata", func(c *gl.Client, _ world) error { return first(c.Metadata.GetMetadata()) }, &gl.Metadata{}},
	{"user", func(c *gl.Client, _ world) error { return first(c.Users.CurrentUser()) }, &gl.User{}},
	{"users", func(c *gl.Client, _ world) error {
		return first(c.Users.ListUsers(&gl.ListUsersOptions{ListOptions: list}))
	}, &[]gl.User{}},
	{"user by id", func(c *gl.Client, w world) error { return first(c.Users.GetUser(w.user, nil)) }, &gl.User{}},
	{"self", func(c *gl.Client, _ world) error {
		return first(c.PersonalAccessTokens.GetSinglePersonalAccessToken())
	}, &gl.PersonalAccessToken{}},
	{"personal tokens", func(c *gl.Client, _ world) error {
		return first(c.PersonalAccessTokens.ListPersonalAccessTokens(&gl.ListPersonalAccessTokensOptions{ListOptions: list, State: &state}))
	}, &[]gl.PersonalAccessToken{}},
	{"a personal token", func(c *gl.Client, w world) error {
		return first(c.PersonalAccessTokens.GetSinglePersonalAccessTokenByID(w.pat))
	}, &gl.PersonalAccessToken{}},
	{"groups", func(c *gl.Client, _ world) error {
		return first(c.Groups.ListGroups(&gl.ListGroupsOptions{ListOptions: list, AllAvailable: &yes, MinAccessLevel: &level}))
	}, &[]gl.Group{}},
	{"group", func(c *gl.Client, w world) error {
		return first(c.Groups.GetGroup(int(w.group), &gl.GetGroupOptions{WithProjects: &yes}))
	}, &gl.Group{}},
	{"descendant groups", func(c *gl.Client, w world) error {
		return first(c.Groups.ListDescendantGroups(int(w.group), &gl.ListDescendantGroupsOptions{ListOptions: list}))
	}, &[]gl.Group{}},
	{"group projects", func(c *gl.Client, w world) error {
		return first(c.Groups.ListGroupProjects(int(w.group), &gl.ListGroupProjectsOptions{ListOptions: list, IncludeSubGroups: &yes, WithShared: &yes, Archived: &no, OrderBy: &byID, Sort: &upwards}))
	}, &[]gl.Project{}},
	{"group members", func(c *gl.Client, w world) error {
		return first(c.Groups.ListGroupMembers(int(w.group), &gl.ListGroupMembersOptions{ListOptions: list}))
	}, &[]gl.GroupMember{}},
	{"group member", func(c *gl.Client, w world) error {
		return first(c.GroupMembers.GetGroupMember(int(w.group), w.service))
	}, &gl.GroupMember{}},
	{"group tokens", func(c *gl.Client, w world) error {
		return first(c.GroupAccessTokens.ListGroupAccessTokens(int(w.group), &gl.ListGroupAccessTokensOptions{ListOptions: list, State: &active}))
	}, &[]gl.GroupAccessToken{}},
	{"a group token", func(c *gl.Client, w world) error {
		return first(c.GroupAccessTokens.GetGroupAccessToken(int(w.group), w.reader))
	}, &gl.GroupAccessToken{}},
	{"group deploy tokens", func(c *gl.Client, w world) error {
		return first(c.DeployTokens.ListGroupDeployTokens(int(w.group), &gl.ListGroupDeployTokensOptions{ListOptions: list}))
	}, &[]gl.DeployToken{}},
	{"group service accounts", func(c *gl.Client, w world) error {
		return first(c.Groups.ListServiceAccounts(int(w.group), &gl.ListServiceAccountsOptions{ListOptions: list}))
	}, &[]gl.GroupServiceAccount{}},
	{"tokens of a service account", func(c *gl.Client, w world) error {
		return first(c.Groups.ListServiceAccountPersonalAccessTokens(int(w.group), w.service, &gl.ListServiceAccountPersonalAccessTokensOptions{ListOptions: list}))
	}, &[]gl.PersonalAccessToken{}},
	{"group runners", func(c *gl.Client, w world) error {
		return first(c.Runners.ListGroupsRunners(int(w.group), &gl.ListGroupsRunnersOptions{ListOptions: list}))
	}, &[]gl.Runner{}},
	{"group environments", func(c *gl.Client, w world) error {
		return first(c.GroupProtectedEnvironments.ListGroupProtectedEnvironments(int(w.group), &gl.ListGroupProtectedEnvironmentsOptions{ListOptions: list}))
	}, &[]gl.GroupProtectedEnvironment{}},
	{"projects", func(c *gl.Client, _ world) error {
		o := &gl.ListProjectsOptions{ListOptions: list, Membership: &yes, Archived: &no, OrderBy: &byID, Sort: &upwards}
		o.Pagination = "keyset"
		return first(c.Projects.ListProjects(o))
	}, &[]gl.Project{}},
	{"project", func(c *gl.Client, w world) error { return first(c.Projects.GetProject(int(w.project), nil)) }, &gl.Project{}},
	{"project members", func(c *gl.Client, w world) error {
		return first(c.ProjectMembers.ListProjectMembers(int(w.project), &gl.ListProjectMembersOptions{ListOptions: list}))
	}, &[]gl.ProjectMember{}},
	{"project tokens", func(c *gl.Client, w world) error {
		return first(c.ProjectAccessTokens.ListProjectAccessTokens(int(w.project), &gl.ListProjectAccessTokensOptions{ListOptions: list, State: &state}))
	}, &[]gl.ProjectAccessToken{}},
	{"a project token", func(c *gl.Client, w world) error {
		return first(c.ProjectAccessTokens.GetProjectAccessToken(int(w.project), w.bot))
	}, &gl.ProjectAccessToken{}},
	{"project deploy tokens", func(c *gl.Client, w world) error {
		return first(c.DeployTokens.ListProjectDeployTokens(int(w.project), &gl.ListProjectDeployTokensOptions{ListOptions: list}))
	}, &[]gl.DeployToken{}},
	{"a deploy token", func(c *gl.Client, w world) error {
		return first(c.DeployTokens.GetProjectDeployToken(int(w.project), w.deployToken))
	}, &gl.DeployToken{}},
	{"deploy keys", func(c *gl.Client, w world) error {
		return first(c.DeployKeys.ListProjectDeployKeys(int(w.project), &gl.ListProjectDeployKeysOptions{ListOptions: list}))
	}, &[]gl.ProjectDeployKey{}},
	{"a deploy key", func(c *gl.Client, w world) error {
		return first(c.DeployKeys.GetDeployKey(int(w.project), w.deployKey))
	}, &gl.ProjectDeployKey{}},
	{"project service accounts", func(c *gl.Client, w world) error {
		return first(c.Projects.ListProjectServiceAccounts(int(w.project), &gl.ListProjectServiceAccountsOptions{ListOptions: list}))
	}, &[]gl.ProjectServiceAccount{}},
	{"protected branches", func(c *gl.Client, w world) error {
		return first(c.ProtectedBranches.ListProtectedBranches(int(w.project), &gl.ListProtectedBranchesOptions{ListOptions: list}))
	}, &[]gl.ProtectedBranch{}},
	{"protected environments", func(c *gl.Client, w world) error {
		return first(c.ProtectedEnvironments.ListProtectedEnvironments(int(w.project), &gl.ListProtectedEnvironmentsOptions{ListOptions: list}))
	}, &[]gl.ProtectedEnvironment{}},
	{"environments", func(c *gl.Client, w world) error {
		available := "available"
		return first(c.Environments.ListEnvironments(int(w.project), &gl.ListEnvironmentsOptions{ListOptions: list, States: &available}))
	}, &[]gl.Environment{}},
	{"approvals", func(c *gl.Client, w world) error { return first(c.Projects.GetApprovalConfiguration(int(w.project))) }, &gl.ProjectApprovals{}},
	{"approval rules", func(c *gl.Client, w world) error {
		return first(c.Projects.GetProjectApprovalRules(int(w.project), &gl.GetProjectApprovalRulesListsOptions{ListOptions: list}))
	}, &[]gl.ProjectApprovalRule{}},
	{"applications", func(c *gl.Client, _ world) error {
		return first(c.Applications.ListApplications(&gl.ListApplicationsOptions{ListOptions: list}))
	}, &[]gl.Application{}},
	{"cluster agents", func(c *gl.Client, w world) error {
		return first(c.ClusterAgents.ListAgents(int(w.project), &gl.ListAgentsOptions{ListOptions: list}))
	}, &[]gl.Agent{}},
	{"tokens of a cluster agent", func(c *gl.Client, w world) error {
		return first(c.ClusterAgents.ListAgentTokens(int(w.project), w.agent, &gl.ListAgentTokensOptions{ListOptions: list}))
	}, &[]gl.AgentToken{}},
	{"a token of a cluster agent", func(c *gl.Client, w world) error {
		return first(c.ClusterAgents.GetAgentToken(int(w.project), w.agent, w.agentToken))
	}, &gl.AgentToken{}},
	{"group variables", func(c *gl.Client, w world) error {
		return first(c.GroupVariables.ListVariables(int(w.group), &gl.ListGroupVariablesOptions{ListOptions: list}))
	}, &[]gl.GroupVariable{}},
	{"a group variable", func(c *gl.Client, w world) error {
		return first(c.GroupVariables.GetVariable(int(w.group), "GROUP_TOKEN", nil))
	}, &gl.GroupVariable{}},
	{"a variable", func(c *gl.Client, w world) error {
		return first(c.ProjectVariables.GetVariable(int(w.project), "K", nil))
	}, &gl.ProjectVariable{}},
	{"variables", func(c *gl.Client, w world) error {
		return first(c.ProjectVariables.ListVariables(int(w.project), &gl.ListProjectVariablesOptions{ListOptions: list}))
	}, &[]gl.ProjectVariable{}},
	{"triggers", func(c *gl.Client, w world) error {
		return first(c.PipelineTriggers.ListPipelineTriggers(int(w.project), &gl.ListPipelineTriggersOptions{ListOptions: list}))
	}, &[]gl.PipelineTrigger{}},
	{"a trigger", func(c *gl.Client, w world) error {
		return first(c.PipelineTriggers.GetPipelineTrigger(int(w.project), w.trigger))
	}, &gl.PipelineTrigger{}},
	{"a file", func(c *gl.Client, w world) error {
		return first(c.RepositoryFiles.GetRawFile(int(w.project), ".gitlab-ci.yml", &gl.GetRawFileOptions{Ref: &mainBranch}))
	}, nil},
	{"all deploy keys", func(c *gl.Client, _ world) error {
		return first(c.DeployKeys.ListAllDeployKeys(&gl.ListInstanceDeployKeysOptions{ListOptions: list}))
	}, &[]gl.InstanceDeployKey{}},
	{"all deploy tokens", func(c *gl.Client, _ world) error { return first(c.DeployTokens.ListAllDeployTokens()) }, &[]gl.DeployToken{}},
	{"all runners", func(c *gl.Client, _ world) error {
		return first(c.Runners.ListAllRunners(&gl.ListRunnersOptions{ListOptions: list}))
	}, &[]gl.Runner{}},
	{"a runner", func(c *gl.Client, w world) error { return first(c.Runners.GetRunnerDetails(int(w.runner))) }, &gl.RunnerDetails{}},
	{"instance service accounts", func(c *gl.Client, _ world) error {
		return first(c.Users.ListServiceAccounts(&gl.ListServiceAccountsOptions{ListOptions: list}))
	}, &[]gl.ServiceAccount{}},
}

var (
	mainBranch = "main"
	no         = false
)

// kills are those that change something.
var kills = []op{
	{"block", func(c *gl.Client, w world) error { return second(c.Users.BlockUser(w.service)) }, nil},
	{"unblock", func(c *gl.Client, w world) error { return second(c.Users.UnblockUser(w.service)) }, nil},
	{"group member", func(c *gl.Client, w world) error {
		return first(c.GroupMembers.EditGroupMember(int(w.group), w.service, &gl.EditGroupMemberOptions{AccessLevel: &level}))
	}, &gl.GroupMember{}},
	{"deploy key", func(c *gl.Client, w world) error {
		return first(c.DeployKeys.UpdateDeployKey(int(w.project), w.deployKey, &gl.UpdateDeployKeyOptions{CanPush: &no}))
	}, &gl.ProjectDeployKey{}},
	{"runner", func(c *gl.Client, w world) error {
		return first(c.Runners.UpdateRunnerDetails(int(w.runner), &gl.UpdateRunnerDetailsOptions{Paused: &yes}))
	}, &gl.RunnerDetails{}},
	{"group", func(c *gl.Client, w world) error {
		return first(c.Groups.UpdateGroup(int(w.group), &gl.UpdateGroupOptions{DuoFeaturesEnabled: &no}))
	}, &gl.Group{}},
	{"revoke a token of a service account", func(c *gl.Client, w world) error {
		return second(c.Groups.RevokeServiceAccountPersonalAccessToken(int(w.group), w.service, w.claude))
	}, nil},
	{"revoke a project token", func(c *gl.Client, w world) error {
		return second(c.ProjectAccessTokens.RevokeProjectAccessToken(int(w.project), w.bot))
	}, nil},
	{"revoke a group token", func(c *gl.Client, w world) error {
		return second(c.GroupAccessTokens.RevokeGroupAccessToken(int(w.group), w.reader))
	}, nil},
	{"revoke a personal token", func(c *gl.Client, w world) error {
		return second(c.PersonalAccessTokens.RevokePersonalAccessTokenByID(w.pat))
	}, nil},
	{"delete a deploy token", func(c *gl.Client, w world) error {
		return second(c.DeployTokens.DeleteProjectDeployToken(int(w.project), w.deployToken))
	}, nil},
	{"delete a deploy key", func(c *gl.Client, w world) error {
		return second(c.DeployKeys.DeleteDeployKey(int(w.project), w.deployKey))
	}, nil},
	{"delete a trigger", func(c *gl.Client, w world) error {
		return second(c.PipelineTriggers.DeletePipelineTrigger(int(w.project), w.trigger))
	}, nil},
	{"delete a runner", func(c *gl.Client, w world) error { return second(c.Runners.RemoveRunner(int(w.runner))) }, nil},
	{"delete a service account", func(c *gl.Client, w world) error {
		return second(c.Groups.DeleteServiceAccount(int(w.group), w.service, nil))
	}, nil},
	{"delete an application", func(c *gl.Client, w world) error { return second(c.Applications.DeleteApplication(w.application)) }, nil},
	{"revoke a token of a cluster agent", func(c *gl.Client, w world) error {
		return second(c.ClusterAgents.RevokeAgentToken(int(w.project), w.agent, w.agentToken))
	}, nil},
	{"delete a group variable", func(c *gl.Client, w world) error {
		return second(c.GroupVariables.RemoveVariable(int(w.group), "GROUP_TOKEN", nil))
	}, nil},
	{"delete a variable", func(c *gl.Client, w world) error {
		return second(c.ProjectVariables.RemoveVariable(int(w.project), "K", nil))
	}, nil},
	{"end itself", func(c *gl.Client, _ world) error {
		return second(c.PersonalAccessTokens.RevokePersonalAccessTokenSelf())
	}, nil},
}

func TestOpsAreNamed(t *testing.T) {
	seen := map[string]bool{}
	for _, o := range reads {
		if seen[o.name] {
			t.Errorf("%s stands twice", o.name)
		}
		seen[o.name] = true
	}
}
