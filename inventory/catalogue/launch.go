package catalogue

import (
	"path"
	"strings"
)

// What a command line starts.
const (
	launchLocal     = iota // a program or script on disk
	launchNode             // an npm package
	launchPython           // a PyPI package
	launchModule           // an installed Python module
	launchContainer        // a container image
	launchGo               // a Go module at a version
)

// launch is a command line taken apart.
type launch struct {
	kind int
	name string // package, module or image, without version
	spec string // as written, with version
	from string // package that brings the program, where that differs (uvx --from)
	path string // program or script on disk
	rest []string
}

// Flags of the runners that take the next word as their value. A flag not listed here stands alone.
var (
	nodeValued   = set("-c", "--call", "--cache", "--registry", "-w", "--workspace", "--userconfig", "--prefix", "--loglevel", "--node-options")
	pythonValued = set("--from", "--with", "--with-editable", "--with-requirements", "-p", "--python", "--index-url", "-i",
		"--index", "--default-index", "--extra-index-url", "--find-links", "-f", "--directory", "--project", "--env-file", "--cache-dir",
		"--config-file", "--constraints", "-c", "--constraint", "--overrides", "--build-constraints", "-b", "--refresh-package",
		"--upgrade-package", "-P", "--reinstall-package", "--resolution", "--prerelease", "--index-strategy", "--keyring-provider",
		"--link-mode", "--python-platform", "--exclude-newer", "--color", "--allow-insecure-host", "--extra", "--group", "--package",
		"--spec", "--pip-args", "--only-group", "--no-group", "--suffix")
	containerValued = set("-e", "--env", "--env-file", "-v", "--volume", "--mount", "--name", "-p", "--publish", "--network", "--net",
		"-u", "--user", "-w", "--workdir", "--entrypoint", "--platform", "--pull", "-h", "--hostname", "-m", "--memory", "--cpus",
		"--cap-add", "--cap-drop", "--security-opt", "--add-host", "--label", "-l", "--tmpfs", "--gpus", "--dns", "--restart",
		"--runtime", "--ulimit", "--shm-size", "--device", "--group-add", "--ipc", "--pid", "--userns", "--log-driver", "--log-opt",
		"--stop-timeout", "--stop-signal", "--expose", "--link", "--volumes-from", "--cidfile", "--memory-swap", "--pids-limit", "-a",
		"--attach", "--annotation", "--dns-search", "--ip", "--mac-address", "--network-alias", "--cpu-shares", "-c", "--cpuset-cpus")
	globalContainerValued = set("--context", "-c", "--host", "-H", "--config", "--log-level", "-l", "--tlscacert", "--tlscert", "--tlskey",
		"--connection", "--url", "--root", "--namespace", "-n")
	runtimeValued = set("-r", "--require", "--import", "--loader", "--env-file", "--env-file-if-exists", "--conditions", "-C", "-W", "-X",
		"--config", "--tsconfig", "--project", "--import-map", "--lock", "--inspect-brk", "--max-old-space-size")
	wrapperValued = set("-u", "--unset", "--project", "-p", "--config", "-c", "--env", "-e", "--env-file", "-f", "--scope", "--path",
		"--projectId", "--account", "-n", "--nice", "-g", "--group", "--chdir", "-C", "-d", "--distribution", "--user")
)

func set(words ...string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}

const maxWrappers = 8

// parseLaunch takes a command line apart. A command that holds spaces and has no args is split as a shell would at
// blanks; wrappers (env, sh -c, cmd /c, sudo, op run --, mise exec --) are looked through.
func parseLaunch(command string, args []string) launch {
	words := append([]string{command}, args...)
	if len(args) == 0 && strings.ContainsAny(strings.TrimSpace(command), " \t") && !looksLikePath(command) {
		words = fields(command)
	}
	for range maxWrappers {
		next, ok := unwrap(words)
		if !ok {
			break
		}
		words = next
	}
	if len(words) == 0 {
		return launch{}
	}
	return runner(program(words[0]), words)
}

