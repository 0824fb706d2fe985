package starter

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

//go:embed plugin.sh plugin.py golang/main.go accounts.txt
var files embed.FS

// language is what a starting point is written in.
type language struct {
	name   string
	file   string // in files
	suffix string // of what is written: a source that must be built
}

var languages = []language{{"shell", "plugin.sh", ""}, {"python", "plugin.py", ""}, {"go", "golang/main.go", ".go"}}

// Languages lists the languages.
func Languages() []string {
	var out []string
	for _, l := range languages {
		out = append(out, l.name)
	}
	return out
}

// Ends of the files that stand beside a plugin.
const (
	TableSuffix    = ".toml"
	accountsSuffix = ".accounts"
)

// Table is what goes into the configuration besides name, command and sha256.
const table = `## What the plugin gets and may do; "nhitop plugin check" uses it, and "nhitop plugin pin" prints it for the configuration.
config = { accounts = %q }
write = [%q]
revoke = true
`

// Write writes a starting point: the program (or what it is built from), its table and the accounts that it speaks for. It
// returns the files, the program first, and overwrites none.
func Write(lang, path string) ([]string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if abs, err = straight(abs); err != nil {
		return nil, err
	}
	for _, l := range languages {
		if l.name == lang {
			return write(l, abs)
		}
	}
	return nil, fmt.Errorf("no starting point in %q; there are %v", lang, Languages())
}

// straight is a path without links in its folders: a plugin is pinned by the path that it really has.
func straight(path string) (string, error) {
	dir, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return "", fmt.Errorf("the folder %s is not there", filepath.Dir(path))
	}
	return filepath.Join(dir, filepath.Base(path)), nil
}

func write(l language, path string) ([]string, error) {
	program, err := files.ReadFile(l.file)
	if err != nil {
		return nil, err
	}
	accounts, err := files.ReadFile("accounts.txt")
	if err != nil {
		return nil, err
	}
	list := []struct {
		path string
		text []byte
		mode fs.FileMode
	}{
		{path + l.suffix, program, 0o700},
		{path + TableSuffix, fmt.Appendf(nil, table, path+accountsSuffix, filepath.Dir(path)), 0o600},
		{path + accountsSuffix, accounts, 0o600},
	}
	var out []string
	for _, f := range list {
		if _, err := os.Lstat(f.path); !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s is there already; nothing was written over it", f.path)
		}
	}
	for _, f := range list {
		if l.suffix != "" && f.path == path+l.suffix {
			f.mode = 0o600
		}
		if err := os.WriteFile(f.path, f.text, f.mode); err != nil {
			return out, err
		}
		out = append(out, f.path)
	}
	return out, nil
}
