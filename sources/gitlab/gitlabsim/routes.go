package gitlabsim

import "net/http"

const denied = http.StatusUnauthorized // what a list of access tokens says to who may not manage them

// routes is everything that can be asked for.
func routes() []route {
	var out []route
	for _, list := range [][]route{general, tokenRoutes, groupRoutes, projectRoutes, adminRoutes, moreRoutes} {
		out = append(out, list...)
	}
	return out
}

var general = []route{
	{"GET /metadata", readUser, "", 0, 0, Free, (*call).metadata},
	{"GET /user", readUser, "", 0, 0, Free, (*call).me},
	{"GET /users", readUser, "", 0, 0, Free, (*call).usersList},
	{"GET /users/{uid}", readUser, "", 0, 0, Free, (*call).userByID},
	{"GET /groups", readAPI, "", 0, 0, Free, (*call).groupsList},
	{"GET /projects", readAPI, "", 0, 0, Free, (*call).projectsList},
	{"GET /runners/{rid}", readAPI, "", 0, 0, Free, (*call).runnerByID},
	{"PUT /runners/{rid}", writeAPI, "", 0, 0, Free, (*call).runnerChange},
	{"DELETE /runners/{rid}", writeAPI, "", 0, 0, Free, (*call).runnerDelete},
}

var tokenRoutes = []route{
	{"GET /personal_access_tokens", readAPI, "", 0, 0, Free, (*call).tokensList},
	{"GET /personal_access_tokens/self", anyScope, "", 0, 0, Free, (*call).selfShow},
	{"GET /personal_access_tokens/self/associations", anyScope, "", 0, 0, Free, (*call).associations},
	{"DELETE /personal_access_tokens/self", anyScope, "", 0, 0, Free, (*call).selfRevoke},
	{"POST /personal_access_tokens/self/rotate", anyScope, "", 0, 0, Free, (*call).selfRotate},
	{"GET /personal_access_tokens/{tid}", readAPI, "", 0, 0, Free, (*call).tokenShow},
	{"DELETE /personal_access_tokens/{tid}", writeAPI, "", 0, 0, Free, (*call).tokenRevoke},
	{"POST /personal_access_tokens/{tid}/rotate", writeAPI, "", 0, 0, Free, (*call).tokenRotate},
}

