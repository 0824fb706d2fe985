package githubsim

// bypassed is an entry of a bypass list with the organisation that its ids are of.
type bypassed struct {
	Bypass
	org *org
}

func actorType(name string) field {
	return of(func(_ *graph, b bypassed) any { return b.Type == name })
}

// roleIDs are the ids of the roles that every repository has, as rulesets name them.
var roleIDs = map[int64]string{1: "read", 2: "maintain", 3: "triage", 4: "write", 5: "admin"}

// bypassFields tell less than REST: the schema has no user among the actors, and no mode "exempt".
var bypassFields = map[string]field{
	"id":                of(func(_ *graph, b bypassed) any { return nodeID("RBA", b.ID) + b.Type }),
	"deployKey":         actorType("DeployKey"),
	"enterpriseOwner":   actorType("EnterpriseOwner"),
	"organizationAdmin": actorType("OrganizationAdmin"),
	"bypassMode": of(func(_ *graph, b bypassed) any {
		if b.Mode == "pull_request" {
			return "PULL_REQUEST"
		}
		return "ALWAYS"
	}),
	"repositoryRoleDatabaseId": of(func(_ *graph, b bypassed) any {
		if b.Type == "RepositoryRole" {
			return b.ID
		}
		return nil
	}),
	"repositoryRoleName": of(func(_ *graph, b bypassed) any {
		if b.Type == "RepositoryRole" {
			return text(roleIDs[b.ID])
		}
		return nil
	}),
	"actor": of(func(g *graph, b bypassed) any {
		switch b.Type {
		case "Integration":
			if a := g.st.appByID[num(b.ID)]; a != nil {
				return gobj{"App", a}
			}
		case "Team":
			for _, t := range b.org.teams {
				if t.ID == b.ID {
					return gobj{"Team", t}
				}
			}
		}
		return nil
	}),
}
