package local

import (
	"path/filepath"
	"strings"
)

// disk is another machine's disk that is mounted here. Its paths are shown as that machine calls them, so that they mean
// the same wherever it is mounted. The zero value is this machine's own.
type disk struct {
	root string // absolute, links resolved; "" for this machine
	as   string // as the operator wrote it, absolute
}

func (s *Source) disk() disk {
	if s.opt.Host == "" {
		return disk{}
	}
	as, err := filepath.Abs(s.opt.Root)
	if err != nil {
		return disk{}
	}
	if real, err := filepath.EvalSymlinks(as); err == nil {
		return disk{root: real, as: as}
	}
	return disk{root: as, as: as}
}

// shown writes a path as the machine calls it.
func (d disk) shown(path string) string {
	if d.root == "" {
		return path
	}
	for _, dir := range []string{d.as, d.root} {
		if path != dir && below(dir, path) {
			return path[len(dir):]
		}
	}
	return path
}

// here is where a path of the machine lies on this one; "" for this machine's own.
func (d disk) here(shown string) string {
	if d.root == "" || !strings.HasPrefix(shown, "/") && !filepath.IsAbs(shown) {
		return ""
	}
	return filepath.Join(d.root, filepath.FromSlash(shown))
}
