package managers

import (
	"context"
	"maps"
	"slices"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources"
	"nhitop/sources/internal/credref"
	"nhitop/sources/internal/self"
)

// Source is the name of what delivers the credentials for places.
const Source = "places"

// Own returns what delivers the credentials that places are written with: they are nhitop's own, and are judged like any other.
// It asks nobody. What a credential may do there is seen when a place is looked at, and unknown here.
func Own(places map[string]revoke.Manager, env sources.Env) func(context.Context, inventory.Sink) error {
	return func(ctx context.Context, sink inventory.Sink) error {
		for _, name := range slices.Sorted(maps.Keys(places)) {
			p, ok := places[name].(interface{ own() self.Credential })
			if !ok {
				continue
			}
			c := p.own()
			v, err := c.Ref.Read(ctx, credref.Lookup{Getenv: env.Getenv})
			if err != nil {
				sink.Warn(inventory.Warning{Text: "the credential for place " + name + ": " + inventory.Clean(err.Error())})
			}
			c.Value, c.Use = v, "rotates into"
			c.Rights = []self.Right{{Capability: inventory.WriteSecrets, Level: "write", Path: []string{"place " + name}}}
			self.Deliver(sink, c)
		}
		return ctx.Err()
	}
}

func (m *vault) own() self.Credential {
	return self.Credential{Service: "Vault", URL: m.where(), Ref: m.opt.Token, Secret: inventory.Secret{Kind: "vault-service-token", Issuer: "vault"}}
}

func (m *awsPlace) own() self.Credential {
	return self.Credential{Service: "AWS Secrets Manager", URL: m.where(), Ref: m.opt.SecretKey, Secret: inventory.Secret{Kind: "aws-secret-key", Issuer: "aws", KeyID: m.opt.KeyID}}
}

func (m *githubPlace) own() self.Credential {
	return self.Credential{Service: "GitHub", URL: m.where(), Ref: m.opt.Token, Secret: inventory.Secret{Issuer: "github"}}
}

func (m *gitlabPlace) own() self.Credential {
	return self.Credential{Service: "GitLab", URL: m.where(), Ref: m.opt.Token, Secret: inventory.Secret{Kind: "gitlab-pat", Issuer: "gitlab"}}
}
