package local

import (
	"regexp"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/credential"
	"nhitop/sources/internal/doc"
)

var (
	hclAssign   = regexp.MustCompile(`^\s*"?([A-Za-z_][\w.-]*)"?\s*[=:]\s*"((?:[^"\\]|\\.)*)"`)
	hclBlock    = regexp.MustCompile(`^\s*([A-Za-z_]\w*)(?:\s+"([^"]*)")?(?:\s+"([^"]*)")?\s*=?\s*\{\s*(?:#.*|//.*)?$`)
	shellAssign = regexp.MustCompile(`^\s*(?:export\s+|declare\s+-x\s+|typeset\s+-x\s+|setenv\s+|set\s+(?:-[a-zA-Z]+\s+)+)?([A-Za-z_]\w*)(?:=|\s+)(.*)$`)
	xmlField    = regexp.MustCompile(`<(password|passphrase|privateKey|token|apiKey|secret)>\s*([^<]+?)\s*</`)
	xmlUser     = regexp.MustCompile(`<(?:username|id)>\s*([^<]+?)\s*</`)
	xmlAdd      = regexp.MustCompile(`(?i)<add\s+key="(ClearTextPassword|Username|Password|[^"]*(?:token|apikey|api-key)[^"]*)"\s+value="([^"]+)"`)
)

// lineNode makes a node for a part of a text file, so that it is judged like a node of a parsed one.
func lineNode(key, pointer, text string, line int) *doc.Node {
	return &doc.Node{Kind: doc.String, Key: key, Pointer: pointer, Text: text, Line: line, KeyLine: line}
}

// eachLine calls fn for each line of a file that is read as one text.
func (f *credentialFile) eachLine(fn func(line string, number int)) {
	root := f.d.Root
	f.done[root] = true
	for i, l := range strings.Split(root.Text, "\n") {
		fn(strings.TrimSuffix(l, "\r"), root.Line+i)
	}
}

// readHCL reads name = "value" of Terraform's variable files and of ~/.terraformrc, where a token stands in a
// credentials block.
func readHCL(f *credentialFile) {
	var path []string
	f.eachLine(func(l string, number int) {
		trimmed := strings.TrimSpace(l)
		if strings.HasPrefix(trimmed, "#") || strings.HasPrefix(trimmed, "//") {
			return
		}
		if g := hclBlock.FindStringSubmatch(l); g != nil {
			name := g[1]
			for _, label := range g[2:] {
				if label != "" {
					name += "/" + doc.Escape(label)
				}
			}
			path = append(path, name)
			return
		}
		if strings.HasPrefix(trimmed, "}") && len(path) > 0 {
			path = path[:len(path)-1]
			return
		}
		g := hclAssign.FindStringSubmatch(l)
		if g == nil {
			return
		}
		above := ""
		if len(path) > 0 {
			above = "/" + strings.Join(path, "/")
		}
		n := lineNode(g[1], above+"/"+doc.Escape(g[1]), strings.ReplaceAll(g[2], `\"`, `"`), number)
		if len(path) > 0 && strings.HasPrefix(path[0], "credentials/") && g[1] == "token" {
			f.secret(n, detail{kind: "terraform-cloud-token", issuer: "terraform", host: hostAbove(n.Pointer)})
			return
		}
		f.named(n)
	})
}

// named judges a value by its form and its name.
func (f *credentialFile) named(n *doc.Node) {
	ms := credential.Find(n.Text, credential.Context{Key: n.Key, Position: credential.PositionEnv})
	for _, m := range ms {
		f.match(n, m, detail{})
	}
	if len(ms) == 0 && credential.SecretName(n.Key) {
		f.reference(n)
	}
}

// readShell reads the variables that a shell's start file sets, and tokens anywhere in it.
func readShell(f *credentialFile) {
	f.eachLine(func(l string, number int) {
		if strings.HasPrefix(strings.TrimSpace(l), "#") || len(l) > 16<<10 {
			return
		}
		g := shellAssign.FindStringSubmatch(l)
		if g == nil || !strings.Contains(l, "=") && !strings.Contains(l, "set") {
			f.loose(l, number)
			return
		}
		value := shellValue(g[2])
		n := lineNode(g[1], "/"+g[1], value, number)
		f.named(n)
		if len(value) < len(strings.Trim(g[2], `"' `)) {
			f.loose(strings.Replace(l, value, "", 1), number)
		}
	})
}

// loose looks for tokens of a known form in a line that is no assignment.
func (f *credentialFile) loose(l string, number int) {
	n := lineNode("", "", l, number)
	for _, m := range credential.Find(l, credential.Context{Position: credential.PositionArgument}) {
		f.match(n, m, detail{})
	}
}

// shellValue takes the quotes and what follows them off a value. A value that a command makes stays as it is written.
func shellValue(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	if q := s[0]; q == '"' || q == '\'' {
		for i := 1; i < len(s); i++ {
			if s[i] == q && (q == '\'' || s[i-1] != '\\') {
				return s[1:i]
			}
		}
		return s[1:]
	}
	if strings.HasPrefix(s, "$(") || s[0] == '`' {
		return strings.TrimRight(s, "; ")
	}
	if i := strings.IndexAny(s, " \t;&|"); i >= 0 {
		s = s[:i]
	}
	return s
}

// readXML reads the passwords of Maven's settings.xml and NuGet's NuGet.Config. What Maven or Windows has encrypted is
// told as a reference: the key is elsewhere.
func readXML(f *credentialFile) {
	user := ""
	f.eachLine(func(l string, number int) {
		if g := xmlUser.FindStringSubmatch(l); g != nil {
			user = g[1]
		}
		for _, g := range xmlField.FindAllStringSubmatch(l, 8) {
			n := lineNode(g[1], "/"+g[1], unescapeXML(g[2]), number)
			if strings.HasPrefix(n.Text, "{") && strings.HasSuffix(n.Text, "}") {
				f.ref(n, credential.RefKeyring, "encrypted with the master password of settings-security.xml")
				continue
			}
			f.secret(n, detail{kind: "basic-auth", account: user, life: inventory.Yes})
		}
		for _, g := range xmlAdd.FindAllStringSubmatch(l, 8) {
			n := lineNode(g[1], "/"+doc.Escape(g[1]), unescapeXML(g[2]), number)
			switch strings.ToLower(g[1]) {
			case "username":
				user = g[2]
			case "password":
				f.ref(n, credential.RefKeyring, "encrypted for the user by Windows")
			default:
				f.secret(n, detail{kind: "basic-auth", account: user, life: inventory.Yes})
			}
		}
	})
}

func unescapeXML(s string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&quot;", `"`, "&apos;", "'", "&amp;", "&").Replace(s)
}
