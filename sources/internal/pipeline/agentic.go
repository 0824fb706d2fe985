package pipeline

import (
	"bytes"
	"encoding/json"
	"path"
	"regexp"
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/doc"
)

// engines maps the engine ids of GitHub Agentic Workflows to the catalogue.
var engines = map[string]string{"copilot": "copilot-cli", "claude": "claude-code", "codex": "codex", "gemini": "gemini-cli", "opencode": "opencode", "crush": "crush", "": "copilot-cli"}

// agenticHeader is what the first lines of a compiled workflow say.
type agenticHeader struct {
	engine  string
	strict  bool
	version string
	line    int
	secrets []string
	actions int
}

const maxHeaderLines = 40

var engineEnv = regexp.MustCompile(`GH_AW_INFO_ENGINE_ID: "?([a-z]+)"?`)

// readHeader reads "# gh-aw-metadata: {json}" and "# gh-aw-manifest: {json}". nil for any other file.
func (r *reader) readHeader(src *source) *agenticHeader {
	var h *agenticHeader
	rest := src.doc.Data
	for n := 1; n <= maxHeaderLines && len(rest) > 0; n++ {
		line, after, _ := bytes.Cut(rest, []byte("\n"))
		rest = after
		comment, ok := bytes.CutPrefix(bytes.TrimSpace(line), []byte("#"))
		if !ok {
			break
		}
		comment = bytes.TrimSpace(comment)
		if b, ok := bytes.CutPrefix(comment, []byte("gh-aw-metadata:")); ok {
			var m struct {
				AgentID        string            `json:"agent_id"`
				Strict         bool              `json:"strict"`
				EngineVersions map[string]string `json:"engine_versions"`
			}
			if err := json.Unmarshal(b, &m); err != nil {
				r.warn(src.file, n, "the metadata of a compiled workflow are not JSON")
			}
			h = &agenticHeader{engine: m.AgentID, strict: m.Strict, line: n}
			for _, id := range inventory.SortedKeys(m.EngineVersions) {
				if h.engine == "" {
					h.engine = id
				}
				if id == h.engine {
					h.version = m.EngineVersions[id]
				}
			}
		}
		if b, ok := bytes.CutPrefix(comment, []byte("gh-aw-manifest:")); ok && h != nil {
			var m struct {
				Secrets []string          `json:"secrets"`
				Actions []json.RawMessage `json:"actions"`
			}
			if err := json.Unmarshal(b, &m); err != nil {
				r.warn(src.file, n, "the manifest of a compiled workflow is not JSON")
			}
			h.secrets, h.actions = m.Secrets, len(m.Actions)
		}
	}
	if h == nil && strings.HasSuffix(src.file, ".lock.yml") && bytes.Contains(src.doc.Data, []byte("gh-aw")) {
		h = &agenticHeader{}
	}
	if h != nil && h.engine == "" {
		if m := engineEnv.FindSubmatch(src.doc.Data); m != nil {
			h.engine = string(m[1])
		}
	}
	return h
}

// agenticFacts adds what the source of a compiled workflow says: tools, network, and what other jobs do for the agent.
func (j *ghJob) agenticFacts(job *Job) {
	h := j.here.agentic
	if h == nil {
		return
	}
	p := Place{File: j.here.file, Line: h.line}
	job.evidence(p, "compiled by GitHub Agentic Workflows")
	if h.version != "" && job.Version == "" {
		job.Version = h.version
	}
	if h.strict {
		job.setting(inventory.SettingMode, "strict", "true", p, "the compiler refuses write rights for the agent's job")
	}
	name, ok := strings.CutSuffix(j.here.file, ".lock.yml")
	if !ok || j.r.open == nil || j.node.Key != "agent" {
		return
	}
	data, err := j.r.open(name + ".md")
	if err != nil || len(data) > maxFile {
		return
	}
	if src := j.r.frontmatter(name+".md", data); src != nil {
		job.Called = append(job.Called, src.file)
		j.r.agenticSource(job, src)
	}
}

// frontmatter parses the head of a Markdown file. Its lines are those of the file.
func (r *reader) frontmatter(file string, data []byte) *source {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !bytes.HasPrefix(data, []byte("---\n")) && !bytes.HasPrefix(data, []byte("---\r\n")) {
		return nil
	}
	end := regexp.MustCompile(`(?m)^---[ \t]*\r?$`).FindAllIndex(data, 2)
	if len(end) < 2 {
		return nil
	}
	src, err := r.parse(file, data[:end[1][0]])
	if err != nil {
		r.warn(file, 0, err.Error())
		return nil
	}
	return src
}