var groupRoutes = []route{
	{"GET /groups/{id}", readAPI, "group", Guest, 0, Free, (*call).groupShow},
	{"PUT /groups/{id}", writeAPI, "group", Owner, 0, Free, (*call).groupChange},
	{"GET /groups/{id}/descendant_groups", readAPI, "group", Guest, 0, Free, (*call).descendants},
	{"GET /groups/{id}/projects", readAPI, "group", Guest, 0, Free, (*call).groupProjects},
	{"GET /groups/{id}/members", readAPI, "group", Guest, 0, Free, (*call).members},
	{"GET /groups/{id}/members/all", readAPI, "group", Guest, 0, Free, (*call).membersAll},
	{"GET /groups/{id}/members/{uid}", readAPI, "group", Guest, 0, Free, (*call).memberShow},
	{"PUT /groups/{id}/members/{uid}", writeAPI, "group", Owner, 0, Free, (*call).memberChange},
	{"DELETE /groups/{id}/members/{uid}", writeAPI, "group", Owner, 0, Free, (*call).memberDelete},
	{"POST /groups/{id}/members", writeAPI, "group", Owner, 0, Free, (*call).memberAdd},
	{"GET /groups/{id}/access_tokens", readAPI, "group", Owner, denied, Premium, (*call).resourceTokens},
	{"GET /groups/{id}/access_tokens/{tid}", readAPI, "group", Owner, denied, Premium, (*call).resourceToken},
	{"DELETE /groups/{id}/access_tokens/{tid}", writeAPI, "group", Owner, http.StatusBadRequest, Premium, (*call).resourceRevoke},
	{"POST /groups/{id}/access_tokens/{tid}/rotate", writeAPI, "group", Owner, denied, Premium, (*call).resourceRotate},
	{"GET /groups/{id}/deploy_tokens", readAPI, "group", Maintainer, 0, Free, (*call).deployTokens},
	{"GET /groups/{id}/deploy_tokens/{tid}", readAPI, "group", Maintainer, 0, Free, (*call).deployTokenShow},
	{"DELETE /groups/{id}/deploy_tokens/{tid}", writeAPI, "group", Owner, 0, Free, (*call).deployTokenDelete},
	{"GET /groups/{id}/service_accounts", readAPI, "group", Owner, 0, Premium, (*call).serviceAccounts},
	{"DELETE /groups/{id}/service_accounts/{uid}", writeAPI, "group", Owner, 0, Premium, (*call).serviceAccountDelete},
	{"GET /groups/{id}/service_accounts/{uid}/personal_access_tokens", readAPI, "group", Owner, 0, Premium, (*call).serviceTokens},
	{"DELETE /groups/{id}/service_accounts/{uid}/personal_access_tokens/{tid}", writeAPI, "group", Owner, 0, Premium, (*call).serviceTokenRevoke},
	{"POST /groups/{id}/service_accounts/{uid}/personal_access_tokens/{tid}/rotate", writeAPI, "group", Owner, 0, Premium, (*call).serviceTokenRotate},
	{"GET /groups/{id}/runners", readAPI, "group", Maintainer, 0, Free, (*call).runnersOf},
	{"GET /groups/{id}/protected_branches", readAPI, "group", Maintainer, 0, Premium, (*call).groupBranches},
	{"GET /groups/{id}/protected_environments", readAPI, "group", Maintainer, 0, Premium, (*call).groupEnvironments},
	{"GET /groups/{id}/manage/personal_access_tokens", readAPI, "group", Owner, 0, Ultimate, (*call).managedTokens},
	{"DELETE /groups/{id}/manage/personal_access_tokens/{tid}", writeAPI, "group", Owner, 0, Ultimate, (*call).managedRevoke},
	{"GET /groups/{id}/manage/resource_access_tokens", readAPI, "group", Owner, 0, Ultimate, (*call).managedResourceTokens},
	{"DELETE /groups/{id}/manage/resource_access_tokens/{tid}", writeAPI, "group", Owner, 0, Ultimate, (*call).managedResourceRevoke},
	{"GET /groups/{id}/manage/ssh_keys", readAPI, "group", Owner, 0, Ultimate, (*call).managedKeys},
	{"DELETE /groups/{id}/manage/ssh_keys/{kid}", writeAPI, "group", Owner, 0, Ultimate, (*call).managedKeyDelete},
}

