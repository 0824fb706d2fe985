package catalogue

import (
	"net/url"
	"regexp"
	"strings"

	"nhitop/inventory"
)

var (
	exactNode   = regexp.MustCompile(`^[v=]?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)
	exactPython = regexp.MustCompile(`^\d+(\.\d+)*((a|b|rc|\.post|\.dev)\d+)*(\+[0-9a-z.]+)?$`)
	digest      = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	commit      = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)
	goPseudo    = regexp.MustCompile(`^v\d+\.\d+\.\d+`)
)

// Package says which package, image or module a standard-input tool server is started from, and whether the
// configuration holds it to one version. An exact version or digest is Yes; no version, "latest", a range or an image tag
// is No; a program or script on disk is Unknown: what it is cannot be told from the configuration. reason is one short
// clause that never quotes arguments. name is "" where there is no package.
func Package(command string, args []string) (name, version string, pinned inventory.Answer, reason string) {
	l := parseLaunch(command, args)
	switch l.kind {
	case launchNode:
		return nodePin(l)
	case launchPython:
		return pythonPin(l)
	case launchContainer:
		return imagePin(l)
	case launchModule:
		return l.name, "", inventory.Unknown, "an installed Python module: its version is not in the configuration"
	case launchGo:
		_, v, _ := strings.Cut(l.spec, "@")
		if goPseudo.MatchString(v) || commit.MatchString(v) {
			return l.name, v, inventory.Yes, "exact module version"
		}
		return l.name, v, inventory.No, "module version is not exact"
	}
	if l.path == "" {
		return "", "", inventory.Unknown, "no command"
	}
	return "", "", inventory.Unknown, "a program on this machine: its version is not in the configuration"
}

func nodePin(l launch) (string, string, inventory.Answer, string) {
	if l.spec == "" {
		return "", "", inventory.Unknown, "no package named"
	}
	if name, ref, ok := gitSpec(l.spec); ok {
		return gitPin(name, ref)
	}
	name, v := splitNode(l.spec)
	return semver(name, v, exactNode.MatchString(v))
}

func pythonPin(l launch) (string, string, inventory.Answer, string) {
	if l.spec == "" {
		return "", "", inventory.Unknown, "no package named"
	}
	if name, ref, ok := gitSpec(l.spec); ok {
		return gitPin(name, ref)
	}
	name, v := splitPython(l.spec)
	bare := strings.TrimPrefix(strings.TrimPrefix(v, "==="), "==")
	exact := (strings.HasPrefix(v, "==") || v == bare) && exactPython.MatchString(bare)
	if exact {
		v = bare
	}
	return semver(name, v, exact)
}

// semver words the answer for a package with the version that was written.
func semver(name, v string, exact bool) (string, string, inventory.Answer, string) {
	switch {
	case exact:
		return name, strings.TrimLeft(v, "v="), inventory.Yes, "exact version"
	case v == "":
		return name, "", inventory.No, "no version: the newest is fetched"
	case strings.ContainsAny(v, "$%{}"):
		return name, v, inventory.Unknown, "the version is a variable"
	case strings.ContainsAny(v, "^~<>*=| ") || strings.HasSuffix(v, ".x") || startsWithDigit(v):
		return name, v, inventory.No, "a range of versions"
	}
	return name, v, inventory.No, "a tag that moves, not a version"
}

func imagePin(l launch) (string, string, inventory.Answer, string) {
	name, tag, sum := splitImage(l.spec)
	switch {
	case digest.MatchString(sum):
		return name, sum, inventory.Yes, "image digest"
	case strings.ContainsAny(l.spec, "$%{}"):
		return name, tag, inventory.Unknown, "the image is a variable"
	case tag == "":
		return name, "", inventory.No, "no image tag: the newest is fetched"
	}
	return name, tag, inventory.No, "an image tag can be moved; only a digest is exact"
}

func gitPin(name, ref string) (string, string, inventory.Answer, string) {
	switch {
	case commit.MatchString(ref):
		return name, ref, inventory.Yes, "exact commit"
	case ref == "":
		return name, "", inventory.No, "the head of a repository"
	}
	return name, ref, inventory.No, "a branch or tag can be moved; only a commit is exact"
}

// splitNode cuts NAME@VERSION, where NAME may be @scope/name.
func splitNode(spec string) (name, version string) {
	if i := strings.LastIndexByte(spec, '@'); i > 0 {
		return spec[:i], spec[i+1:]
	}
	return spec, ""
}

// splitPython cuts NAME[extras]VERSION, where VERSION is ==1.2, @1.2 (uvx), >=1 and so on.
func splitPython(spec string) (name, version string) {
	i := strings.IndexAny(spec, "@=<>~!; [")
	if i < 0 {
		return spec, ""
	}
	name, rest := spec[:i], spec[i:]
	if strings.HasPrefix(rest, "[") {
		if j := strings.IndexByte(rest, ']'); j >= 0 {
			rest = rest[j+1:]
		}
	}
	rest, _, _ = strings.Cut(rest, ";")
	rest = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(rest), "@"))
	return strings.TrimSpace(name), strings.ReplaceAll(rest, " ", "")
}

// splitImage cuts IMAGE:TAG@DIGEST. A colon before a slash is a registry's port.
func splitImage(spec string) (name, tag, sum string) {
	name, sum, _ = strings.Cut(spec, "@")
	if i := strings.LastIndexByte(name, ':'); i > strings.LastIndexByte(name, '/') {
		name, tag = name[:i], name[i+1:]
	}
	return name, tag, sum
}

// gitSpec reads a package that comes from a repository: git+https://host/o/r@ref, github:o/r#ref, o/r#ref. User and
// password of a URL are left out of the name.
func gitSpec(spec string) (name, ref string, ok bool) {
	if i := strings.Index(spec, "git+"); i >= 0 {
		s, frag, _ := strings.Cut(spec[i+len("git+"):], "#")
		u, err := url.Parse(s)
		if err != nil || u.Host == "" {
			return "repository", "", true
		}
		p := u.Path
		if j := strings.LastIndexByte(p, '@'); j > 0 {
			p, ref = p[:j], p[j+1:]
		}
		if !strings.Contains(frag, "=") && frag != "" {
			ref = frag
		}
		return u.Host + strings.TrimSuffix(p, ".git"), ref, true
	}
	for p, host := range map[string]string{"github:": "github.com/", "gitlab:": "gitlab.com/", "bitbucket:": "bitbucket.org/"} {
		if s, found := strings.CutPrefix(spec, p); found {
			name, ref, _ = strings.Cut(s, "#")
			return host + name, ref, true
		}
	}
	if strings.HasPrefix(spec, "https://") || strings.HasPrefix(spec, "http://") {
		u, err := url.Parse(spec)
		if err != nil {
			return "archive", "", true
		}
		return u.Host + u.Path, u.Fragment, true
	}
	if name, ref, _ = strings.Cut(spec, "#"); !strings.HasPrefix(spec, "@") && strings.Count(name, "/") == 1 {
		return "github.com/" + name, ref, true
	}
	return "", "", false
}

func startsWithDigit(s string) bool { return s != "" && s[0] >= '0' && s[0] <= '9' }
