package catalogue

import (
	"net/url"
	"path"
	"strings"
)

// hostRule is one entry of Server.Hosts: HOST, HOST/PATH-PREFIX or *.DOMAIN.
type hostRule struct {
	prefix string // of the path, "" for any
	server *Server
}

func (c *Catalogue) indexServers() {
	c.packages = map[string]*Server{}
	c.hosts = map[string][]hostRule{}
	for i := range c.Servers {
		s := &c.Servers[i]
		for _, p := range s.Packages {
			c.packages[packageKey(p)] = s
		}
		for _, h := range s.Hosts {
			host, prefix, _ := strings.Cut(strings.ToLower(h), "/")
			c.hosts[host] = append(c.hosts[host], hostRule{prefix: prefix, server: s})
		}
	}
}

// packageKey makes the spellings of one package equal: case, and "_" for "-" as PyPI and Python modules have it.
func packageKey(name string) string {
	return strings.ReplaceAll(strings.ToLower(name), "_", "-")
}

// MatchServer returns the known tool server that a configuration entry starts or reaches, or nil. It knows the package
// runners and containers that [Package] knows, a program or module of the package's own name, and remote hosts, also
// behind a local bridge such as mcp-remote.
func (c *Catalogue) MatchServer(command string, args []string, remote string) *Server {
	if remote != "" {
		if s := c.byHost(remote); s != nil {
			return s
		}
	}
	if command == "" {
		return nil
	}
	l := parseLaunch(command, args)
	if l.kind == launchContainer {
		return c.byImage(l.name)
	}
	if bridges[packageKey(l.name)] {
		for _, a := range l.rest {
			if strings.HasPrefix(a, "http://") || strings.HasPrefix(a, "https://") {
				return c.byHost(a)
			}
		}
		return nil
	}
	names := []string{l.name, l.from}
	if repo, _, ok := gitSpec(l.spec); ok {
		names = append(names, repo)
	}
	for _, name := range names {
		if s := c.packages[packageKey(name)]; s != nil && name != "" {
			return s
		}
	}
	return c.byPath(l)
}

// bridges are packages that put a remote server behind standard input and output.
var bridges = map[string]bool{"mcp-remote": true, "mcp-proxy": true, "supergateway": true, "mcp-remote-go": true,
	"@pyroprompts/mcp-stdio-to-streamable-http-adapter": true}

// byPath finds the package of a program or script on disk: .../node_modules/NAME/..., or the file's own name.
func (c *Catalogue) byPath(l launch) *Server {
	p := strings.ReplaceAll(l.path, `\`, "/")
	if i := strings.LastIndex(p, "/node_modules/"); i >= 0 {
		parts := strings.SplitN(p[i+len("/node_modules/"):], "/", 3)
		name := parts[0]
		if strings.HasPrefix(name, "@") && len(parts) > 1 {
			name += "/" + parts[1]
		}
		if s := c.packages[packageKey(name)]; s != nil {
			return s
		}
	}
	if p == "" {
		return nil
	}
	base := path.Base(p)
	for _, ext := range []string{".exe", ".cmd", ".py", ".js", ".mjs"} {
		base = strings.TrimSuffix(base, ext)
	}
	return c.packages[packageKey(base)]
}

// byImage finds a container image with or without its registry.
func (c *Catalogue) byImage(image string) *Server {
	name := packageKey(image)
	for _, n := range []string{name, strings.TrimPrefix(name, "docker.io/"), strings.TrimPrefix(name, "docker.io/library/")} {
		if s := c.packages[n]; s != nil {
			return s
		}
	}
	return nil
}

// byHost finds the server of a URL. The longest path prefix wins; *.DOMAIN stands for the hosts below a domain.
func (c *Catalogue) byHost(remote string) *Server {
	u, err := url.Parse(remote)
	if err != nil || u.Hostname() == "" {
		return nil
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	p := strings.ToLower(strings.TrimPrefix(u.Path, "/"))
	if s := longest(c.hosts[host], p); s != nil {
		return s
	}
	for rest := host; ; {
		_, parent, ok := strings.Cut(rest, ".")
		if !ok {
			return nil
		}
		if s := longest(c.hosts["*."+parent], p); s != nil {
			return s
		}
		rest = parent
	}
}

func longest(rules []hostRule, p string) *Server {
	var best *Server
	at := -1
	for _, r := range rules {
		if len(r.prefix) > at && (r.prefix == "" || p == r.prefix || strings.HasPrefix(p, strings.TrimSuffix(r.prefix, "/")+"/")) {
			best, at = r.server, len(r.prefix)
		}
	}
	return best
}
