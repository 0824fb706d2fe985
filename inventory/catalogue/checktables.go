package catalogue

import (
	"fmt"
	"strings"
	"time"
)

// ci checks the [ci] table.
func (f *file) ci(p keyPath, c *CI) {
	for i, s := range c.Commands {
		f.regexp(p.With("commands", elem(i)), s)
	}
	for i := range c.Inputs {
		in, at := &c.Inputs[i], p.With("input", elem(i))
		f.must(at, "name", in.Name)
		f.must(at, "kind", in.Kind)
		f.oneOf(at.With("kind"), in.Kind, inputKinds)
		f.oneOf(at.With("means"), in.Means, sorted(means))
		f.values(at, in.Means, in.Values)
	}
	for i := range c.Flags {
		fl, at := &c.Flags[i], p.With("flag", elem(i))
		f.must(at, "match", fl.Match)
		f.regexp(at.With("match"), fl.Match)
		f.must(at, "means", fl.Means)
		f.oneOf(at.With("means"), fl.Means, sorted(means))
		f.must(at, "value", fl.Value)
		if known, ok := means[fl.Means]; ok {
			f.oneOf(at.With("value"), fl.Value, known)
		}
	}
	f.defaults(p.With("default"), c.Default)
}

// servers checks servers.toml.
func (f *file) servers(list []Server) {
	if f.off {
		return
	}
	seen := map[string]bool{}
	for i := range list {
		s, at := &list[i], keyPath{"server", elem(i)}
		f.must(at, "id", s.ID)
		f.word(at.With("id"), s.ID)
		f.once(at.With("id"), s.ID, seen)
		f.must(at, "name", s.Name)
		if len(s.Packages)+len(s.Hosts) == 0 {
			f.bad(at, "neither packages nor hosts", "add what the server is recognised by")
		}
		f.grants(at, s.Grants)
	}
}

// credentialFiles checks credential_files.toml.
func (f *file) credentialFiles(list []CredentialFile) {
	if f.off {
		return
	}
	seen := map[string]bool{}
	for i := range list {
		x, at := &list[i], keyPath{"file", elem(i)}
		f.must(at, "id", x.ID)
		f.word(at.With("id"), x.ID)
		f.once(at.With("id"), x.ID, seen)
		f.must(at, "name", x.Name)
		f.must(at, "format", x.Format)
		f.oneOf(at.With("format"), x.Format, formats)
		if !opened(x.Format) && x.Reason == "" {
			f.bad(at.With("format"), "a file that is never opened needs a reason", `add reason = "why it is not opened"`)
		}
		if len(x.AllPaths())+len(x.Repo) == 0 && x.Format != "keyring" {
			f.bad(at, "no path", `add paths = ["..."], linux, macos, windows or repo`)
		}
		lists := map[string][]string{"paths": x.Paths, "linux": x.Linux, "macos": x.MacOS, "windows": x.Windows}
		for _, key := range sorted(lists) {
			for j, s := range lists[key] {
				scope := "managed"
				if strings.HasPrefix(s, "~") {
					scope = "user"
				}
				f.place(at.With(key, elem(j)), scope, s)
			}
		}
		for j, s := range x.Repo {
			f.relative(at.With("repo", elem(j)), s)
		}
		f.word(at.With("reader"), x.Reader)
		f.secrets(at, x.Secrets)
		for j, a := range x.Accounts {
			f.pointer(at.With("account", elem(j)), "pointer", a.Pointer)
			f.oneOf(at.With("account", elem(j), "what"), a.What, picks)
		}
	}
}

// credentialKinds checks credential_kinds.toml.
func (f *file) credentialKinds(list []CredentialKind) {
	if f.off {
		return
	}
	seen := map[string]bool{}
	for i := range list {
		k, at := &list[i], keyPath{"kind", elem(i)}
		f.must(at, "kind", k.Kind)
		f.word(at.With("kind"), k.Kind)
		f.once(at.With("kind"), k.Kind, seen)
		f.must(at, "name", k.Name)
		f.grants(at, k.Grants)
		if d, err := time.ParseDuration(k.Lives); k.Lives != "" && (err != nil || d <= 0) {
			f.bad(at.With("lives"), fmt.Sprintf("%q is no duration", k.Lives), "write 1h or 30m, or take it out")
		}
	}
}

func (f *file) once(at keyPath, id string, seen map[string]bool) {
	if id != "" && seen[id] {
		f.bad(at, fmt.Sprintf("%q stands here twice", id), "give each entry its own, or take one out")
	}
	seen[id] = true
}

func (f *file) grants(p keyPath, list []Grant) {
	for i, g := range list {
		at := p.With("grant", elem(i))
		f.must(at, "capability", g.Capability)
		f.capability(at.With("capability"), g.Capability)
		f.oneOf(at.With("level"), g.Level, levels)
		f.regexp(at.With("when"), g.When)
		f.regexp(at.With("unless"), g.Unless)
	}
}
