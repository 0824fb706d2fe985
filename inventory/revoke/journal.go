package revoke

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/audit/linelog"
)

// Errors of journal and executor.
var (
	ErrTampered = errors.New("was changed after it was made")
	ErrJournal  = errors.New("the journal cannot be written; nothing more is done")
	ErrBusy     = errors.New("another nhitop is carrying out a revocation")
	ErrOpenRun  = errors.New("the run is not at its end; finish it with revoke --resume")
	ErrNoRun    = errors.New("there is no such run")
	ErrEnded    = errors.New("the run is at its end")
)

// Journal is the folder with one file for each run: lines of JSON, synced one by one, whose hashes hang on each other.
type Journal struct{ dir string }

// NewJournal makes the journal in a folder, which is created (0700) with the first run.
func NewJournal(dir string) *Journal { return &Journal{dir: dir} }

const (
	runFile  = ".jsonl"
	lockFile = "lock"
)

// Types of record, in the order of a step's life.
const (
	recRun     = "run"
	recIntent  = "intent"
	recResult  = "result"
	recProof   = "proof"
	recSeen    = "seen"    // what was seen of a step under way, before it acted
	recSettled = "settled" // a step that ends without being tried, or whose fate cannot be known
	recEnd     = "end"
	recLooked  = "looked" // after the end: what a later look found, or a person said of a step that waited for them
)

// record is one line of a run's file.
type record struct {
	Type    string             `json:"type"`
	At      time.Time          `json:"at"`
	Step    string             `json:"step,omitempty"`
	Run     *Run               `json:"run,omitempty"`
	Undo    map[string]Receipt `json:"undo,omitempty"` // of an undo: what the steps that it takes back left
	State   string             `json:"state,omitempty"`
	Error   string             `json:"error,omitempty"`
	Receipt *Receipt           `json:"receipt,omitempty"`
	Proof   *Proof             `json:"proof,omitempty"`
	Prev    string             `json:"prev"`
	Hash    string             `json:"hash"`
}

func (r record) sum() string {
	r.Hash = ""
	data, err := json.Marshal(r)
	if err != nil {
		return ""
	}
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

// runLog is one run with its file open.
type runLog struct {
	run   Run
	undo  map[string]Receipt
	prev  string
	file  Appender
	close func() error
	ended bool
}

// Appender is the file of a run; tests put one in its place that fails.
type Appender interface{ Append([]byte) error }

// write makes a record durable and then applies it to the run in memory.
func (l *runLog) write(r record) error {
	r.At, r.Prev = r.At.UTC(), l.prev
	r.Hash = r.sum()
	line, err := json.Marshal(r)
	if err == nil {
		err = l.file.Append(line)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrJournal, err)
	}
	l.prev = r.Hash
	return l.apply(r)
}

// apply changes the run by one record.
func (l *runLog) apply(r record) error {
	if r.Type == recRun {
		if r.Run == nil || l.run.ID != "" {
			return ErrTampered
		}
		l.run, l.undo = cloneRun(*r.Run), r.Undo
		return nil
	}
	if r.Type == recEnd {
		l.run.State, l.ended = r.State, true
		if l.run.Ended.IsZero() { // a later look does not lengthen the run
			l.run.Ended = r.At
		}
		return nil
	}
	i := slices.IndexFunc(l.run.Steps, func(s StepRun) bool { return s.ID == r.Step })
	if i < 0 || l.ended != (r.Type == recLooked) {
		return ErrTampered
	}
	s := &l.run.Steps[i]
	switch r.Type {
	case recIntent:
		s.State, s.Started, s.Error = StateRunning, r.At, ""
	case recResult, recSettled:
		s.State, s.Error, s.Ended = r.State, r.Error, r.At
		if r.State == StatePlanned || r.State == StateRunning { // it waits for its credential
			s.Ended = time.Time{}
		}
		s.Receipt = s.Receipt.followed(r.Receipt)
	case recSeen:
		s.Receipt = s.Receipt.noted(r.Receipt)
	case recProof:
		if r.Proof != nil {
			s.Proof = *r.Proof
		}
	case recLooked:
		if r.State != "" {
			s.State, s.Ended = r.State, r.At
		}
		if r.Proof != nil {
			s.Proof = *r.Proof
		}
	default:
		return ErrTampered
	}
	return nil
}

func cloneRun(r Run) Run {
	r.Steps = slices.Clone(r.Steps)
	return r
}

// lock keeps every other process from carrying out a run until it is called off.
func (j *Journal) lock() (unlock func() error, err error) {
	if err := os.MkdirAll(j.dir, 0o700); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrJournal, err)
	}
	if err := linelog.SyncDir(filepath.Dir(j.dir)); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrJournal, err)
	}
	f, err := linelog.Open(filepath.Join(j.dir, lockFile), false)
	if errors.Is(err, linelog.ErrLocked) {
		return nil, j.busy()
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrJournal, err)
	}
	return f.Close, nil
}

