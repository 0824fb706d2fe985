package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/schema"
	"nhitop/sources"
	"nhitop/sources/internal/records"
)

const (
	maxFiles  = 10_000
	maxFaults = 20 // told of one file
)

var extensions = []string{".json", ".jsonl", ".ndjson", ".csv", ".sarif"}

// reading is one reading of one file.
type reading struct {
	*Source
	ctx    context.Context
	sink   inventory.Sink
	take   *records.Taker
	file   string // as it is shown
	faults int
	told   int
	values int    // secrets' values that stand in it
	short  string // why it is not whole, "" if it is
	passed int    // results of a report that are not about secrets
}

// Collect implements sources.Source.
func (s *Source) Collect(ctx context.Context, sink inventory.Sink) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	top := s.path(s.o.Path)
	files, whole, err := s.files(top, sink)
	if err != nil {
		return err
	}
	take := &records.Taker{Sink: sink, Kind: Kind, Name: s.name, KeepIDs: true}
	bad := 0
	for _, f := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		sink.Progress("reading " + s.shown(f))
		x := &reading{Source: s, ctx: ctx, sink: sink, take: take, file: s.shown(f)}
		if !x.read(f) {
			bad++
		}
	}
	if bad == 0 && whole {
		return ctx.Err()
	}
	return errors.Join(ctx.Err(), fmt.Errorf("%w: %d of %d files are not whole; what they do not name is not taken for gone", sources.ErrPartial, max(bad, 1), max(len(files), 1)))
}

// files lists what is to be read, in order.
func (s *Source) files(top string, sink inventory.Sink) (list []string, whole bool, err error) {
	if top == stdin {
		return []string{top}, true, nil
	}
	st, err := os.Stat(top)
	if err != nil {
		state := inventory.LookedDenied
		if errors.Is(err, fs.ErrNotExist) {
			state = inventory.LookedAbsent
		}
		sink.Looked(inventory.Looked{Path: s.shown(top), State: state, Reason: "it cannot be opened"})
		return nil, false, fmt.Errorf("%s cannot be opened: %w", s.shown(top), reason(err))
	}
	if !st.IsDir() {
		return []string{top}, true, nil
	}
	whole = true
	skip := func(p, state, why string) {
		whole = false
		sink.Looked(inventory.Looked{Path: s.shown(p), State: state, Reason: why})
	}
	err = filepath.WalkDir(top, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			skip(p, inventory.LookedDenied, "it cannot be listed")
			return nil
		case d.IsDir() || !slices.Contains(extensions, strings.ToLower(filepath.Ext(p))):
			return nil
		case d.Type()&fs.ModeSymlink != 0:
			skip(p, inventory.LookedLinkOut, "links in a folder are not followed")
		case !d.Type().IsRegular():
			skip(p, inventory.LookedNotRegular, "no regular file")
		case len(list) >= maxFiles:
			skip(p, inventory.LookedSkipped, fmt.Sprintf("more than %d files", maxFiles))
			return fs.SkipAll
		default:
			list = append(list, p)
		}
		return nil
	})
	sink.Looked(inventory.Looked{Path: s.shown(top), State: inventory.LookedRead, Whole: whole})
	return list, whole, err
}

// reason is an error of the system without the path, which is told in our own form.
func reason(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// load reads a file up to the limit.
func (x *reading) load(f string) (data []byte, state string, err error) {
	if f == stdin {
		data, err = x.input()
	} else {
		data, state, err = x.open(f)
	}
	switch {
	case err != nil && state == "":
		return nil, inventory.LookedDenied, err
	case err != nil:
		return nil, state, err
	case int64(len(data)) > x.o.MaxBytes:
		return nil, inventory.LookedTooLarge, fmt.Errorf("larger than max_bytes (%d)", x.o.MaxBytes)
	}
	return data, "", nil
}

func (x *reading) open(f string) ([]byte, string, error) {
	st, err := os.Stat(f)
	if err != nil {
		return nil, inventory.LookedVanished, reason(err)
	}
	if !st.Mode().IsRegular() {
		return nil, inventory.LookedNotRegular, errors.New("no regular file")
	}
	h, err := os.Open(f)
	if err != nil {
		return nil, inventory.LookedDenied, reason(err)
	}
	defer func() { _ = h.Close() }()
	data, err := io.ReadAll(io.LimitReader(h, x.o.MaxBytes+1))
	return data, "", err
}

// read reads one file and says in the ledger how that went.
func (x *reading) read(f string) (whole bool) {
	data, state, err := x.load(f)
	if err != nil {
		x.sink.Looked(inventory.Looked{Path: x.file, State: state, Reason: err.Error()})
		return false
	}
	x.take.Begin(x.file)
	format := x.o.Format
	if format == auto {
		format = sniff(data, filepath.Ext(f), x.o.Columns != nil)
	}
	if parse := parsers[format]; parse != nil {
		parse(x, data)
	} else {
		x.short = `it is of no known format; name one: format = "..."`
	}
	l := inventory.Looked{Path: x.file, State: inventory.LookedRead}
	switch {
	case x.faults > 0:
		l.State, l.Reason = inventory.LookedUnparsed, fmt.Sprintf("%d faults, told among the warnings; the rest was taken", x.faults)
	case x.short != "":
		l.State, l.Reason = inventory.LookedUnparsed, x.short
	case x.passed > 0:
		l.Reason = fmt.Sprintf("%d entries are not about secrets and services, and are passed over", x.passed)
	}
	x.sink.Looked(l)
	x.exposed(f)
	return l.State == inventory.LookedRead
}

// exposed warns of a report with values that others can read.
func (x *reading) exposed(f string) {
	st, err := os.Stat(f)
	if x.values == 0 || f == stdin || err != nil || st.Mode().Perm()&0o077 == 0 {
		return
	}
	x.sink.Warn(inventory.Warning{Path: x.file, Text: "this report holds the values of secrets and others can read it: delete it, or take their rights away (chmod 600)"})
}

// took counts and tells what is wrong with a record.
func (x *reading) took(faults []schema.Fault) {
	for _, f := range faults {
		if x.told++; x.told <= maxFaults {
			x.sink.Warn(inventory.Warning{Path: x.file, Line: f.Line, Text: strings.TrimPrefix(f.String(), fmt.Sprintf("line %d: ", f.Line))})
		} else if x.told == maxFaults+1 {
			x.sink.Warn(inventory.Warning{Path: x.file, Text: "there is more that is wrong; it is not told"})
		}
	}
	if schema.Refused(faults) {
		x.faults++
	}
}

// wrong is a fault of the file itself.
func (x *reading) wrong(line int, text string) {
	x.took([]schema.Fault{{Line: max(line, 1), Text: text}})
}

// parsers read a whole file, each its format.
var parsers = map[string]func(*reading, []byte){
	fmtJSON: (*reading).document, fmtLines: (*reading).lines, fmtCSV: (*reading).csv, sarif: (*reading).sarif,
	gitleaks: (*reading).gitleaks, trufflehog: (*reading).trufflehog, cyclonedx: (*reading).cyclonedx,
}
