package gitrepo

import (
	"crypto/sha1"
	"crypto/sha256"
	"path/filepath"
	"strings"

	"nhitop/inventory/credential"
)

// Found is a credential in the repository's own configuration.
type Found struct {
	Path    string // absolute
	Pointer string // /section/key, with a credential in the section's name taken out
	Line    int
	Match   credential.Match
}

// Note is something about the configuration that was seen and not followed.
type Note struct {
	Path string
	Line int
	Text string
}

// facts is what is kept of the configuration. The entries themselves are dropped, for they may hold credentials.
type facts struct {
	name, email string
	line        int
	path        string
	remote      string
	hashLen     int
	secrets     []Found
	notes       []Note
}

// Identity returns the author that Git would name in a commit here, from the repository's configuration or the home's, with
// the line and file of the e-mail address, or of the name where there is none. Empty when no file says it.
func (r *Repo) Identity() (name, email string, line int, path string) {
	f := r.facts()
	return f.name, f.email, f.line, f.path
}

// Remote returns the URL of origin, or of the only remote, without what stands before the host. Empty when there is none.
func (r *Repo) Remote() string { return r.facts().remote }

// Repository returns the remote as a name that does not depend on how it is reached, the one that code hosts and other
// checkouts of the repository give it too: host/path, without scheme, port of SSH and ".git". A folder stays as it is.
func (r *Repo) Repository() string { return repositoryName(r.Remote()) }

