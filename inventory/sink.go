package inventory

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"reflect"
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
func (k Key) Fingerprint(v Value) string {
	m := hmac.New(sha256.New, k[:])
	c := v.get()
	m.Write([]byte(c.text))
	if c.within != "" {
		m.Write([]byte{0})
		m.Write([]byte(c.within))
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
	source string
	key    Key
	now    func() time.Time

	mu       sync.Mutex
	batch    Records
	ledger   []Looked
	warnings []Warning
	progress string
	version  int
}

// NewSink opens a sink for one collection from one source.
func NewSink(source string, key Key, now func() time.Time) Sink {
	return Sink{&door{source: source, key: key, now: now}}
}

// Source returns the name that the sink stamps.
func (s Sink) Source() string { return s.d.source }

// Assistant takes in an assistant. Its ID must be set. The same ID twice is one assistant: what the two say is merged.
func (s Sink) Assistant(a Assistant) {
	a.Sources = []string{s.d.source}
	if a.LastSeen.IsZero() {
		a.LastSeen = s.d.now()
	}
	s.d.put(func(r *Records) { r.Assistants = append(r.Assistants, s.door(a, a.Evidence).(Assistant)) })
}

// Owner takes in an owner; its ID must be set.
func (s Sink) Owner(o Owner) {
	o.Sources = []string{s.d.source}
	s.d.put(func(r *Records) { r.Owners = append(r.Owners, s.door(o, o.Evidence).(Owner)) })
}

// Secret takes in a secret and returns its id. With a value, id and fingerprint come from the value, so that the same
// secret is one record wherever it is found; the value is not kept. Without one (a name in CI, an encrypted file) the
// caller sets the ID.
func (s Sink) Secret(x Secret, v Value) ID {
	if !v.IsZero() {
		x.Fingerprint = s.d.key.Fingerprint(v)
		x.Hint = v.Hint()
		x.ID = NewID(NounSecret, x.Fingerprint)
	}
	x.Sources = []string{s.d.source}
	s.d.put(func(r *Records) { r.Secrets = append(r.Secrets, s.door(x, nil).(Secret)) })
	return x.ID
}

// SecretID returns the id that [Sink.Secret] gives a value.
func (s Sink) SecretID(v Value) ID { return NewID(NounSecret, s.d.key.Fingerprint(v)) }

// Entitlement takes in an entitlement; its ID must be set.
func (s Sink) Entitlement(e Entitlement) {
	s.d.put(func(r *Records) { r.Entitlements = append(r.Entitlements, s.door(e, e.Evidence).(Entitlement)) })
}

// Tool takes in a tool server; its ID must be set.
func (s Sink) Tool(t Tool) {
	s.d.put(func(r *Records) { r.Tools = append(r.Tools, s.door(t, t.Evidence).(Tool)) })
}

// Resource takes in a resource; its ID must be set.
func (s Sink) Resource(x Resource) {
	s.d.put(func(r *Records) { r.Resources = append(r.Resources, s.door(x, x.Evidence).(Resource)) })
}

// Reference takes in a reference; its ID is derived where it is not set.
func (s Sink) Reference(x Reference) {
	if x.ID == "" {
		x.ID = NewID(NounReference, s.d.source, x.Path, x.Pointer, x.Text)
	}
	s.d.put(func(r *Records) { r.References = append(r.References, s.door(x, nil).(Reference)) })
}

// Looked writes one line of the ledger.
func (s Sink) Looked(l Looked) {
	cleanValue(reflect.ValueOf(&l).Elem())
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	s.d.ledger = append(s.d.ledger, l)
}

// Warn notes something that went wrong with one place. The text must not quote what stands there.
func (s Sink) Warn(w Warning) {
	cleanValue(reflect.ValueOf(&w).Elem())
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

// Batch returns a copy of what came in so far. The records are shared and must not be changed.
func (s Sink) Batch() Batch {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	r := s.d.batch
	return Batch{
		Source: s.d.source,
		Records: Records{
			Assistants: slices.Clone(r.Assistants), Owners: slices.Clone(r.Owners), Secrets: slices.Clone(r.Secrets),
			Entitlements: slices.Clone(r.Entitlements), Tools: slices.Clone(r.Tools), Resources: slices.Clone(r.Resources),
			References: slices.Clone(r.References),
		},
		Ledger: slices.Clone(s.d.ledger), Warnings: slices.Clone(s.d.warnings), Progress: s.d.progress, Version: s.d.version,
	}
}

// State returns the progress text and a number that grows with each record, without copying anything.
func (s Sink) State() (progress string, version int) {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	return s.d.progress, s.d.version
}

func (d *door) put(f func(*Records)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f(&d.batch)
	d.version++
}

// door cleans a copy of the record and stamps its evidence.
func (s Sink) door(record any, evidence []Evidence) any {
	for i := range evidence {
		if evidence[i].Source == "" {
			evidence[i].Source = s.d.source
		}
		if evidence[i].ObservedAt.IsZero() {
			evidence[i].ObservedAt = s.d.now()
		}
	}
	p := reflect.New(reflect.TypeOf(record))
	p.Elem().Set(reflect.ValueOf(record))
	cleanValue(p.Elem())
	return p.Elem().Interface()
}

var timeType = reflect.TypeFor[time.Time]()

// cleanValue cleans every string below v and brings every time to UTC. Slices and maps are copied, so that the caller's stay as they are.
func cleanValue(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if s := v.String(); !plain(s) || len(s) > maxText {
			v.SetString(Clean(s))
		}
	case reflect.Struct:
		if v.Type() == timeType {
			v.Set(reflect.ValueOf(v.Interface().(time.Time).UTC()))
			return
		}
		for i := range v.NumField() {
			cleanValue(v.Field(i))
		}
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		c := reflect.New(v.Type().Elem())
		c.Elem().Set(v.Elem())
		cleanValue(c.Elem())
		v.Set(c)
	case reflect.Slice:
		c := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(c, v)
		for i := range c.Len() {
			cleanValue(c.Index(i))
		}
		v.Set(c)
	case reflect.Map:
		c := reflect.MakeMapWithSize(v.Type(), v.Len())
		for it := v.MapRange(); it.Next(); {
			k, e := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			k.Set(it.Key())
			e.Set(it.Value())
			cleanValue(k)
			cleanValue(e)
			c.SetMapIndex(k, e)
		}
		v.Set(c)
	}
}

// SortedKeys returns the keys of a map in order, for output that is stable from run to run.
func SortedKeys[K ~string, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