func (j *Journal) path(id string) (string, error) {
	if id == "" || strings.Trim(id, "abcdefghijklmnopqrstuvwxyz234567") != "" {
		return "", ErrNoRun
	}
	return filepath.Join(j.dir, id+runFile), nil
}

// create begins the file of a run. The lock must be held.
func (j *Journal) create(id string) (*runLog, error) {
	path, err := j.path(id)
	if err != nil {
		return nil, err
	}
	if info, err := os.Lstat(path); err == nil && info.Size() > 0 {
		return nil, ErrUsed
	}
	f, err := linelog.Open(path, false)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrJournal, err)
	}
	return &runLog{file: f, close: f.Close}, nil
}

// open reads a run and goes on with its file. The lock must be held.
func (j *Journal) open(id string) (*runLog, error) {
	l, err := j.read(id)
	if err != nil {
		return nil, err
	}
	path, err := j.path(id)
	if err != nil {
		return nil, err
	}
	f, err := linelog.Open(path, false)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrJournal, err)
	}
	l.file, l.close = f, f.Close
	return l, nil
}

// read reads a run. Where the chain breaks it returns what stands before, with an error that wraps [ErrTampered].
func (j *Journal) read(id string) (*runLog, error) {
	path, err := j.path(id)
	if err != nil {
		return nil, err
	}
	lines, _, err := linelog.Read(path)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	if len(lines) == 0 {
		return nil, ErrNoRun
	}
	l := &runLog{}
	for i, line := range lines {
		var r record
		d := json.NewDecoder(bytes.NewReader(line))
		d.DisallowUnknownFields()
		err := d.Decode(&r)
		if err != nil || r.Prev != l.prev || r.Hash != r.sum() || (i == 0) != (r.Type == recRun) || l.apply(r) != nil {
			return l, fmt.Errorf("journal of run %s: line %d %w", id, i+1, ErrTampered)
		}
		l.prev = r.Hash
	}
	if l.run.ID != id {
		return l, fmt.Errorf("journal of run %s: %w", id, ErrTampered)
	}
	return l, nil
}

// ids lists the runs.
func (j *Journal) ids() ([]string, error) {
	entries, err := os.ReadDir(j.dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	var ids []string
	for _, e := range entries {
		if id, ok := strings.CutSuffix(e.Name(), runFile); ok {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// Runs returns the runs, newest first. A run whose file was tampered with is of state unknown, and is named in the error
// beside the runs that can be read.
func (j *Journal) Runs() ([]Run, error) {
	ids, err := j.ids()
	if err != nil {
		return nil, err
	}
	var runs []Run
	var errs []error
	for _, id := range ids {
		l, err := j.read(id)
		if errors.Is(err, ErrNoRun) { // created, never begun
			continue
		}
		if err != nil {
			errs = append(errs, err)
			if l == nil || l.run.ID == "" {
				continue
			}
			l.run.State = StateUnknown
		}
		runs = append(runs, j.standing(l.run))
	}
	markUndone(runs)
	slices.SortFunc(runs, func(a, b Run) int { return cmp.Or(b.Started.Compare(a.Started), cmp.Compare(a.ID, b.ID)) })
	return runs, errors.Join(errs...)
}

// markUndone gives the steps that a later run took back their state.
func markUndone(runs []Run) {
	at := map[string]*Run{}
	for i := range runs {
		at[runs[i].ID] = &runs[i]
	}
	for _, u := range runs {
		r := at[u.Undoes]
		if u.Undoes == "" || r == nil {
			continue
		}
		for _, s := range u.Steps {
			for k := range r.Steps {
				if r.Steps[k].ID == s.ID && s.State == StateDone {
					r.Steps[k].State = StateUndone
				}
			}
		}
		if r.State != StateRunning && r.State != StateUnknown {
			r.State = runState(r.Steps)
		}
	}
}

// runState sums the states of steps up.
func runState(steps []StepRun) string {
	n := map[string]int{}
	for _, s := range steps {
		n[s.State]++
	}
	good := n[StateDone] + n[StateUndone]
	switch {
	case n[StateUnknown] > 0:
		return StateUnknown
	case n[StateFailed]+n[StateSkipped] > 0 && good == 0:
		return StateFailed
	case n[StateFailed]+n[StateSkipped] > 0:
		return StatePartial
	case n[StateWaiting] > 0:
		return StateWaiting
	case n[StateUndone] > 0 && n[StateDone] == 0:
		return StateUndone
	case n[StateUndone] > 0:
		return StatePartial
	}
	return StateDone
}

// cleanError takes out of an error's text what a terminal would obey.
func cleanError(err error) string {
	if err == nil {
		return ""
	}
	return inventory.Clean(err.Error())
}
