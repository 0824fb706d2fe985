package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/audit/linelog"
)

// Entry is one line of the log.
type Entry struct {
	Seq     int       `json:"seq"` // from 1
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	Action  string    `json:"action"`  // arm, revoke, remove-secret, undo ...
	Subject string    `json:"subject"` // an id, of a record or a run
	Detail  string    `json:"detail"`
	Prev    string    `json:"prev"` // hash of the entry before, 64 zeros for the first
	Hash    string    `json:"hash"` // SHA-256 over the other fields, in hex
}

const genesis = "0000000000000000000000000000000000000000000000000000000000000000"

// sum is the hash of an entry: over its JSON without the hash itself.
func (e Entry) sum() string {
	e.Hash = ""
	e.At = e.At.UTC()
	data, err := json.Marshal(e)
	if err != nil { // a struct of strings, a number and a time in range
		return ""
	}
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

// Log is the audit log of one state folder. Its methods may be called from several goroutines and processes.
type Log struct {
	path string
	now  func() time.Time
	to   *Syslog // nil: entries stay here
	key  *Key    // nil: nothing is signed

	mu       sync.Mutex
	unsigned bool      // this process added an entry since it signed last
	unsent   error     // why syslog lacks entries; nil: it lacks none
	retry    time.Time // when syslog is tried again after a failure
	signErr  error
}

// Open makes the log at a path, in a folder that exists. now gives the time of entries; nil: the clock.
func Open(path string, now func() time.Time) *Log {
	if now == nil {
		now = time.Now
	}
	return &Log{path: path, now: now}
}

// Forward makes the log send each entry on to a syslog as well, and sign its head where [Log.Sign] asks for it. Either may be
// nil. It is called before the first entry.
func (l *Log) Forward(to *Syslog, key *Key) { l.to, l.key = to, key }

// Path is where the log stands.
func (l *Log) Path() string { return l.path }

// Append adds an entry and returns when it is durable. The texts are cleaned of what a terminal would obey. Then the entry is
// sent on; that a syslog does not take it is no error: see [Log.Trouble].
func (l *Log) Append(by, action, subject, detail string) (Entry, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, err := l.add(func(seq int, prev string) (Entry, error) { return l.entry(seq, prev, by, action, subject, detail), nil })
	if err == nil {
		l.unsigned = true
	}
	return e, err
}

// add writes the entry that is made for its place in the chain, and sends it on.
func (l *Log) add(fill func(seq int, prev string) (Entry, error)) (Entry, error) {
	f, err := linelog.Open(l.path, true)
	if err != nil {
		return Entry{}, fmt.Errorf("audit log: %w", err)
	}
	seq, prev, err := l.end(f)
	var e Entry
	if err == nil {
		e, err = fill(seq+1, prev)
	}
	if err == nil {
		err = l.write(f, e)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return Entry{}, fmt.Errorf("audit log: %w", err)
	}
	l.forward(e)
	return e, nil
}

// end is the number and the hash that the next entry follows.
func (l *Log) end(f *linelog.File) (seq int, prev string, err error) {
	last, err := f.Tail()
	if err != nil {
		return 0, "", err
	}
	prev = genesis
	if last != nil {
		var p Entry
		if json.Unmarshal(last, &p) == nil && p.Hash != "" {
			prev, seq = p.Hash, p.Seq
		} else { // broken: the log goes on, and Verify goes on saying so
			h := sha256.Sum256(last)
			prev = hex.EncodeToString(h[:])
			if _, seq, err = f.Last(); err != nil {
				return 0, "", err
			}
		}
	}
	if h, err := l.readHead(); err == nil && h.Seq > seq { // entries are missing: the numbers go on to show it
		prev, seq = h.Hash, h.Seq
	}
	if f.Torn() > 0 {
		e := l.entry(seq+1, prev, "nhitop", "audit-repair", "", fmt.Sprintf("an unfinished last line of %d bytes was cut off", f.Torn()))
		if err := l.write(f, e); err != nil {
			return 0, "", err
		}
		prev, seq = e.Hash, e.Seq
	}
	return seq, prev, nil
}

func (l *Log) entry(seq int, prev, by, action, subject, detail string) Entry {
	e := Entry{Seq: seq, At: l.now().UTC(), By: inventory.Clean(by), Action: inventory.Clean(action), Subject: inventory.Clean(subject), Detail: inventory.Clean(detail), Prev: prev}
	e.Hash = e.sum()
	return e
}

func (l *Log) write(f *linelog.File, e Entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if err := f.Append(line); err != nil {
		return err
	}
	return l.writeHead(e)
}

// head remembers the last entry beside the log, so that entries cut off at the end are missed.
type head struct {
	Seq  int    `json:"seq"`
	Hash string `json:"hash"`
}

func (l *Log) headPath() string { return l.path + ".head" }

func (l *Log) readHead() (head, error) {
	var h head
	data, err := os.ReadFile(l.headPath())
	if err == nil {
		err = json.Unmarshal(data, &h)
	}
	return h, err
}

func (l *Log) writeHead(e Entry) error {
	data, err := json.Marshal(head{e.Seq, e.Hash})
	if err != nil {
		return err
	}
	return replaceFile(l.headPath(), data, true)
}

// replaceFile writes a small file whole or not at all; durable says that it must be there after a crash.
func replaceFile(path string, data []byte, durable bool) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".audit-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	if durable {
		err = errors.Join(err, tmp.Sync())
	}
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}

