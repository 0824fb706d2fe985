package pipeline

import (
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/credential"
	"nhitop/sources/internal/doc"
)

const maxLiterals = 200

// scope is a text of the job and how it reaches the assistant.
type scope struct {
	src    *source
	node   *doc.Node
	as     string // env, input, run, other
	into   string // variable or input
	direct bool
	whole  bool // an expression without braces: if:
}

// scopes lists every text of the job that may name or hold a credential.
func (j *ghJob) scopes(u *unit, steps []*step) []scope {
	var out []scope
	own := map[*step]bool{}
	for _, s := range u.steps {
		for c := s; c != nil; c = c.outer {
			own[c] = true
		}
	}
	add := func(src *source, n *doc.Node, as string, direct bool) {
		for _, c := range children(n) {
			out = append(out, scope{src: src, node: c, as: as, into: c.Key, direct: direct})
		}
	}
	add(j.here.source, j.here.doc.Root.Get("env"), "env", true)
	add(j.here.source, j.node.Get("env"), "env", true)
	if c := j.node.Get("container"); c != nil && c.Kind == doc.Object {
		add(j.here.source, c.Get("env"), "env", true)
		add(j.here.source, c.Get("credentials"), "other", false)
	}
	for _, s := range children(j.node.Get("services")) {
		add(j.here.source, s.Get("env"), "other", false)
		add(j.here.source, s.Get("credentials"), "other", false)
	}
	if j.node.Get("uses") != nil {
		add(j.here.source, j.node.Get("secrets"), "input", true)
	}
	for _, s := range steps {
		add(s.src, s.env, "env", own[s])
		add(s.src, s.with, "input", own[s])
		if s.run != nil {
			out = append(out, scope{src: s.src, node: s.run, as: "run", direct: own[s]})
		}
		if s.cond != nil {
			out = append(out, scope{src: s.src, node: s.cond, as: "other", direct: false, whole: true})
		}
	}
	return out
}

// secrets notes the stored secrets that the job gets, the references to its own token, and credentials written into the
// file.
func (j *ghJob) secrets(job *Job, u *unit, steps []*step) {
	have := map[string]bool{}
	for _, g := range job.Given {
		have[g.Name+g.Pointer] = true
	}
	give := func(g Given) {
		key := g.Name + "\x00" + g.File + "\x00" + g.Pointer
		if !have[key] {
			have[key] = true
			g.Environment, g.Store = job.Environment, inventory.StorageCI
			job.Given = append(job.Given, g)
		}
	}
	for _, s := range j.scopes(u, steps) {
		if s.node.Kind == doc.Object || s.node.Kind == doc.Array {
			continue
		}
		names, token := secretsIn(s.node.Text, s.whole)
		p := s.src.at(s.node)
		if s.as == "run" || s.as == "input" {
			p.Line = s.src.lineIn(s.node, max(0, strings.Index(strings.ToLower(s.node.Text), "secrets")))
		}
		for _, name := range j.realNames(names) {
			give(Given{Place: p, Name: name, As: s.as, Into: s.into, Direct: s.direct})
		}
		if token && s.direct {
			job.References = append(job.References, Reference{Place: p, Kind: "ci-secret", Text: "github.token"})
		}
		j.r.literals(job, s)
	}
	if j.inherit {
		for c := j.caller; c != nil; c = c.caller {
			if n := c.node.Get("secrets"); strings.EqualFold(text(n), "inherit") {
				give(Given{Place: c.here.at(n), Name: "*", As: "inherit", Direct: true})
			}
		}
	}
}

// literals notes credentials that are written in a text of the job.
func (r *reader) literals(job *Job, s scope) {
	position := credential.PositionConfig
	switch s.as {
	case "env":
		position = credential.PositionEnv
	case "run":
		position = credential.PositionFile
	}
	declared := s.as == "env" && r.know.envs[s.into]
	matches, ok := r.matches[s.node]
	if !ok {
		matches = credential.Find(s.node.Text, credential.Context{Key: s.into, Position: position, Declared: declared})
		r.matches[s.node] = matches
	}
	for _, m := range matches {
		if len(job.Literals) >= maxLiterals {
			return
		}
		p := s.src.at(s.node)
		p.Line = s.src.lineIn(s.node, m.Start)
		job.Literals = append(job.Literals, Literal{Place: p, Name: s.into, Match: m})
	}
}

func children(n *doc.Node) []*doc.Node {
	if n == nil || n.Kind != doc.Object {
		return nil
	}
	return n.Children
}

func (j *ghJob) jobNodes() []*doc.Node { return children(j.here.doc.Root.Get("jobs")) }

// input finds an input of an action; names are compared as GitHub does, without case.
func input(with *doc.Node, name string) *doc.Node {
	for _, c := range children(with) {
		if strings.EqualFold(c.Key, name) {
			return c
		}
	}
	return nil
}

func inputText(with *doc.Node, name string) string { return text(input(with, name)) }