// looksLikePath tells "C:\Program Files\x.exe" and "/opt/My App/x" from a command line in one string.
func looksLikePath(s string) bool {
	return strings.HasPrefix(s, "/") && !strings.Contains(s, " -") || len(s) > 2 && s[1] == ':' && !strings.Contains(s, " -")
}

// program is the plain name of a program: /usr/local/bin/npx and npx.cmd are npx.
func program(word string) string {
	p := strings.ToLower(path.Base(strings.ReplaceAll(word, `\`, "/")))
	for _, ext := range []string{".exe", ".cmd", ".bat", ".ps1"} {
		p = strings.TrimSuffix(p, ext)
	}
	return p
}

// unwrap removes one program that only starts another.
func unwrap(words []string) ([]string, bool) {
	if len(words) < 2 {
		return nil, false
	}
	rest := words[1:]
	switch program(words[0]) {
	case "cmd":
		if strings.EqualFold(rest[0], "/c") || strings.EqualFold(rest[0], "/k") {
			return joined(rest[1:]), len(rest) > 1
		}
	case "sh", "bash", "zsh", "dash", "fish", "pwsh", "powershell":
		for i, a := range rest {
			if strings.HasPrefix(a, "-") && !strings.HasPrefix(a, "--") && strings.HasSuffix(strings.ToLower(a), "c") && i+1 < len(rest) {
				return lastCommand(rest[i+1]), true
			}
			if strings.EqualFold(a, "-command") && i+1 < len(rest) {
				return joined(rest[i+1:]), true
			}
		}
	case "env", "sudo", "nice", "nohup", "time", "exec", "stdbuf", "wsl", "command":
		i := skipFlags(rest, wrapperValued, func(a string) bool { return strings.Contains(a, "=") && !strings.HasPrefix(a, "-") })
		return rest[i:], i < len(rest)
	case "op", "doppler", "infisical", "dotenvx", "dotenv", "mise", "direnv", "aws-vault", "chamber", "teller", "rtx", "envchain", "with-env":
		for i, a := range rest {
			if a == "--" && i+1 < len(rest) {
				return rest[i+1:], true
			}
		}
	}
	return nil, false
}

// joined splits a single word that holds a whole command line.
func joined(words []string) []string {
	if len(words) == 1 {
		return lastCommand(words[0])
	}
	return words
}

// lastCommand is the command that a shell line ends with: what stands before it (cd, exports) prepares it.
func lastCommand(line string) []string {
	for _, sep := range []string{"&&", ";", "\n"} {
		if i := strings.LastIndex(line, sep); i >= 0 && strings.TrimSpace(line[i+len(sep):]) != "" {
			line = line[i+len(sep):]
		}
	}
	w := fields(line)
	for len(w) > 1 && (w[0] == "exec" || strings.Contains(w[0], "=") && !strings.HasPrefix(w[0], "-")) {
		w = w[1:]
	}
	return w
}

// fields splits at blanks outside quotes.
func fields(line string) []string {
	var out []string
	var b strings.Builder
	quote, open := rune(0), false
	flush := func() {
		if open {
			out = append(out, b.String())
		}
		b.Reset()
		open = false
	}
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			b.WriteRune(r)
		case r == '"' || r == '\'':
			quote, open = r, true
		case r == ' ' || r == '\t' || r == '\n' || r == '\r':
			flush()
		default:
			b.WriteRune(r)
			open = true
		}
	}
	flush()
	return out
}

// skipFlags returns the index of the first word that is no flag, no value of one, and that more does not take.
func skipFlags(words []string, valued map[string]bool, more func(string) bool) int {
	i := 0
	for i < len(words) {
		a := words[i]
		switch {
		case a == "--":
			return i + 1
		case strings.HasPrefix(a, "-") && a != "-":
			i++
			if valued[a] {
				i++
			}
		case more != nil && more(a):
			i++
		default:
			return i
		}
	}
	return len(words)
}
