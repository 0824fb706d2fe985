package gitrepo

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"nhitop/sources/internal/gitobj"
)

const (
	maxPointer = 4 << 10 // .git files, commondir, HEAD
	maxConfig  = 1 << 20
	maxOwners  = 3 << 20 // GitHub reads no CODEOWNERS file over 3 MB
	maxPacked  = 8 << 20
	maxIndex   = 192 << 20
)

// Repo is one work tree. All methods may be called from several goroutines; what a method reads it reads once.
type Repo struct {
	root    string // the work tree, absolute
	gitDir  string // of this work tree; "" when it lies outside the allowed roots
	common  string // the folder that holds config and refs: gitDir, or the main repository's for a linked work tree
	home    string
	outside bool

	indexOnce sync.Once
	index     *index

	configOnce sync.Once
	config     facts

	ownersOnce sync.Once
	owners     codeowners

	storyMu sync.Mutex
	stories map[string]gitobj.Story // by path
}

// Option changes how a work tree is opened.
type Option func(*settings)

type settings struct {
	home    string
	allowed []string
}

// Home names the home folder whose .gitconfig and .config/git/config hold for the work tree. Without it only the
// repository's own configuration is read.
func Home(dir string) Option { return func(s *settings) { s.home = dir } }

// Within allows the Git folder of a linked work tree or a submodule to lie in these folders. Without it the Git folder
// must lie inside the work tree.
func Within(roots ...string) Option {
	return func(s *settings) { s.allowed = append(s.allowed, roots...) }
}

// Open opens the work tree whose top folder is root. It reports false when root has no .git. A .git file or link that
// points outside root and the allowed roots is not followed: the work tree is then known, and its index and
// configuration are not.
func Open(root string, opts ...Option) (*Repo, bool) {
	var s settings
	for _, o := range opts {
		o(&s)
	}
	abs, err := filepath.Abs(root)
	if err != nil {
		return nil, false
	}
	dot := filepath.Join(abs, ".git")
	st, err := os.Lstat(dot)
	if err != nil {
		return nil, false
	}
	r := &Repo{root: abs, home: s.home}
	allowed := append([]string{abs}, s.allowed...)
	switch {
	case st.IsDir():
		r.gitDir = dot
	case st.Mode()&fs.ModeSymlink != 0:
		r.gitDir = resolveInside(dot, allowed)
	case st.Mode().IsRegular():
		r.gitDir = resolveInside(gitFileTarget(abs), allowed)
	default:
		return nil, false
	}
	if st.IsDir() && !looksLikeGitDir(dot) {
		return nil, false
	}
	if r.gitDir == "" {
		r.outside = true
		return r, true
	}
	r.common = r.gitDir
	if b, err := readIn(r.gitDir, "commondir", maxPointer); err == nil {
		p := filepath.FromSlash(strings.TrimSpace(string(b)))
		if !filepath.IsAbs(p) {
			p = filepath.Join(r.gitDir, p)
		}
		r.common = resolveInside(p, allowed)
	}
	return r, true
}

// Root returns the top folder of the work tree, absolute.
func (r *Repo) Root() string { return r.root }

// Outside reports that the Git folder lies outside the roots that may be read.
func (r *Repo) Outside() bool { return r.outside }

// looksLikeGitDir keeps an empty folder that is only called .git from passing for a repository.
func looksLikeGitDir(dir string) bool {
	for _, name := range []string{"HEAD", "config", "index"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			return true
		}
	}
	return false
}

// gitFileTarget returns the folder that a .git file points to, or "".
func gitFileTarget(root string) string {
	b, err := readIn(root, ".git", maxPointer)
	if err != nil {
		return ""
	}
	line, _, _ := bytes.Cut(b, []byte("\n"))
	target, ok := strings.CutPrefix(strings.TrimRight(string(line), " \r"), "gitdir:")
	target = strings.TrimSpace(target)
	if !ok || target == "" || strings.ContainsRune(target, 0) {
		return ""
	}
	target = filepath.FromSlash(target)
	if !filepath.IsAbs(target) {
		target = filepath.Join(root, target)
	}
	return target
}

// resolveInside returns path with all links resolved if it is a folder inside one of the roots, else "".
func resolveInside(path string, roots []string) string {
	if path == "" {
		return ""
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return ""
	}
	if st, err := os.Stat(real); err != nil || !st.IsDir() {
		return ""
	}
	for _, root := range roots {
		base, err := filepath.Abs(root)
		if err != nil {
			continue
		}
		if base, err = filepath.EvalSymlinks(base); err != nil {
			continue
		}
		rel, err := filepath.Rel(base, real)
		if err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
			return real
		}
	}
	return ""
}

var (
	errNotRegular = errors.New("not a regular file")
	errTooLarge   = errors.New("too large")
)

// readIn reads a regular file of at most limit bytes below dir. A link that leaves dir is refused, and a FIFO or device
// is not waited for.
func readIn(dir, name string, limit int64) ([]byte, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	st, err := root.Stat(name)
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, errNotRegular
	}
	f, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	if st, err = f.Stat(); err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, errNotRegular
	}
	if st.Size() > limit {
		return nil, errTooLarge
	}
	buf := make([]byte, 0, st.Size()+1)
	w := bytes.NewBuffer(buf)
	n, err := io.Copy(w, io.LimitReader(f, limit+1))
	if err != nil {
		return nil, err
	}
	if n > limit {
		return nil, errTooLarge
	}
	return w.Bytes(), nil
}
