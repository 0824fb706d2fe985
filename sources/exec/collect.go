package exec

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/schema"
	"nhitop/sources"
	"nhitop/sources/internal/records"
)

// message is a line that is no record.
type message struct {
	APIVersion string         `json:"apiVersion"`
	Kind       string         `json:"kind"`
	Type       string         `json:"type"`
	Text       string         `json:"text"`
	Complete   bool           `json:"complete"`
	Counts     map[string]int `json:"counts"`
	Warnings   []string       `json:"warnings"`
}

const (
	maxFaults = 20  // told of one collection
	maxSaying = 500 // of its own warnings that are passed on; of its progress, every hundredth after that
)

// collecting is one inventory.
type collecting struct {
	*Source
	sink   inventory.Sink
	take   *records.Taker
	line   int
	counts map[string]int // records that were taken
	faults int
	told   int
	saying int // warnings of its own
	steps  int // messages of progress
	done   bool
	whole  bool
	late   bool // something came after done
}

var errVersion = errors.New("speaks another version of the protocol than " + APIVersion)

// Collect implements sources.Source.
func (s *Source) Collect(ctx context.Context, sink inventory.Sink) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	sink.Progress("asking " + s.o.Command + " what it is")
	if _, err := s.describe(ctx); err != nil {
		return s.failed(sink, err)
	}
	x := newCollecting(s, sink)
	sink.Progress("asking " + s.o.Command + " what there is")
	if err := s.call(ctx, request{Verb: verbInventory}, x.hear); err != nil {
		return s.failed(sink, err)
	}
	return x.verdict()
}

func newCollecting(s *Source, sink inventory.Sink) *collecting {
	x := &collecting{Source: s, sink: sink, counts: map[string]int{}}
	x.take = &records.Taker{Sink: sink, Kind: Kind, Name: s.name, Mark: x.mark}
	x.take.Begin(s.o.Command)
	return x
}

// failed writes the end of a plugin into the ledger.
func (s *Source) failed(sink inventory.Sink, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	text := inventory.Clean(err.Error())
	sink.Looked(inventory.Looked{Path: s.o.Command, State: inventory.LookedFailed, Reason: text})
	return fmt.Errorf("the plugin %w", err)
}

// understood reports whether a version is one of ours.
func understood(v string) bool {
	rest, ok := strings.CutPrefix(v, major)
	return ok && (rest == "" || rest[0] < '0' || rest[0] > '9')
}

// hear takes one line of an inventory.
func (x *collecting) hear(r *run, line []byte) error {
	x.line++
	x.take.Mask = r.mask
	if x.done {
		x.late = true
		return nil
	}
	var m message
	if json.Unmarshal(line, &m) != nil {
		// A field may be of another type than a message has it: the reader of records tells which.
		var head struct {
			Type string `json:"type"`
		}
		if json.Unmarshal(line, &head) != nil {
			x.tell(schema.Fault{Line: x.line, Text: "is no JSON object"})
			return nil
		}
		m = message{Type: head.Type}
	}
	switch {
	case m.APIVersion != "" && !understood(m.APIVersion):
		return errVersion
	case m.Kind == "InventoryDone" || m.Type == "done":
		x.end(r, m)
	case m.Type != "":
		faults := x.take.Take(m.Type, line, x.line)
		if !schema.Refused(faults) {
			x.counts[m.Type]++
		}
		x.tell(faults...)
	case m.APIVersion == "":
		x.tell(schema.Fault{Line: x.line, Text: "is neither a record (type) nor a message (apiVersion and kind)"})
	case m.Kind == "Progress":
		if x.steps++; x.steps <= maxSaying || x.steps%100 == 0 {
			x.sink.Progress(r.text(m.Text))
		}
	case m.Kind == "Warning" && x.talks():
	case m.Kind == "Warning":
		x.sink.Warn(inventory.Warning{Path: x.o.Command, Text: r.text(m.Text)})
	default:
		x.tell(schema.Fault{Line: x.line, Field: "kind", Text: "is not known and was passed over", Extra: true})
	}
	return nil
}

// end takes the plugin's own word about what it told, and holds it against what came.
func (x *collecting) end(r *run, m message) {
	x.done, x.whole = true, m.Complete
	for _, k := range inventory.SortedKeys(m.Counts) {
		if got := x.counts[k]; got != m.Counts[k] {
			x.tell(schema.Fault{Line: x.line, Field: "counts", Text: fmt.Sprintf("it says %d of one kind of record, and told %d", m.Counts[k], got)})
		}
	}
	for _, w := range m.Warnings {
		if x.talks() {
			return
		}
		x.sink.Warn(inventory.Warning{Path: x.o.Command, Text: r.text(w)})
	}
}

// talks says that the plugin has said enough of its own, and tells so once.
func (x *collecting) talks() bool {
	if x.saying++; x.saying == maxSaying+1 {
		x.sink.Warn(inventory.Warning{Path: x.o.Command, Text: fmt.Sprintf("it has more than %d warnings of its own; the rest is not told", maxSaying)})
	}
	return x.saying > maxSaying
}

// tell counts and tells what is wrong.
func (x *collecting) tell(faults ...schema.Fault) {
	for _, f := range faults {
		if x.told++; x.told <= maxFaults {
			x.sink.Warn(inventory.Warning{Path: x.o.Command, Line: f.Line, Text: strings.TrimPrefix(f.String(), fmt.Sprintf("line %d: ", f.Line))})
		} else if x.told == maxFaults+1 {
			x.sink.Warn(inventory.Warning{Path: x.o.Command, Text: "there is more that is wrong; it is not told"})
		}
	}
	if schema.Refused(faults) {
		x.faults++
	}
}

// verdict says whether what was told is all there is.
func (x *collecting) verdict() error {
	why := ""
	switch {
	case !x.done:
		why = "it ended without InventoryDone"
	case x.late:
		why = "it went on after InventoryDone"
	case x.faults > 0:
		why = fmt.Sprintf("%d of its lines are wrong; they are told among the warnings", x.faults)
	case !x.whole:
		why = "it says itself that it could not read everything"
	}
	if why == "" {
		x.sink.Looked(inventory.Looked{Path: x.o.Command, State: inventory.LookedRead})
		return nil
	}
	x.sink.Looked(inventory.Looked{Path: x.o.Command, State: inventory.LookedFailed, Reason: why})
	return fmt.Errorf("%w: the plugin: %s; what it does not name is not taken for gone", sources.ErrPartial, why)
}
