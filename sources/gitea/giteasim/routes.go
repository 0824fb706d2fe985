package giteasim

import (
	"net/http"
	"strings"
)

const prefix = "/api/v1"

type route struct {
	pattern string // method and path below the prefix
	guards  []guard
	do      func(*call)
}

// ServeHTTP implements http.Handler.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.calls++
	f := s.faultOf(r)
	s.mu.Unlock()
	lie := ""
	if f != nil {
		lie = f.Lie
		var on bool
		if w, on = s.misbehave(f, w, r); !on {
			return
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mux.ServeHTTP(w, r.WithContext(withLie(r.Context(), lie)))
}

func (s *Sim) routes() *http.ServeMux {
	mux := http.NewServeMux()
	for _, list := range [][]route{userRoutes, adminRoutes, repoRoutes, orgRoutes} {
		for _, x := range list {
			method, path, _ := strings.Cut(x.pattern, " ")
			mux.HandleFunc(method+" "+prefix+path, func(w http.ResponseWriter, r *http.Request) {
				c := &call{s: s, w: w, r: r, lie: lieOf(r.Context())}
				if !c.signIn() || !c.sudo() {
					return
				}
				for _, g := range x.guards {
					if !g(c) {
						return
					}
				}
				x.do(c)
			})
		}
	}
	return mux
}

func guards(gs ...guard) []guard { return gs }

var (
	ofUser  = scoped("user")
	ofRepo  = scoped("repository")
	ofOrg   = scoped("organization")
	ofAdmin = scoped("admin")
)

var userRoutes = []route{
	{"GET /version", nil, func(c *call) { c.answer(200, map[string]string{"version": c.s.w.Version}) }},
	{"GET /user", guards(ofUser, needSigned), func(c *call) { c.answer(200, c.wireUser(c.doer)) }},
	{"GET /users/search", guards(ofUser), (*call).searchUsers},
	{"GET /users/{username}", guards(ofUser, findUser), func(c *call) { c.answer(200, c.wireUser(c.target)) }},
	// The order is Gitea's: the right is asked before the way of signing in, so that nobody at all gets 403 here.
	{"GET /users/{username}/tokens", guards(ofUser, findUser, needSelf, needBasic), (*call).listTokens},
	{"POST /users/{username}/tokens", guards(ofUser, findUser, needSelf, needBasic, needSigned), (*call).makeToken},
	{"DELETE /users/{username}/tokens/{id}", guards(ofUser, findUser, needSelf, needBasic, needSigned), (*call).deleteToken},
	{"GET /users/{username}/keys", guards(ofUser, needSigned, findUser), (*call).listPublicKeys},
	{"DELETE /user/keys/{id}", guards(ofUser, needSigned), (*call).deletePublicKey},
	{"GET /user/orgs", guards(needSigned, scoped("user", "organization")), (*call).myOrgs},
	{"GET /user/applications/oauth2", guards(ofUser, needSigned), (*call).listApps},
	{"POST /user/applications/oauth2", guards(ofUser, needSigned), (*call).makeApp},
	{"GET /user/applications/oauth2/{id}", guards(ofUser, needSigned), (*call).getApp},
	{"DELETE /user/applications/oauth2/{id}", guards(ofUser, needSigned), (*call).deleteApp},
}

var adminRoutes = []route{
	{"GET /admin/users", guards(ofAdmin, needSigned, needSiteAdmin), (*call).listUsers},
	{"POST /admin/users", guards(ofAdmin, needSigned, needSiteAdmin), (*call).makeUser},
	{"PATCH /admin/users/{username}", guards(ofAdmin, needSigned, needSiteAdmin, findUser), (*call).editUser},
	{"DELETE /admin/users/{username}", guards(ofAdmin, needSigned, needSiteAdmin, findUser), (*call).deleteUser},
	{"POST /admin/users/{username}/keys", guards(ofAdmin, needSigned, needSiteAdmin, findUser), (*call).makePublicKey},
	{"DELETE /admin/users/{username}/keys/{id}", guards(ofAdmin, needSigned, needSiteAdmin, findUser), (*call).deletePublicKey},
	{"GET /admin/actions/runners", guards(ofAdmin, needSigned, needSiteAdmin), (*call).allRunners},
	{"DELETE /admin/actions/runners/{id}", guards(ofAdmin, needSigned, needSiteAdmin), (*call).deleteAnyRunner},
}

var repoRoutes = []route{
	{"GET /repos/search", guards(ofRepo), (*call).searchRepos},
	{"GET /repos/{username}/{reponame}", guards(ofRepo, findRepo), func(c *call) { c.answer(200, c.wireRepo(c.repo)) }},
	{"DELETE /repos/{username}/{reponame}", guards(ofRepo, findRepo, needSigned, needRepoOwner), (*call).deleteRepo},
	{"GET /repos/{username}/{reponame}/keys", guards(ofRepo, findRepo, needSigned, needRepoAdmin), (*call).listKeys},
	{"POST /repos/{username}/{reponame}/keys", guards(ofRepo, findRepo, needSigned, needRepoAdmin), (*call).makeKey},
	{"GET /repos/{username}/{reponame}/keys/{id}", guards(ofRepo, findRepo, needSigned, needRepoAdmin), (*call).getKey},
	{"DELETE /repos/{username}/{reponame}/keys/{id}", guards(ofRepo, findRepo, needSigned, needRepoAdmin), (*call).deleteKey},
	{"GET /repos/{username}/{reponame}/collaborators", guards(ofRepo, findRepo, needSigned), (*call).listCollaborators},
	{"GET /repos/{username}/{reponame}/collaborators/{name}", guards(ofRepo, findRepo, needSigned), (*call).isCollaborator},
	{"PUT /repos/{username}/{reponame}/collaborators/{name}", guards(ofRepo, findRepo, needSigned, needRepoAdmin), (*call).putCollaborator},
	{"DELETE /repos/{username}/{reponame}/collaborators/{name}", guards(ofRepo, findRepo, needSigned, needRepoAdmin), (*call).deleteCollaborator},
	{"GET /repos/{username}/{reponame}/collaborators/{name}/permission", guards(ofRepo, findRepo, needSigned), (*call).permission},
	{"GET /repos/{username}/{reponame}/teams", guards(ofRepo, findRepo, needSigned), (*call).repoTeams},
	{"GET /repos/{username}/{reponame}/branch_protections", guards(ofRepo, findRepo, needSigned, needRepoAdmin), (*call).listProtections},
	{"POST /repos/{username}/{reponame}/branch_protections", guards(ofRepo, findRepo, needSigned, needRepoAdmin), (*call).makeProtection},
	{"GET /repos/{username}/{reponame}/branches/{path...}", guards(ofRepo, findRepo, needCode), (*call).branch},
	{"GET /repos/{username}/{reponame}/contents/{path...}", guards(ofRepo, findRepo, needCode), (*call).contents},
	{"POST /repos/{username}/{reponame}/contents/{path...}", guards(ofRepo, findRepo, needSigned), (*call).makeFile},
	{"GET /repos/{username}/{reponame}/raw/{path...}", guards(ofRepo, findRepo, needCode), (*call).raw},
	{"GET /repos/{username}/{reponame}/actions/workflows", guards(ofRepo, findRepo, needSigned, needCode), (*call).workflows},
	{"GET /repos/{username}/{reponame}/actions/secrets", guards(ofRepo, findRepo, needSigned, needRepoOwner), (*call).listSecrets},
	{"PUT /repos/{username}/{reponame}/actions/secrets/{name}", guards(ofRepo, findRepo, needSigned, needRepoOwner), (*call).putSecret},
	{"DELETE /repos/{username}/{reponame}/actions/secrets/{name}", guards(ofRepo, findRepo, needSigned, needRepoOwner), (*call).deleteSecret},
	{"GET /repos/{username}/{reponame}/actions/runners", guards(ofRepo, findRepo, needSigned, needRepoOwner), (*call).listRunners},
	{"DELETE /repos/{username}/{reponame}/actions/runners/{id}", guards(ofRepo, findRepo, needSigned, needRepoOwner), (*call).deleteRunner},
}

var orgRoutes = []route{
	// Gitea 1.25.5 asks for no scope here: its guard stands behind what it is to guard.
	{"GET /orgs", nil, (*call).listOrgs},
	{"POST /orgs", guards(ofOrg, needSigned), (*call).makeOrg},
	{"DELETE /orgs/{org}", guards(ofOrg, findOrg, needSigned, needOrgOwner), (*call).deleteOrg},
	{"POST /orgs/{org}/repos", guards(ofOrg, findOrg, needSigned), (*call).makeRepo},
	{"GET /orgs/{org}/teams", guards(ofOrg, findOrg, needSigned, needOrgMember), (*call).orgTeams},
	{"POST /orgs/{org}/teams", guards(ofOrg, findOrg, needSigned, needOrgMember, needOrgOwner), (*call).makeTeam},
	{"GET /orgs/{org}/actions/secrets", guards(ofOrg, findOrg, needSigned, needOrgOwner), (*call).listSecrets},
	{"PUT /orgs/{org}/actions/secrets/{name}", guards(ofOrg, findOrg, needSigned, needOrgOwner), (*call).putSecret},
	{"DELETE /orgs/{org}/actions/secrets/{name}", guards(ofOrg, findOrg, needSigned, needOrgOwner), (*call).deleteSecret},
	{"GET /orgs/{org}/actions/runners", guards(ofOrg, findOrg, needSigned, needOrgOwner), (*call).listRunners},
	{"DELETE /orgs/{org}/actions/runners/{id}", guards(ofOrg, findOrg, needSigned, needOrgOwner), (*call).deleteRunner},
	{"GET /teams/{teamid}/members", guards(ofOrg, findTeam), (*call).teamMembers},
	{"PUT /teams/{teamid}/members/{name}", guards(ofOrg, findTeam, needOrgOwner), (*call).addMember},
	{"DELETE /teams/{teamid}/members/{name}", guards(ofOrg, findTeam, needOrgOwner), (*call).dropMember},
	{"GET /teams/{teamid}/repos", guards(ofOrg, findTeam), (*call).teamRepos},
	{"PUT /teams/{teamid}/repos/{username}/{reponame}", guards(ofOrg, findTeam), (*call).addTeamRepo},
}