var projectRoutes = []route{
	{"GET /projects/{id}", readAPI, "project", 0, 0, Free, (*call).projectShow},
	{"PUT /projects/{id}", writeAPI, "project", Maintainer, 0, Free, (*call).projectChange},
	{"GET /projects/{id}/members", readAPI, "project", Guest, 0, Free, (*call).members},
	{"GET /projects/{id}/members/all", readAPI, "project", Guest, 0, Free, (*call).membersAll},
	{"GET /projects/{id}/members/{uid}", readAPI, "project", Guest, 0, Free, (*call).memberShow},
	{"PUT /projects/{id}/members/{uid}", writeAPI, "project", Maintainer, 0, Free, (*call).memberChange},
	{"DELETE /projects/{id}/members/{uid}", writeAPI, "project", Maintainer, 0, Free, (*call).memberDelete},
	{"POST /projects/{id}/members", writeAPI, "project", Maintainer, 0, Free, (*call).memberAdd},
	{"GET /projects/{id}/access_tokens", readAPI, "project", Maintainer, denied, Free, (*call).resourceTokens},
	{"GET /projects/{id}/access_tokens/{tid}", readAPI, "project", Maintainer, denied, Free, (*call).resourceToken},
	{"DELETE /projects/{id}/access_tokens/{tid}", writeAPI, "project", Maintainer, http.StatusBadRequest, Free, (*call).resourceRevoke},
	{"POST /projects/{id}/access_tokens/{tid}/rotate", writeAPI, "project", Maintainer, denied, Free, (*call).resourceRotate},
	{"GET /projects/{id}/deploy_tokens", readAPI, "project", Maintainer, 0, Free, (*call).deployTokens},
	{"GET /projects/{id}/deploy_tokens/{tid}", readAPI, "project", Maintainer, 0, Free, (*call).deployTokenShow},
	{"DELETE /projects/{id}/deploy_tokens/{tid}", writeAPI, "project", Maintainer, 0, Free, (*call).deployTokenDelete},
	{"GET /projects/{id}/deploy_keys", readAPI, "project", Maintainer, 0, Free, (*call).deployKeys},
	{"GET /projects/{id}/deploy_keys/{kid}", readAPI, "project", Maintainer, 0, Free, (*call).deployKeyShow},
	{"PUT /projects/{id}/deploy_keys/{kid}", writeAPI, "project", Maintainer, 0, Free, (*call).deployKeyChange},
	{"DELETE /projects/{id}/deploy_keys/{kid}", writeAPI, "project", Maintainer, 0, Free, (*call).deployKeyDelete},
	{"GET /projects/{id}/service_accounts", readAPI, "project", Maintainer, 0, Premium, (*call).serviceAccounts},
	{"DELETE /projects/{id}/service_accounts/{uid}", writeAPI, "project", Maintainer, 0, Premium, (*call).serviceAccountDelete},
	{"GET /projects/{id}/service_accounts/{uid}/personal_access_tokens", readAPI, "project", Maintainer, 0, Premium, (*call).serviceTokens},
	{"DELETE /projects/{id}/service_accounts/{uid}/personal_access_tokens/{tid}", writeAPI, "project", Maintainer, 0, Premium, (*call).serviceTokenRevoke},
	{"POST /projects/{id}/service_accounts/{uid}/personal_access_tokens/{tid}/rotate", writeAPI, "project", Maintainer, 0, Premium, (*call).serviceTokenRotate},
	{"GET /projects/{id}/protected_branches", readAPI, "project", Developer, 0, Free, (*call).projectBranches},
	{"GET /projects/{id}/protected_environments", readAPI, "project", Developer, 0, Premium, (*call).projectProtected},
	{"GET /projects/{id}/environments", readAPI, "project", Reporter, 0, Free, (*call).environments},
	{"GET /projects/{id}/approvals", readAPI, "project", Developer, 0, Premium, (*call).approvals},
	{"GET /projects/{id}/approval_rules", readAPI, "project", Developer, 0, Premium, (*call).approvalRules},
	{"GET /projects/{id}/triggers", readAPI, "project", Maintainer, 0, Free, (*call).triggersOf},
	{"GET /projects/{id}/triggers/{kid}", readAPI, "project", Maintainer, 0, Free, (*call).triggerShow},
	{"DELETE /projects/{id}/triggers/{kid}", writeAPI, "project", Maintainer, 0, Free, (*call).triggerDelete},
	{"GET /projects/{id}/runners", readAPI, "project", Maintainer, 0, Free, (*call).runnersOf},
	{"GET /projects/{id}/repository/files/{file}/raw", readRepo, "project", 0, 0, Free, (*call).rawFile},
}

var adminRoutes = []route{
	{"GET /service_accounts", readAPI, "admin", 0, 0, Premium, (*call).serviceAccounts},
	{"GET /deploy_tokens", readAPI, "admin", 0, 0, Free, (*call).allDeployTokens},
	{"GET /deploy_keys", readAPI, "admin", 0, 0, Free, (*call).allDeployKeys},
	{"GET /runners/all", readAPI, "admin", 0, 0, Free, (*call).allRunners},
	{"POST /users/{uid}/block", writeAPI, "admin", 0, 0, Free, (*call).block},
	{"POST /users/{uid}/unblock", writeAPI, "admin", 0, 0, Free, (*call).unblock},
	{"DELETE /users/{uid}", writeAPI, "admin", 0, 0, Free, (*call).userDelete},
	{"POST /admin/token", writeAPI, "admin", 0, 0, Free, (*call).adminIdentify},
	{"DELETE /admin/token", writeAPI, "admin", 0, 0, Free, (*call).adminRevoke},
}