// agentic reads a workflow in Markdown that was not compiled. Where the compiled file stands beside it, that one counts.
func (r *reader) agentic(data []byte) ([]Job, error) {
	src := r.frontmatter(r.file, data)
	if src == nil {
		return nil, nil
	}
	w := newWorkflow(src)
	w.triggers = agenticTriggers(w.triggers)
	if len(w.triggers) == 0 {
		return nil, nil
	}
	if r.open != nil {
		if _, err := r.open(strings.TrimSuffix(r.file, ".md") + ".lock.yml"); err == nil {
			return nil, nil
		}
	}
	root := src.doc.Root
	engine := root.Get("engine")
	id := text(engine)
	if engine != nil && engine.Kind == doc.Object {
		id = text(engine.Get("id"))
	}
	k := r.know.byID[engines[id]]
	if k == nil {
		r.warn(r.file, engineLine(engine), "an agentic workflow with an engine that the catalogue does not know")
		return nil, nil
	}
	if w.name == path.Base(r.file) {
		w.name = strings.TrimSuffix(w.name, ".md")
	}
	j := &ghJob{r: r, start: w, here: w, node: root, name: "agent"}
	job := j.base(nil)
	job.Kind, job.Step, job.Place = k.entry.ID, "agent", src.at(engine)
	if engine == nil {
		job.Place = Place{File: r.file, Line: 1}
	}
	job.evidence(job.Place, "agentic workflow of "+k.entry.Name+"; no compiled file beside it, so GitHub does not run it yet")
	j.roles(&job)
	m := &merits{entry: k}
	m.surrounding(inventory.SandboxVM, "a fresh virtual machine of the forge for each job")
	root.Walk(func(n *doc.Node) bool {
		s := scope{src: src, node: n, as: "other", into: n.Key, direct: true}
		if names, _ := secretsIn(text(n), false); len(names) > 0 {
			for _, name := range names {
				job.Given = append(job.Given, Given{Place: src.at(n), Name: name, As: s.as, Into: s.into, Direct: true, Store: inventory.StorageCI})
			}
		}
		if text(n) != "" {
			r.literals(&job, s)
		}
		return true
	})
	m.settle(&job)
	r.agenticSource(&job, src)
	body := w.carried(outsiderText(string(data)))
	job.PromptInputs = sortedUnique(append(job.PromptInputs, body...))
	return []Job{job}, nil
}

// onSettings stand under "on:" of an agentic workflow and are no events, nor is what begins with "skip-". Source: the
// frontmatter reference of gh-aw, 2026-11.
var onSettings = set(`reaction roles bots stop-after manual-approval status-comment github-token github-app permissions steps needs
	lock-for-agent stale-check allow-bot-authored-trigger-comment forks names`)

// agenticTriggers leaves the events, with the short forms of a schedule in their full name.
func agenticTriggers(in []trigger) []trigger {
	out := in[:0]
	for _, t := range in {
		if onSettings[t.event] || strings.HasPrefix(t.event, "skip-") {
			continue
		}
		switch word, _, _ := strings.Cut(t.event, " "); {
		case word == "daily" || word == "hourly" || word == "weekly" || word == "every":
			t.event = "schedule"
		case strings.HasPrefix(word, "/"):
			t.event = "slash_command"
		}
		out = append(out, t)
	}
	return out
}

func engineLine(n *doc.Node) int {
	if n == nil {
		return 1
	}
	return n.Line
}

// roles answers who may start an agentic workflow: by default only people who may write.
func (j *ghJob) roles(job *Job) {
	n := j.here.doc.Root.Get("roles")
	if n == nil {
		n = j.here.doc.At("/on/roles")
	}
	list := n.Strings()
	all := len(list) == 1 && list[0] == "all"
	job.Outsiders = inventory.No
	for _, t := range j.start.triggers {
		if rule, ok := events[t.event]; ok {
			if all {
				job.Outsiders = rule.outsiders
				job.ActorFilter = "roles: all"
				job.evidence(j.here.at(n), rule.note)
				break
			}
			job.ActorFilter = "roles: " + strings.Join(list, ", ")
			if len(list) == 0 {
				job.ActorFilter = "roles: admin, maintainer, write (the default)"
			}
		}
	}
}

// agenticSource reads the parts of a frontmatter that say what the agent may do.
func (r *reader) agenticSource(job *Job, src *source) {
	root := src.doc.Root
	for _, t := range children(root.Get("tools")) {
		value := t.Text
		if t.Kind == doc.Array || t.Kind == doc.Object {
			value = t.Compact()
		}
		job.setting(inventory.SettingAllow, "tools."+t.Key, value, src.at(t), "")
		if t.Get("command") != nil || t.Get("url") != nil {
			job.addTool(t, src.at)
		}
	}
	for _, t := range children(root.Get("mcp-servers")) {
		if t.Kind == doc.Object {
			job.addTool(t, src.at)
		}
	}
	if n := root.Get("network"); n != nil {
		value := n.Text
		if n.Kind != doc.String {
			value = n.Compact()
		}
		job.setting(inventory.SettingNetwork, "network", value, src.at(n), "")
		if job.Network == "" || job.Network == "open" {
			job.Network, job.NetworkReason = "allowlist", "network: in the frontmatter"
		}
	}
	safe := root.Get("safe-outputs")
	for _, s := range children(safe) {
		if s.Key == "threat-detection" || s.Key == "github-token" || s.Key == "app" || s.Key == "env" || s.Key == "runs-on" || s.Key == "staged" {
			continue
		}
		job.SafeOutputs = append(job.SafeOutputs, s.Key)
		job.setting(inventory.SettingAllow, "safe-outputs."+s.Key, "", src.at(s), "done by another job, with rights of its own")
	}
	if n := root.Get("roles"); n != nil {
		value := n.Text
		if n.Kind == doc.Array {
			value = n.Compact()
		}
		job.setting(inventory.SettingTrust, "roles", value, src.at(n), "who may start it")
	}
}
