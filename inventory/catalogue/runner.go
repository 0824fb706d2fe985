package catalogue

import (
	"path"
	"strings"
)

// runner reads the words of one program that runs packages, modules, images or scripts.
func runner(prog string, words []string) launch {
	args := words[1:]
	switch prog {
	case "npx", "bunx", "pnpx":
		return nodePackage(args)
	case "pnpm", "yarn", "bun", "npm", "deno", "corepack":
		return nodeTool(prog, words)
	case "uvx":
		return pythonPackage(args)
	case "uv", "pipx":
		return pythonTool(prog, words)
	case "docker", "podman", "nerdctl", "container":
		return container(words)
	case "go":
		if len(args) > 1 && args[0] == "run" {
			i := skipFlags(args[1:], set("-C", "-tags", "-ldflags", "-mod", "-exec"), nil) + 1
			if i < len(args) && strings.Contains(args[i], "@") {
				name, _, _ := strings.Cut(args[i], "@")
				return launch{kind: launchGo, name: name, spec: args[i], rest: args[i+1:]}
			}
		}
	case "node", "tsx", "ts-node", "ruby", "php", "java", "dotnet", "perl":
		return script(words)
	}
	if strings.HasPrefix(prog, "python") || prog == "py" || strings.HasPrefix(prog, "pypy") {
		for i, a := range args {
			if a == "-m" && i+1 < len(args) {
				return launch{kind: launchModule, name: args[i+1], spec: args[i+1], rest: args[i+2:]}
			}
			if !strings.HasPrefix(a, "-") {
				break
			}
		}
		return script(words)
	}
	return launch{kind: launchLocal, path: words[0], rest: args}
}

func script(words []string) launch {
	i := skipFlags(words[1:], runtimeValued, nil) + 1
	if i < len(words) {
		return launch{kind: launchLocal, path: words[i], rest: words[i+1:]}
	}
	return launch{kind: launchLocal, path: words[0]}
}

// nodePackage reads what follows npx and its kin: flags, the package, its arguments.
func nodePackage(args []string) launch {
	l := launch{kind: launchNode}
	i := 0
	for i < len(args) {
		a := args[i]
		if v, ok := strings.CutPrefix(a, "--package="); ok {
			l.spec = v
			i++
			continue
		}
		if (a == "-p" || a == "--package") && i+1 < len(args) {
			l.spec = args[i+1]
			i += 2
			continue
		}
		n := skipFlags(args[i:i+1], nil, nil)
		if n == 0 {
			break
		}
		i++
		if nodeValued[a] {
			i++
		}
		if a == "--" {
			break
		}
	}
	if i < len(args) {
		if l.spec == "" {
			l.spec = args[i]
		}
		i++
	}
	if i < len(args) {
		l.rest = args[i:]
	}
	l.name, _ = splitNode(l.spec)
	if isPath(l.spec) {
		return launch{kind: launchLocal, path: l.spec, rest: l.rest}
	}
	return l
}

// nodeTool reads pnpm dlx, yarn dlx, npm exec, bun x, deno run.
func nodeTool(prog string, words []string) launch {
	args := words[1:]
	i := skipFlags(args, set("--cwd", "--prefix", "-C", "--dir", "--filter", "-F", "-w"), nil)
	if i >= len(args) {
		return launch{kind: launchLocal, path: words[0]}
	}
	verb, rest := args[i], args[i+1:]
	switch {
	case prog == "corepack":
		return runner(program(verb), args[i:])
	case prog == "pnpm" && verb == "dlx", prog == "yarn" && verb == "dlx", prog == "bun" && verb == "x",
		prog == "npm" && (verb == "exec" || verb == "x"):
		return nodePackage(rest)
	case prog == "deno" && verb == "run":
		j := skipFlags(rest, runtimeValued, nil)
		if j < len(rest) {
			spec := rest[j]
			for _, p := range []string{"npm:", "jsr:"} {
				if s, ok := strings.CutPrefix(spec, p); ok {
					name, _ := splitNode(s)
					return launch{kind: launchNode, name: name, spec: s, rest: rest[j+1:]}
				}
			}
			return launch{kind: launchLocal, path: spec, rest: rest[j+1:]}
		}
	case prog == "bun" && verb == "run":
		return script(append([]string{prog}, rest...))
	case prog == "bun" && isPath(verb):
		return launch{kind: launchLocal, path: verb, rest: rest}
	}
	return launch{kind: launchLocal, path: words[0], rest: args}
}

