package local

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

const (
	scopeUser    = "user"
	scopeProject = "project"
	scopeLocal   = "local"
	scopeManaged = "managed"
	scopeSystem  = "system"
)

const maxMatches = 5000 // of one pattern with a star

// expand returns the paths below base that a place of the catalogue names. A place without a star gives one path, there
// or not. One with a star gives what is there, sorted; it looks only into folders that lie in the roots.
func expand(base, place string, in roots) []string {
	at := []string{base}
	parts := strings.Split(path.Clean(place), "/")
	for i, part := range parts {
		if !strings.ContainsAny(part, "*?[") {
			for j := range at {
				at[j] = filepath.Join(at[j], part)
			}
			continue
		}
		var next []string
		for _, dir := range at {
			next = append(next, matching(dir, part, i < len(parts)-1, in)...)
			if len(next) > maxMatches {
				next = next[:maxMatches]
				break
			}
		}
		at = next
	}
	return at
}

// matching returns the entries of dir whose name a pattern matches. A star does not stand for the first dot of a name.
func matching(dir, pattern string, folders bool, in roots) []string {
	if _, err := os.Lstat(dir); err != nil {
		return nil // most folders of the catalogue are not there: one look tells it
	}
	real, err := filepath.EvalSymlinks(dir)
	if err != nil || !in.holds(real) {
		return nil
	}
	f, err := openPlain(real)
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }()
	var out []string
	buf := make([]byte, 8<<10)
	_ = readNames(f, buf, func(name []byte, typ fs.FileMode) {
		if len(out) >= maxMatches || name[0] == '.' && pattern[0] != '.' || folders && typ.IsRegular() {
			return
		}
		if ok, err := path.Match(pattern, string(name)); ok && err == nil {
			out = append(out, filepath.Join(dir, string(name)))
		}
	})
	slices.Sort(out)
	return out
}

// inHome cuts the "~/" off a place of a home.
func inHome(place string) (rest string, ok bool) { return strings.CutPrefix(place, "~/") }

// onMachine returns the path of an absolute place below root. A place with a drive letter exists on Windows, or where
// root is a Windows disk that is mounted here.
func onMachine(root, place string) (base, rest string, ok bool) {
	drive := len(place) > 2 && place[1] == ':' && place[2] == '/'
	whole := filepath.Clean(root) == string(filepath.Separator)
	switch {
	case drive && runtime.GOOS == "windows" && whole:
		return place[:3], place[3:], true
	case drive && whole:
		return "", "", false
	case drive:
		return root, place[3:], true
	case strings.HasPrefix(place, "/"):
		return root, place[1:], true
	}
	return "", "", false
}

// backupSuffixes are what programs put behind a file's name when they keep its old content (facts of 2026-11-22: .orig
// Qwen Code, .bak Goose, .bad Cursor).
var backupSuffixes = []string{".orig", ".bak", ".bad", ".old", ".backup*", ".bak.*"}

// backupsOf returns the backups that stand beside a file.
func backupsOf(file string, in roots) []string {
	dir, name := filepath.Split(file)
	beside := matching(filepath.Clean(dir), escapeGlob(name)+".*", false, in)
	return slices.DeleteFunc(beside, func(p string) bool {
		return !slices.ContainsFunc(backupSuffixes, func(s string) bool {
			ok, err := path.Match(s, strings.TrimPrefix(filepath.Base(p), name))
			return ok && err == nil
		})
	})
}

func escapeGlob(s string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(s)
}
