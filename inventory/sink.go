package inventory

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"
)

// Key makes fingerprints of one installation. It is 32 random bytes kept 0600 in the state folder, so that the same
// secret is known again from run to run, and nobody without the key can try a list of values against a fingerprint.
type Key [32]byte

// String keeps the key out of logs, as the three below do for every verb and encoder.
func (Key) String() string { return redacted }

// Format implements [fmt.Formatter].
func (Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText implements encoding.TextMarshaler, and through it JSON.
func (Key) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue implements [slog.LogValuer].
func (Key) LogValue() slog.Value { return slog.StringValue(redacted) }

// Fingerprint returns the keyed fingerprint of a value: 128 bits of an HMAC-SHA-256, in hex.
func (k Key) Fingerprint(v Value) string { return fingerprint(hmac.New(sha256.New, k[:]), v) }

// fingerprint uses a keyed hash that is at its start.
func fingerprint(m hash.Hash, v Value) string {
	c := v.get()
	_, _ = io.WriteString(m, c.text)
	if c.within != "" {
		_, _ = io.WriteString(m, "\x00"+c.within)
	}
	return hex.EncodeToString(m.Sum(nil)[:16])
}

// Records is everything that the JSON document lists, in its order.
type Records struct {
	Sources      []SourceStatus `json:"sources"`
	Assistants   []Assistant    `json:"assistants"`
	Owners       []Owner        `json:"owners"`
	Secrets      []Secret       `json:"secrets"`
	Entitlements []Entitlement  `json:"entitlements"`
	Tools        []Tool         `json:"tools"`
	Resources    []Resource     `json:"resources"`
	References   []Reference    `json:"references"`
	Findings     []Finding      `json:"findings"`
	Issues       []Issue        `json:"issues"`
}

// Sink is the only way into the inventory. It cleans every text of what a terminal would obey, turns a secret's value
// into a keyed fingerprint and a hint and forgets it, and stamps source and time. It is a handle: copies share one batch.
// All methods may be called from several goroutines.
type Sink struct{ d *door }

type door struct {
	source   string
	sources  []string // the source alone, shared by all records
	key      Key
	now      func() time.Time
	macs     sync.Pool // of keyed hashes
	aliasers sync.Pool

	mu       sync.Mutex
	batch    intake
	ledger   []Looked
	warnings []Warning
	progress string
	version  int
	shelves  shelves
}

// NewSink opens a sink for one collection from one source.
func NewSink(source string, key Key, now func() time.Time) Sink {
	d := &door{source: source, sources: []string{source}, key: key, now: now}
	d.macs.New = func() any { return hmac.New(sha256.New, key[:]) }
	return Sink{d}
}

// Source returns the name that the sink stamps.
func (s Sink) Source() string { return s.d.source }

// Assistant takes in an assistant. Its ID must be set. The same ID twice is one assistant: what the two say is merged.
// Here as below, lists and maps are copied: the caller's stay as they are.
func (s Sink) Assistant(a Assistant) {
	a.Sources = s.d.sources
	if a.LastSeen.IsZero() {
		a.LastSeen = s.d.now()
	}
	s.d.enter()
	defer s.d.mu.Unlock()
	s.d.assistant(&a)
	s.d.batch.assistants.add(a)
}

// Owner takes in an owner; its ID must be set.
func (s Sink) Owner(o Owner) {
	o.Sources = s.d.sources
	s.d.enter()
	defer s.d.mu.Unlock()
	s.d.owner(&o)
	s.d.batch.owners.add(o)
}

// Secret takes in a secret and returns its id. With a value, id and fingerprint come from the value, so that the same
// secret is one record wherever it is found; the value is not kept. Without one (a name in CI, an encrypted file) the
// caller sets the ID.
func (s Sink) Secret(x Secret, v Value) ID {
	if !v.IsZero() {
		x.Fingerprint = s.d.fingerprint(v)
		x.Hint = v.Hint()
		x.ID = NewID(NounSecret, x.Fingerprint)
	}
	s.d.aliases(&x, v)
	x.Sources = s.d.sources
	s.d.enter()
	defer s.d.mu.Unlock()
	id := x.ID
	s.d.secret(&x)
	s.d.batch.secrets.add(x)
	return id
}

// SecretID returns the id that [Sink.Secret] gives a value.
func (s Sink) SecretID(v Value) ID { return NewID(NounSecret, s.d.fingerprint(v)) }

// Entitlement takes in an entitlement; its ID must be set.
func (s Sink) Entitlement(e Entitlement) {
	s.d.enter()
	defer s.d.mu.Unlock()
	s.d.entitlement(&e)
	s.d.batch.entitlements.add(e)
}

// Tool takes in a tool server; its ID must be set.
func (s Sink) Tool(t Tool) {
	s.d.enter()
	defer s.d.mu.Unlock()
	s.d.tool(&t)
	s.d.batch.tools.add(t)
}

// Resource takes in a resource; its ID must be set.
func (s Sink) Resource(x Resource) {
	s.d.enter()
	defer s.d.mu.Unlock()
	s.d.resource(&x)
	s.d.batch.resources.add(x)
}

// Reference takes in a reference; its ID is derived where it is not set.
func (s Sink) Reference(x Reference) {
	if x.ID == "" {
		x.ID = NewID(NounReference, s.d.source, x.Path, x.Pointer, x.Text)
	}
	cleanReference(&x)
	s.d.enter()
	defer s.d.mu.Unlock()
	s.d.batch.references.add(x)
}

// Looked writes one line of the ledger.
func (s Sink) Looked(l Looked) {
	texts(&l.Path, &l.State, &l.Assistant, &l.Reason)
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	s.d.ledger = append(s.d.ledger, l)
}

// Warn notes something that went wrong with one place. The text must not quote what stands there.
func (s Sink) Warn(w Warning) {
	texts(&w.Path, &w.Text)
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	s.d.warnings = append(s.d.warnings, w)
}

// Progress says in a few words what the source is doing.
func (s Sink) Progress(text string) {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	s.d.progress = Clean(text)
}

// Batch is what came through a sink so far.
type Batch struct {
	Source   string
	Records  Records
	Ledger   []Looked
	Warnings []Warning
	Progress string
	Version  int // grows with each record
}

// Batch returns what came in so far; later records do not change it. The records are shared and must not be changed,
// their order included.
func (s Sink) Batch() Batch {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	b := &s.d.batch
	return Batch{
		Source: s.d.source,
		Records: Records{
			Assistants: b.assistants.all(), Owners: b.owners.all(), Secrets: b.secrets.all(), Entitlements: b.entitlements.all(),
			Tools: b.tools.all(), Resources: b.resources.all(), References: b.references.all(),
		},
		Ledger: slices.Clip(s.d.ledger), Warnings: slices.Clip(s.d.warnings), Progress: s.d.progress, Version: s.d.version,
	}
}

// Take returns what came in so far and lets go of it: it is the caller's alone. The ledger and the warnings stay, too.
func (s Sink) Take() Batch {
	b := s.Batch()
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	s.d.batch, s.d.shelves = intake{}, shelves{}
	return b
}

// State returns the progress text and a number that grows with each record, without copying anything.
func (s Sink) State() (progress string, version int) {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	return s.d.progress, s.d.version
}

// fingerprint is that of the key, by a keyed hash that is used again.
func (d *door) fingerprint(v Value) string {
	m, ok := d.macs.Get().(hash.Hash)
	if !ok {
		return d.key.Fingerprint(v)
	}
	defer d.macs.Put(m)
	defer m.Reset()
	return fingerprint(m, v)
}

// enter locks the door for one record.
func (d *door) enter() {
	d.mu.Lock()
	d.version++
}

// SortedKeys returns the keys of a map in order, for output that is stable from run to run.
func SortedKeys[K ~string, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