func repositoryName(remote string) string {
	scheme, rest, ok := strings.Cut(remote, "://")
	switch {
	case ok && scheme == "file":
		return remote
	case ok:
		host, path, _ := strings.Cut(rest, "/")
		if i := strings.LastIndexByte(host, ':'); i >= 0 && scheme != "http" && scheme != "https" {
			host = host[:i]
		}
		return hostPath(host, path)
	}
	// host:path of ssh; what has a slash before the colon, or a drive, is a folder
	host, path, ok := strings.Cut(remote, ":")
	if !ok || len(host) < 2 || strings.ContainsAny(host, `/\`) {
		return remote
	}
	return hostPath(host, path)
}

func hostPath(host, path string) string {
	return strings.ToLower(host) + "/" + strings.TrimSuffix(strings.Trim(path, "/"), ".git")
}

// ConfigSecrets returns the credentials in the repository's own configuration: in URLs, extra headers and passwords.
func (r *Repo) ConfigSecrets() []Found { return r.facts().secrets }

// Notes returns what the configuration refers to and was not read: included files.
func (r *Repo) Notes() []Note { return r.facts().notes }

func (r *Repo) facts() *facts {
	r.configOnce.Do(func() { r.config = r.loadConfig() })
	return &r.config
}

// loadConfig reads the files in the order in which they override each other, the last the strongest.
func (r *Repo) loadConfig() facts {
	f := facts{hashLen: sha1.Size}
	if r.home != "" {
		r.homeConfig(&f, filepath.Join(".config", "git", "config"))
		r.homeConfig(&f, ".gitconfig")
	}
	if r.common == "" {
		return f
	}
	data, err := readIn(r.common, "config", maxConfig)
	if err != nil {
		return f
	}
	path := filepath.Join(r.common, "config")
	entries := parseConfig(data)
	f.identity(entries, path)
	f.remotes(entries)
	for _, e := range entries {
		if e.section == "extensions" && e.key == "objectformat" && strings.EqualFold(e.value, "sha256") {
			f.hashLen = sha256.Size
		}
		f.secrets = append(f.secrets, configSecrets(e, path)...)
	}
	return f
}

func (r *Repo) homeConfig(f *facts, name string) {
	data, err := readIn(r.home, name, maxConfig)
	if err != nil {
		return
	}
	f.identity(parseConfig(data), filepath.Join(r.home, name))
}

func (f *facts) identity(entries []entry, path string) {
	for _, e := range entries {
		switch {
		case (e.section == "include" || e.section == "includeif") && e.key == "path":
			f.notes = append(f.notes, Note{path, e.line, "includes another file, which is not read"})
		case e.section != "user" || e.sub != "" || e.value == "":
		case e.key == "name":
			f.name = e.value
			if f.email == "" {
				f.line, f.path = e.line, path
			}
		case e.key == "email":
			f.email, f.line, f.path = e.value, e.line, path
		}
	}
}

func (f *facts) remotes(entries []entry) {
	first, count, seen := "", 0, ""
	for _, e := range entries {
		if e.section != "remote" || e.key != "url" {
			continue
		}
		if e.sub == "origin" && f.remote == "" {
			f.remote = withoutUser(e.value)
		}
		if count == 0 || e.sub != seen {
			count++
			seen = e.sub
		}
		if first == "" {
			first = withoutUser(e.value)
		}
	}
	if f.remote == "" && count == 1 {
		f.remote = first
	}
}

// withoutUser drops what stands before the host, and query and fragment, for all may be credentials.
func withoutUser(raw string) string {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		// host:path of ssh, or a folder
		if i := strings.IndexByte(raw, '@'); i >= 0 && !strings.HasPrefix(raw, "/") && !strings.HasPrefix(raw, ".") {
			return raw[strings.LastIndexByte(raw, '@')+1:]
		}
		return raw
	}
	rest, _, _ = strings.Cut(rest, "#")
	rest, _, _ = strings.Cut(rest, "?")
	host, path, slash := strings.Cut(rest, "/")
	host = host[strings.LastIndexByte(host, '@')+1:]
	if slash {
		host += "/" + path
	}
	return scheme + "://" + host
}

// configSecrets looks where Git configuration is known to hold credentials.
func configSecrets(e entry, path string) []Found {
	var out []Found
	add := func(matches []credential.Match, shift int) {
		for _, m := range matches {
			m.Start, m.End = m.Start+shift, m.End+shift
			out = append(out, Found{Path: path, Pointer: pointer(e), Line: e.line, Match: m})
		}
	}
	// [url "https://TOKEN@host/"], [http "https://user:password@host/"]
	add(credential.Find(e.sub, credential.Context{Position: credential.PositionURL}), 0)
	switch {
	case e.key == "url", e.key == "pushurl", e.key == "proxy", e.key == "insteadof", e.key == "pushinsteadof":
		add(credential.Find(e.value, credential.Context{Position: credential.PositionURL}), 0)
	case e.section == "http" && e.key == "extraheader":
		// As actions/checkout leaves one behind: AUTHORIZATION: basic ...
		name, rest, _ := strings.Cut(e.value, ":")
		rest = strings.TrimSpace(rest)
		add(credential.Find(rest, credential.Context{Key: strings.TrimSpace(name), Position: credential.PositionHeader}), len(e.value)-len(rest))
	case passwordKeys[e.section+"."+e.key]:
		add(credential.Find(e.value, credential.Context{Key: e.rawKey, Position: credential.PositionConfig, Declared: true}), 0)
	}
	return out
}

// passwordKeys are settings whose whole value is a credential.
var passwordKeys = map[string]bool{
	"sendemail.smtppass": true, "imap.pass": true, "github.token": true, "github.oauth-token": true,
	"gitlab.token": true, "hub.oauthtoken": true, "svn-remote.password": true,
}

// pointer names an entry as the INI format of configuration documents does: /remote "origin"/url.
func pointer(e entry) string {
	section := e.section
	if e.sub != "" {
		sub := e.sub
		if len(credential.Find(sub, credential.Context{Position: credential.PositionURL})) > 0 {
			sub = withoutUser(sub)
		}
		section += ` "` + sub + `"`
	}
	return "/" + escapePointer(section) + "/" + escapePointer(e.rawKey)
}

func escapePointer(s string) string {
	return strings.ReplaceAll(strings.ReplaceAll(s, "~", "~0"), "/", "~1")
}