// pythonPackage reads what follows uvx: --from SPEC PROGRAM, or SPEC.
func pythonPackage(args []string) launch {
	l := launch{kind: launchPython}
	from := ""
	for i, a := range args {
		if v, ok := strings.CutPrefix(a, "--from="); ok {
			from = v
		} else if (a == "--from" || a == "--spec") && i+1 < len(args) {
			from = args[i+1]
		} else if v, ok := strings.CutPrefix(a, "--spec="); ok {
			from = v
		}
		if !strings.HasPrefix(a, "-") && (i == 0 || !pythonValued[args[i-1]]) {
			break
		}
	}
	i := skipFlags(args, pythonValued, nil)
	if i < len(args) {
		l.spec = args[i]
		l.rest = args[i+1:]
	}
	l.name, _ = splitPython(l.spec)
	if from != "" {
		l.spec = from
		l.from, _ = splitPython(from)
	}
	if isPath(l.spec) {
		return launch{kind: launchLocal, path: l.spec, name: l.name, rest: l.rest}
	}
	return l
}

// pythonTool reads uv tool run, uv run, pipx run.
func pythonTool(prog string, words []string) launch {
	args := words[1:]
	i := skipFlags(args, pythonValued, nil)
	if i >= len(args) {
		return launch{kind: launchLocal, path: words[0]}
	}
	verb, rest := args[i], args[i+1:]
	switch {
	case prog == "pipx" && verb == "run":
		return pythonPackage(rest)
	case prog == "uv" && verb == "tool" && len(rest) > 0 && rest[0] == "run":
		return pythonPackage(rest[1:])
	case prog == "uv" && verb == "run":
		return uvRun(words[0], rest)
	}
	return launch{kind: launchLocal, path: words[0], rest: args}
}

// uvRun reads uv run [--with SPEC] PROGRAM: a project's own program, or one that --with brings.
func uvRun(prog string, args []string) launch {
	with := ""
	for i, a := range args {
		if a == "--with" && i+1 < len(args) && with == "" {
			with = args[i+1]
		}
		if v, ok := strings.CutPrefix(a, "--with="); ok && with == "" {
			with = v
		}
		if a == "-m" || a == "--module" {
			if i+1 < len(args) {
				return launch{kind: launchModule, name: args[i+1], spec: args[i+1], rest: args[i+2:]}
			}
		}
	}
	i := skipFlags(args, pythonValued, nil)
	if i >= len(args) {
		return launch{kind: launchLocal, path: prog}
	}
	target := args[i]
	if strings.HasPrefix(program(target), "python") {
		return runner(program(target), args[i:])
	}
	if with != "" && !isPath(target) {
		name, _ := splitPython(with)
		return launch{kind: launchPython, name: target, from: name, spec: with, rest: args[i+1:]}
	}
	return launch{kind: launchLocal, path: target, rest: args[i+1:]}
}

// container reads docker run [flags] IMAGE. docker mcp gateway run is the program docker-mcp-gateway.
func container(words []string) launch {
	args := words[1:]
	i := skipFlags(args, globalContainerValued, nil)
	if i < len(args) && args[i] == "container" {
		i++
	}
	if i >= len(args) {
		return launch{kind: launchLocal, path: words[0]}
	}
	if args[i] == "mcp" {
		return launch{kind: launchLocal, name: "docker-mcp-gateway", path: words[0], rest: args[i:]}
	}
	if args[i] != "run" && args[i] != "create" {
		return launch{kind: launchLocal, path: words[0], rest: args}
	}
	j := i + 1 + skipFlags(args[i+1:], containerValued, nil)
	if j >= len(args) {
		return launch{kind: launchLocal, path: words[0], rest: args}
	}
	name, _, _ := splitImage(args[j])
	return launch{kind: launchContainer, name: name, spec: args[j], rest: args[j+1:]}
}

// isPath tells a place on disk from a package name.
func isPath(s string) bool {
	return s == "." || strings.HasPrefix(s, "./") || strings.HasPrefix(s, "../") || strings.HasPrefix(s, "/") || strings.HasPrefix(s, "~/") ||
		strings.HasPrefix(s, "file:") || len(s) > 2 && s[1] == ':' && (s[2] == '\\' || s[2] == '/') || strings.Contains(s, "${workspaceFolder}") ||
		strings.HasPrefix(s, "$HOME/") || strings.HasPrefix(s, "${HOME}/") ||
		path.Ext(s) == ".py" || path.Ext(s) == ".js" || path.Ext(s) == ".ts" || path.Ext(s) == ".whl"
}
