package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/sources"
	"nhitop/sources/internal/doc"
)

// collection is one run of the source.
type collection struct {
	src  *Source
	ctx  context.Context
	sink inventory.Sink
	cat  *catalogue.Catalogue
	now  time.Time
	log  ledger

	homes   []*home
	paths   []string
	within  roots // every home and path
	machine roots // where managed and system files may lie
	disk    disk
	names   *names
	visit   repoVisitor // pipelines; nil: not read
	failed  []string    // roots that could not be read
	lost    int         // roots that were not read, for whatever reason

	managed   map[string][]*source // files of the machine by product
	projects  map[string]*project  // by folder
	links     [][2]string          // real path and the one that the operator gave
	visited   map[string]struct{}  // folders in which the walk found known names
	steeredBy map[string]int       // how many products an instruction file steers, by name
	resources map[inventory.ID]bool
}

// source is one file of a product, or a credential file, as it was found.
type source struct {
	entry  *catalogue.Assistant
	row    *catalogue.File
	path   string
	real   string
	shown  string
	mode   fs.FileMode
	doc    *doc.Doc // nil where it was not understood at all
	data   []byte   // dropped once the secrets are found
	broken bool     // understood in part
	backup bool
	repo   bool // in a project: Location.Scope
	tree   *tree
	home   *home // nil for files of the machine
}

func (s *Source) begin(ctx context.Context, sink inventory.Sink) (*collection, error) {
	c := &collection{
		src: s, ctx: ctx, sink: sink, cat: s.catalogue, now: s.env.Now(),
		paths: s.paths(), names: newNames(s.catalogue),
		disk: s.disk(), managed: map[string][]*source{}, projects: map[string]*project{},
		machine: newRoots(s.opt.Root), visited: map[string]struct{}{}, steeredBy: map[string]int{},
		resources: map[inventory.ID]bool{},
	}
	for i := range s.catalogue.Assistants {
		for _, name := range s.catalogue.Assistants[i].Instructions {
			c.steeredBy[name]++
		}
	}
	dirs := s.homes()
	for _, d := range dirs {
		c.homes = append(c.homes, c.newHome(d, len(dirs) == 1))
	}
	c.within = newRoots(slices.Concat(dirs, c.paths)...)
	if len(dirs) == 0 && len(c.paths) == 0 {
		return nil, errors.New("nothing to read: no home and no path is known; name one with homes or paths, or with --home or --path")
	}
	c.visit = c.pipelines()
	return c, ctx.Err()
}

// run reads homes first, then projects: what a project's files come to depends on the home.
func (c *collection) run() error {
	c.readMachine()
	for _, h := range c.homes {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		c.sink.Progress("reading " + h.shown)
		c.readHome(h)
	}
	c.scanMachine()
	if err := c.walkPaths(); err != nil {
		return err
	}
	c.followKnown()
	if err := c.readProjects(); err != nil {
		return err
	}
	c.sink.Progress("")
	if c.lost > 0 && c.lost == len(c.homes)+len(c.paths) {
		return errors.New("none of the homes and paths is there")
	}
	if len(c.failed) > 0 {
		return fmt.Errorf("%w: %s", sources.ErrPartial, strings.Join(c.failed, "; "))
	}
	return nil
}

// finish writes ledger and warnings, also of a run that was cut short.
func (c *collection) finish() { c.log.flush(c.sink) }

// lostRoot notes a home or path that cannot be read. One that is not there is said and no failure: there is nothing to
// be read.
func (c *collection) lostRoot(what, dir string, err error) {
	state, reason := whyNot(err, false)
	reason = cmp.Or(reason, "not there, or not a folder")
	c.look(dir, state, "", what+": "+reason, 0)
	c.log.warn(inventory.Warning{Path: c.show(dir), Text: "this " + what + " was not read: " + reason})
	c.lost++
	if state != inventory.LookedAbsent {
		c.failed = append(c.failed, "the "+what+" "+dir+" was not read: "+reason)
	}
}

