package pipeline

import (
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/credential"
	"nhitop/sources/internal/doc"
)

const maxTools = 200

// serverKeys are the members under which products keep their tool servers.
var serverKeys = []string{"mcpServers", "mcp_servers", "servers", "mcp"}

// serversIn reads an input that holds tool servers, as JSON or as the path of a JSON file.
func (r *reader) serversIn(job *Job, src *source, n *doc.Node, value string) {
	p := src.at(n)
	if !strings.HasPrefix(strings.TrimSpace(value), "{") {
		r.serversAt(job, src, p, value)
		return
	}
	d, _ := doc.Parse(doc.JSONC, []byte(value))
	if d == nil {
		r.warn(src.file, n.Line, "an input holds tool servers that are not JSON")
		return
	}
	r.servers(job, d, func(c *doc.Node) Place { return Place{p.File, p.Pointer, src.lineIn(n, c.Start)} })
}

// serversAt reads tool servers from the value of a flag.
func (r *reader) serversAt(job *Job, src *source, p Place, value string) {
	if strings.HasPrefix(strings.TrimSpace(value), "{") {
		d, _ := doc.Parse(doc.JSONC, []byte(value))
		if d == nil {
			r.warn(src.file, p.Line, "a flag holds tool servers that are not JSON")
			return
		}
		r.servers(job, d, func(*doc.Node) Place { return p })
		return
	}
	if d, file := r.jsonFile(value); d != nil {
		r.servers(job, d, func(c *doc.Node) Place { return Place{file, c.Pointer, c.KeyLine} })
	}
}

// servers lists the tool servers of a JSON document.
func (r *reader) servers(job *Job, d *doc.Doc, at func(*doc.Node) Place) {
	for _, key := range serverKeys {
		for _, n := range children(d.Root.Get(key)) {
			if n.Kind == doc.Object && len(job.Tools) < maxTools {
				job.addTool(n, at)
			}
		}
	}
}

// Servers reads the tool servers of a JSON document that a forge keeps. name is its place.
func Servers(name string, data []byte) ([]Tool, error) {
	d, err := doc.Parse(doc.JSON, data)
	if d == nil {
		return nil, err
	}
	job := &Job{}
	(&reader{}).servers(job, d, func(c *doc.Node) Place { return Place{File: name, Pointer: c.Pointer} })
	return job.Tools, err
}

func (j *Job) addTool(n *doc.Node, at func(*doc.Node) Place) {
	t := Tool{Place: at(n), Name: n.Key, Enabled: true}
	var args []*doc.Node
	switch c := n.Get("command"); {
	case c == nil:
	case c.Kind == doc.Array:
		for i, e := range c.Children {
			if i == 0 {
				t.Command = credential.Redact(e.Text)
			} else {
				args = append(args, e)
			}
		}
	default:
		t.Command = credential.Redact(c.Text)
	}
	if a := n.Get("args"); a != nil {
		args = append(args, a.Children...)
	}
	t.args(args, at)
	for _, key := range []string{"url", "httpUrl", "serverUrl"} {
		if u := n.Get(key); u != nil && u.Text != "" {
			t.URL = credential.RedactURL(u.Text)
			t.secret(u, "", credential.PositionURL, at)
			t.Transport = "http"
		}
	}
	switch kind := strings.ToLower(text(n.Get("type"))); {
	case kind == "sse", kind == "http":
		t.Transport = kind
	case kind == "streamable-http" || kind == "streamablehttp" || kind == "remote":
		t.Transport = "http"
	case t.Transport == "" || kind == "stdio" || kind == "local":
		t.Transport = "stdio"
	}
	for _, key := range []string{"env", "environment"} {
		for _, e := range children(n.Get(key)) {
			t.EnvNames = append(t.EnvNames, e.Key)
			t.secret(e, e.Key, credential.PositionEnv, at)
		}
	}
	for _, h := range children(n.Get("headers")) {
		t.HeaderNames = append(t.HeaderNames, h.Key)
		t.secret(h, h.Key, credential.PositionHeader, at)
	}
	if off, ok := n.Get("disabled").Bool(); ok && off {
		t.Enabled = false
	}
	if on, ok := n.Get("enabled").Bool(); ok && !on {
		t.Enabled = false
	}
	if trust, ok := n.Get("trust").Bool(); ok && trust {
		t.Approved = []string{"*"}
	}
	t.Approved = append(t.Approved, n.Get("alwaysAllow").Strings()...)
	t.Approved = append(t.Approved, n.Get("autoApprove").Strings()...)
	j.Tools = append(j.Tools, t)
}

func (t *Tool) args(nodes []*doc.Node, at func(*doc.Node) Place) {
	var words []string
	key := ""
	for _, n := range nodes {
		words = append(words, n.Text)
		if strings.HasPrefix(n.Text, "-") && !strings.Contains(n.Text, "=") {
			key = n.Text
			continue
		}
		t.secret(n, strings.TrimLeft(key, "-"), credential.PositionArgument, at)
		key = ""
	}
	t.Args = credential.RedactArgs(words)
}

// secret notes what a value of a server holds: a credential, or the name of one.
func (t *Tool) secret(n *doc.Node, key, position string, at func(*doc.Node) Place) {
	p := at(n)
	names, token := secretsIn(n.Text, false)
	if token {
		names = append(names, "github.token")
	}
	for _, name := range names {
		t.References = append(t.References, Reference{Place: p, Kind: "ci-secret", Text: name})
	}
	if ref, ok := credential.Reference(n.Text); ok && len(names) == 0 {
		t.References = append(t.References, Reference{Place: p, Kind: ref.Kind, Text: ref.Text})
	}
	for _, m := range credential.Find(n.Text, credential.Context{Key: key, Position: position}) {
		t.Literals = append(t.Literals, Literal{Place: p, Name: key, Match: m})
	}
}

// finish puts the lists of a job in order and drops what stands there twice.
func finish(j *Job, file string) {
	if j.File == "" {
		j.File = file
	}
	var names []string
	for _, g := range j.Given {
		names = append(names, g.Name)
	}
	j.Secrets = sortedUnique(names)
	// A tool server's own finding goes before that of the text it stands in: it knows what is around the value.
	type same struct {
		file string
		line int
		size int
		hint string
	}
	seen := map[same]bool{}
	var literals []Literal
	take := func(list []Literal) {
		for _, l := range list {
			key := same{l.File, l.Line, l.Match.Value.Len(), l.Match.Value.Hint()}
			if !seen[key] {
				seen[key] = true
				literals = append(literals, l)
			}
		}
	}
	for i := range j.Tools {
		take(j.Tools[i].Literals)
	}
	take(j.Literals)
	j.Literals = literals
	if j.Outsiders == "" {
		j.Outsiders = inventory.Unknown
	}
	if j.SelfHosted == "" {
		j.SelfHosted = inventory.Unknown
	}
}
