package exec

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/BurntSushi/toml"

	"nhitop/inventory/strict"
	"nhitop/sources/exec/starter"
)

// Beside returns the options of a plugin from the table in a file beside it, PATH.toml, or in the one that is named; the
// defaults where there is none beside it. The table is that of the configuration without command and sha256. Errors name file and key.
func Beside(program, table string) (Options, error) {
	o := defaults
	abs, err := filepath.Abs(program)
	if err != nil {
		return o, err
	}
	if st, err := os.Stat(abs); err != nil || !st.Mode().IsRegular() {
		return o, fmt.Errorf("%s: there is no such program", program)
	}
	dir, err := filepath.EvalSymlinks(filepath.Dir(abs))
	if err != nil {
		return o, err
	}
	named := table != ""
	if !named {
		table = abs + starter.TableSuffix
	}
	md, err := toml.DecodeFile(table, &o)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !named:
	case err != nil:
		return o, fmt.Errorf("%s: %w", table, err)
	case o.Command != "" || o.SHA256 != "":
		return o, fmt.Errorf("%s: leave command and sha256 out: they are those of %s", table, program)
	}
	if left := md.Undecoded(); len(left) > 0 {
		return o, fmt.Errorf("%s: %s: unknown key; %s", table, left[0], strict.Advise(left[0].String(), keys()))
	}
	o.Command = filepath.Join(dir, filepath.Base(abs))
	if o.Name == "" {
		o.Name = nameOf(o.Command)
	}
	return o, nil
}

// keys are those of a table.
func keys() []string {
	return []string{"name", "config", "secrets", "revoke", "revoke_secrets", "env", "read", "write", "ports", "timeout_seconds", "max_output", "max_memory", "max_processes"}
}

// nameOf makes a name of a program's.
func nameOf(program string) string {
	base := strings.TrimSuffix(filepath.Base(program), filepath.Ext(program))
	name := strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return '-'
	}, base)
	return name[:min(len(name), 40)]
}

// Pinned returns the table of the configuration for a plugin: with the digest of the program as it is now, and what stands in
// the table beside it.
func Pinned(program, table string) (string, error) {
	o, err := Beside(program, table)
	if err != nil {
		return "", err
	}
	if o.SHA256, err = Pin(o.Command); err != nil {
		return "", err
	}
	if table == "" {
		table = o.Command + starter.TableSuffix
	}
	rest, err := os.ReadFile(table)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	var b strings.Builder
	b.WriteString("\n[[sources.exec]]\n")
	if !strings.Contains("\n"+string(rest), "\nname") {
		fmt.Fprintf(&b, "name = %q\n", o.Name)
	}
	fmt.Fprintf(&b, "command = %q\nsha256 = %q\n", o.Command, o.SHA256)
	for line := range strings.Lines(string(rest)) {
		if !strings.HasPrefix(line, "##") {
			b.WriteString(strings.TrimRight(line, "\n") + "\n")
		}
	}
	return b.String(), nil
}