// show writes a path for a reader: "~/" for the scanned home where there is one only, else absolute, as the machine calls
// it that it is from.
func (c *collection) show(path string) string {
	if len(c.homes) != 1 {
		return c.disk.shown(path)
	}
	h := c.homes[0]
	for _, dir := range []string{h.dir, h.real} {
		if path == dir {
			return "~"
		}
		if dir != "" && below(dir, path) {
			return "~/" + filepath.ToSlash(strings.TrimPrefix(path[len(dir):], string(filepath.Separator)))
		}
	}
	return c.disk.shown(path)
}

// look writes a line of the ledger about a path of this machine.
func (c *collection) look(path, state, assistant, reason string, line int) {
	c.log.look(inventory.Looked{Path: c.show(path), State: state, Assistant: assistant, Reason: reason, Line: line})
}

// read reads one file into the ledger. It returns false when there is nothing to go on with.
func (c *collection) read(path string, in roots, assistant string) (content, bool) {
	got := readFile(path, in, c.src.opt.MaxFileBytes)
	if got.State != inventory.LookedRead {
		c.look(path, got.State, assistant, got.Reason, 0)
		return got, false
	}
	return got, true
}

// parse reads and parses one file, and notes in the ledger what became of it. It returns false when nothing stands
// there; a file that was not understood is returned all the same, for its lines may hold secrets.
func (c *collection) parse(s *source, format doc.Format, in roots, assistant string) bool {
	got, ok := c.read(s.path, in, assistant)
	s.mode, s.real = got.Mode, got.Real
	if !ok {
		return false
	}
	s.shown, s.data = c.show(s.path), got.Data
	if len(strings.TrimSpace(string(trimBOM(got.Data)))) == 0 {
		c.look(s.path, inventory.LookedRead, assistant, "empty", 0)
		return true
	}
	d, err := doc.ParseLimits(format, got.Data, doc.Limits{MaxBytes: int(min(c.src.opt.MaxFileBytes, 1<<30))})
	s.doc, s.broken = d, err != nil
	var de *doc.Error
	switch {
	case err == nil:
		state, reason, line := s.understood()
		c.look(s.path, state, assistant, reason, line)
	case errors.As(err, &de):
		reason := "not understood: " + de.Msg
		if d != nil {
			reason = "understood in part: " + de.Msg
		}
		c.look(s.path, inventory.LookedUnparsed, assistant, reason, de.Line)
		c.log.warn(inventory.Warning{Path: s.shown, Line: de.Line, Text: reason})
	default:
		c.look(s.path, inventory.LookedUnparsed, assistant, "not understood", 0)
	}
	return true
}

// understood says whether a parsed file is of a version of its format that the catalogue's rows were made for. Of another
// version it is read all the same: what it holds is there whether we know its format or not.
func (s *source) understood() (state, reason string, line int) {
	if s.row == nil || s.row.Schema.Pointer == "" {
		return inventory.LookedRead, "", 0
	}
	n := s.doc.At(s.row.Schema.Pointer)
	if n == nil || slices.Contains(s.row.Schema.Known, n.Text) {
		return inventory.LookedRead, "", 0
	}
	return inventory.LookedVersion, fmt.Sprintf("its format is of a version that is not known (known: %s); read as far as it is understood",
		strings.Join(s.row.Schema.Known, ", ")), n.Line
}

func trimBOM(b []byte) []byte {
	if len(b) >= 3 && string(b[:3]) == "\xef\xbb\xbf" {
		return b[3:]
	}
	return b
}

// evidence of a file as a whole.
func (s *source) evidence(note string) inventory.Evidence {
	return inventory.Evidence{Path: s.shown, Note: note}
}

// at is evidence of one value in the file.
func (s *source) at(n *doc.Node, note string) inventory.Evidence {
	return inventory.Evidence{Path: s.shown, Pointer: doc.SafePointer(n.Pointer), Line: n.Line, Note: note}
}