// List returns the entries in order. Lines that are no entries are left out; Verify names them.
func (l *Log) List() ([]Entry, error) {
	lines, _, err := linelog.Read(l.path)
	if err != nil {
		return nil, fmt.Errorf("audit log: %w", err)
	}
	es := make([]Entry, 0, len(lines))
	for _, line := range lines {
		var e Entry
		if json.Unmarshal(line, &e) == nil && e.Seq > 0 {
			es = append(es, e)
		}
	}
	return es, nil
}

// Broken says where the chain breaks.
type Broken struct {
	Line   int // 1-based, in the file
	Reason string
}

func (b *Broken) Error() string { return fmt.Sprintf("audit log: line %d: %s", b.Line, b.Reason) }

// Verify checks the whole chain and returns how many entries hold. The error is a [*Broken] for the first entry that does
// not, or says why the log cannot be read.
func (l *Log) Verify() (int, error) {
	l.mu.Lock() // not between an entry and its head
	defer l.mu.Unlock()
	lines, torn, err := linelog.Read(l.path)
	if err != nil {
		return 0, fmt.Errorf("audit log: %w", err)
	}
	prev := genesis
	for i, line := range lines {
		e, err := decode(line)
		switch {
		case err != nil:
			return i, &Broken{i + 1, "is not an entry"}
		case e.Seq != i+1:
			return i, &Broken{i + 1, fmt.Sprintf("entry %d stands where entry %d should: one was taken out, put in or moved", e.Seq, i+1)}
		case e.Prev != prev:
			return i, &Broken{i + 1, "does not follow from the entry before it"}
		case e.Hash != e.sum():
			return i, &Broken{i + 1, "was changed after it was written"}
		}
		prev = e.Hash
	}
	if torn {
		return len(lines), &Broken{len(lines) + 1, "the last line is cut off"}
	}
	return len(lines), l.verifyHead(len(lines), lines)
}

func (l *Log) verifyHead(count int, lines [][]byte) error {
	h, err := l.readHead()
	if errors.Is(err, os.ErrNotExist) && count <= 1 { // the first entry may have been the last thing before a crash
		return nil
	}
	if err != nil {
		return &Broken{count, "what remembers the last entry is missing or broken (" + filepath.Base(l.headPath()) + ")"}
	}
	if h.Seq > count {
		return &Broken{count + 1, fmt.Sprintf("entries %d to %d are missing", count+1, h.Seq)}
	}
	if h.Seq < 1 {
		return &Broken{count, "what remembers the last entry is broken"}
	}
	var e Entry
	if err := json.Unmarshal(lines[h.Seq-1], &e); err != nil || e.Hash != h.Hash {
		return &Broken{h.Seq, "is not the entry that was written"}
	}
	return nil
}

func decode(line []byte) (Entry, error) {
	var e Entry
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	err := d.Decode(&e)
	if err == nil && d.More() {
		err = errors.New("more than one value")
	}
	return e, err
}
