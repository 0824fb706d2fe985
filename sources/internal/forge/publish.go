package forge

import (
	"fmt"
	"slices"
)

func (q question) publishPackage() (verdict, bool) {
	v, found := q.writes(Packages, Write)
	if by, ok := q.starts(func(w *Workflow) bool { return w.Publishes && len(w.Environments) == 0 }); ok {
		v, found = either(v, found, by.and(pass("it publishes")))
	}
	for i := range q.r.Workflows {
		w := &q.r.Workflows[i]
		if !w.Publishes || len(w.Environments) == 0 {
			continue
		}
		if by, ok := q.starts(func(x *Workflow) bool { return x == w }); ok {
			v, found = either(v, found, by.and(q.keepsAll(w.Environments)).and(pass("it publishes")))
		}
	}
	return v, found
}

func (q question) keepsAll(names []string) verdict {
	v := pass()
	for _, n := range names {
		i := slices.IndexFunc(q.r.Environments, func(e Environment) bool { return e.Name == n })
		if i < 0 {
			v = v.and(maybe("environment " + n + " could not be read"))
			continue
		}
		v = v.and(q.keeps(&q.r.Environments[i]))
	}
	return v
}

// readSecrets: the host hands them out, or a pipeline that the actor writes gets them.
func (q question) readSecrets() (verdict, bool) {
	v, found := q.grant(SecretValues, Read)
	edit, ok := q.editWorkflow()
	if !ok || edit.gate == blocked {
		return v, found
	}
	by := edit.and(q.runs())
	switch {
	case q.r.Secrets > 0:
		return either(v, found, by.and(pass(fmt.Sprintf("a workflow that it writes gets %d secret%s of the repository", q.r.Secrets, plural(q.r.Secrets)))))
	case q.r.Secrets < 0:
		v, found = either(v, found, by.and(maybe("whether the repository has secrets that a workflow would get could not be read")))
	}
	for i := range q.r.Environments {
		if e := &q.r.Environments[i]; e.Secrets > 0 {
			v, found = either(v, found, by.and(q.from(e)).and(q.keeps(e)).and(pass(fmt.Sprintf("a workflow that it writes gets %d secret%s of environment %s", e.Secrets, plural(e.Secrets), e.Name))))
		}
	}
	if q.r.Guarded > 0 {
		if bs := q.guarded(); len(bs) > 0 {
			v, found = either(v, found, by.and(q.lands(bs[0])).and(pass(fmt.Sprintf("a pipeline of a protected branch gets %d secret%s", q.r.Guarded, plural(q.r.Guarded)))))
		}
	}
	return v, found
}
