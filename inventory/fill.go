package inventory

// The lists of the JSON interface are never null: each nil list and map of a record becomes an empty one.

func some[T any](p *[]T) {
	if *p == nil {
		*p = []T{}
	}
}

func someMap[K comparable, V any](p *map[K]V) {
	if *p == nil {
		*p = map[K]V{}
	}
}

func fillAssistant(a *Assistant) {
	some(&a.Owners)
	some(&a.Secrets)
	some(&a.Tools)
	some(&a.Sources)
	some(&a.Settings)
	some(&a.Evidence)
	someMap(&a.Capabilities)
	if s := a.Standing; s != nil && (s.Drift == nil || s.Excess == nil || s.Environments == nil || s.Repositories == nil) {
		own := *s // what a pointer leads to is shared
		some(&own.Drift)
		some(&own.Excess)
		some(&own.Environments)
		some(&own.Repositories)
		a.Standing = &own
	}
	j := a.Job
	if j == nil || j.Triggers != nil && j.Permissions != nil && j.Secrets != nil && j.Uses != nil && j.PromptInputs != nil {
		return
	}
	own := *j // what a pointer leads to is shared
	some(&own.Triggers)
	someMap(&own.Permissions)
	some(&own.Secrets)
	some(&own.Uses)
	some(&own.PromptInputs)
	a.Job = &own
}

func fillOwner(o *Owner) {
	some(&o.Sources)
	some(&o.Evidence)
}

func fillSecret(x *Secret) {
	some(&x.Assistants)
	some(&x.Owners)
	some(&x.Locations)
	some(&x.Scopes)
	some(&x.Sources)
}

func fillEntitlement(e *Entitlement) {
	some(&e.Path)
	some(&e.Evidence)
}

func fillTool(t *Tool) {
	some(&t.Args)
	some(&t.EnvNames)
	some(&t.HeaderNames)
	some(&t.ApprovedTools)
	some(&t.Secrets)
	some(&t.Evidence)
}

func fillResource(x *Resource) {
	someMap(&x.Guardrails)
	some(&x.Evidence)
}

func fillFinding(f *Finding) {
	some(&f.Assistants)
	some(&f.ScoreParts)
	some(&f.Evidence)
	some(&f.Controls)
}

func fillIssue(x *Issue) { some(&x.Closes) }

func fillSource(x *SourceStatus) {
	someMap(&x.Counts)
	some(&x.Ledger)
	some(&x.Warnings)
}
