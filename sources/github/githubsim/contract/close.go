package contract

import (
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// extra are properties that GitHub documents elsewhere and its OpenAPI document leaves out.
var extra = []struct {
	schema, names string
	source        string
}{
	{"audit-log-event", "hashed_token token_id token_scopes programmatic_access_type actor_is_bot actor_ip user_agent integration installation_id " +
		"application_id oauth_application_id repository_id repo_id external_identity_nameid request_id requested_by permission permission_was " +
		"personal_access_token_id repository_selection repositories_added repositories_added_names",
		"docs.github.com, Audit log events for your organization; Identifying audit log events performed by an access token (2026-11)"},
	{"app-permissions", "agent_secrets agent_variables copilot_agent_settings organization_agent_secrets organization_agent_variables organization_actions_variables " +
		"actions_variables repository_advisories organization_api_insights enterprise_copilot_usage enterprise_ai_controls",
		"docs.github.com, Permissions required for GitHub Apps, API version 2026-03-10"},
}

// grow adds what is documented elsewhere.
func (c *Contract) grow() error {
	for _, x := range extra {
		ref := c.doc.Components.Schemas[x.schema]
		if ref == nil {
			return fmt.Errorf("no schema %s", x.schema)
		}
		for _, n := range strings.Fields(x.names) {
			if ref.Value.Properties[n] != nil {
				return fmt.Errorf("%s has %s by now: take it out of the list", x.schema, n)
			}
			ref.Value.Properties[n] = &openapi3.SchemaRef{Value: &openapi3.Schema{Nullable: true}}
		}
	}
	return nil
}

// closer makes objects closed: a property that the document does not name is an error. JSON schema lets more properties be,
// and so a made-up field would pass.
type closer struct{ seen map[*openapi3.Schema]bool }

func (c *closer) document(doc *openapi3.T) {
	for _, s := range doc.Components.Schemas {
		c.schema(s.Value)
	}
	for _, r := range doc.Components.Responses {
		c.content(r.Value.Content)
	}
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			if op.RequestBody != nil {
				c.content(op.RequestBody.Value.Content)
			}
			for _, r := range op.Responses.Map() {
				c.content(r.Value.Content)
			}
		}
	}
}

func (c *closer) content(content openapi3.Content) {
	for _, m := range content {
		if m.Schema != nil {
			c.schema(m.Schema.Value)
		}
	}
}

func (c *closer) schema(s *openapi3.Schema) {
	if s == nil || c.seen[s] {
		return
	}
	c.seen[s] = true
	if len(s.AllOf) > 0 {
		c.all(s)
	} else if len(s.Properties) > 0 && s.AdditionalProperties.Has == nil && s.AdditionalProperties.Schema == nil {
		no := false
		s.AdditionalProperties.Has = &no
	}
	for _, p := range s.Properties {
		c.schema(p.Value)
	}
	if s.Items != nil {
		c.schema(s.Items.Value)
	}
	for _, list := range []openapi3.SchemaRefs{s.AnyOf, s.OneOf} {
		for _, x := range list {
			c.schema(x.Value)
		}
	}
}

// all closes a schema that is several at once: each part must stay open to the properties of the others, so it is copied,
// and one more part knows the names of all.
func (c *closer) all(s *openapi3.Schema) {
	names := openapi3.Schemas{}
	parts := make(openapi3.SchemaRefs, 0, len(s.AllOf)+1)
	for _, part := range s.AllOf {
		open := *part.Value
		open.AdditionalProperties = openapi3.AdditionalProperties{}
		for name, p := range open.Properties {
			names[name] = &openapi3.SchemaRef{Value: &openapi3.Schema{Nullable: true}}
			c.schema(p.Value)
		}
		parts = append(parts, &openapi3.SchemaRef{Value: &open})
	}
	if len(names) > 0 {
		no := false
		parts = append(parts, &openapi3.SchemaRef{Value: &openapi3.Schema{Properties: names, AdditionalProperties: openapi3.AdditionalProperties{Has: &no}}})
	}
	s.AllOf = parts
}
