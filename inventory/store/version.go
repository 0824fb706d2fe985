package store

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"nhitop/inventory"
)

// version is one record as history keeps it: without what changes with every collection and says nothing new.
type version struct {
	name  string
	first time.Time // zero: when it is stored
	hash  []byte
	json  []byte
}

const hashLen = 16 // bytes of a SHA-256: content is told apart, nobody gains by a collision in his own state

// versions makes the version of every record that history keeps. References and issues are not kept: the first say that
// nothing is there, the second follow from the findings.
func versions(r *inventory.Records) ([]version, error) {
	var vs []version
	var errs [7]error
	add := func(i int, part []version, err error) {
		vs = append(vs, part...)
		errs[i] = err
	}
	for i, of := range []func() ([]version, error){
		func() ([]version, error) { return versionsOf(r.Assistants, lasting) },
		func() ([]version, error) { return versionsOf(r.Owners, lastingOwner) },
		func() ([]version, error) { return versionsOf(r.Secrets, lastingSecret) },
		func() ([]version, error) { return versionsOf(r.Entitlements, lastingEntitlement) },
		func() ([]version, error) { return versionsOf(r.Tools, lastingTool) },
		func() ([]version, error) { return versionsOf(r.Resources, lastingResource) },
		func() ([]version, error) { return versionsOf(r.Findings, lastingFinding) },
	} {
		part, err := of()
		add(i, part, err)
	}
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return vs, nil
}

func versionsOf[T any](xs []T, keep func(T) (inventory.ID, time.Time, T)) ([]version, error) {
	const perJob = 512
	vs := make([]version, len(xs))
	err := parallel((len(xs)+perJob-1)/perJob, func(job int) error {
		for i := job * perJob; i < min((job+1)*perJob, len(xs)); i++ {
			id, first, x := keep(xs[i])
			data, err := json.Marshal(x)
			if err != nil {
				return err
			}
			sum := sha256.Sum256(data)
			vs[i] = version{string(id), first, sum[:hashLen], data}
		}
		return nil
	})
	return vs, err
}

func lasting(x inventory.Assistant) (inventory.ID, time.Time, inventory.Assistant) {
	first := x.FirstSeen
	x.FirstSeen, x.LastSeen, x.LastUsed = time.Time{}, time.Time{}, time.Time{}
	x.Evidence = places(x.Evidence)
	x.Settings = slices.Clone(x.Settings)
	for i := range x.Settings {
		x.Settings[i].Line = 0
	}
	return x.ID, first, x
}

func lastingOwner(x inventory.Owner) (inventory.ID, time.Time, inventory.Owner) {
	x.Evidence = places(x.Evidence)
	return x.ID, time.Time{}, x
}

func lastingSecret(x inventory.Secret) (inventory.ID, time.Time, inventory.Secret) {
	x.LastUsed = time.Time{}
	x.Locations = slices.Clone(x.Locations)
	for i := range x.Locations {
		x.Locations[i].Line = 0
	}
	return x.ID, time.Time{}, x
}

func lastingEntitlement(x inventory.Entitlement) (inventory.ID, time.Time, inventory.Entitlement) {
	x.LastUsed = time.Time{}
	x.Evidence = places(x.Evidence)
	return x.ID, time.Time{}, x
}

func lastingTool(x inventory.Tool) (inventory.ID, time.Time, inventory.Tool) {
	x.Evidence = places(x.Evidence)
	return x.ID, time.Time{}, x
}

func lastingResource(x inventory.Resource) (inventory.ID, time.Time, inventory.Resource) {
	x.Evidence = places(x.Evidence)
	return x.ID, time.Time{}, x
}

// lastingFinding keeps that it holds, of whom, and how it is decided. Its words follow from the rule, and its sentence and
// score may name an age that is another one every day.
func lastingFinding(x inventory.Finding) (inventory.ID, time.Time, inventory.Finding) {
	return x.ID, x.FirstSeen, inventory.Finding{ID: x.ID, Rule: x.Rule, Title: x.Title, Subject: x.Subject, Decision: x.Decision, State: x.State, Evidence: places(x.Evidence)}
}

// places keeps of evidence where it stands and who said it.
func places(es []inventory.Evidence) []inventory.Evidence {
	out := make([]inventory.Evidence, 0, len(es))
	for _, e := range es {
		out = append(out, inventory.Evidence{Path: e.Path, Pointer: e.Pointer, Source: e.Source})
	}
	slices.SortFunc(out, func(a, b inventory.Evidence) int {
		return strings.Compare(a.Path+"\x00"+a.Pointer+"\x00"+a.Source, b.Path+"\x00"+b.Pointer+"\x00"+b.Source)
	})
	return slices.Compact(out)
}

// dictionary is text that records have in common. It is part of the format: it is never changed, another one gets another
// code.
//
//go:embed dictionary1.txt
var dictionary []byte

const codeFlate1 = 1 // DEFLATE (RFC 1951) with dictionary 1

var deflaters = sync.Pool{New: func() any {
	w, err := flate.NewWriterDict(io.Discard, flate.DefaultCompression, dictionary)
	if err != nil { // the level is a constant
		return nil
	}
	return w
}}

func pack(data []byte) ([]byte, error) {
	w, ok := deflaters.Get().(*flate.Writer)
	if !ok {
		return nil, fmt.Errorf("no compression")
	}
	defer deflaters.Put(w)
	b := bytes.NewBuffer([]byte{codeFlate1})
	w.Reset(b)
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	err := w.Close()
	return b.Bytes(), err
}

func unpack(data []byte) ([]byte, error) {
	if len(data) == 0 || data[0] != codeFlate1 {
		return nil, ErrDamaged
	}
	out, err := io.ReadAll(io.LimitReader(flate.NewReaderDict(bytes.NewReader(data[1:]), dictionary), maxRecord))
	if err != nil || len(out) == maxRecord {
		return nil, ErrDamaged
	}
	return out, nil
}

const maxRecord = 64 << 20 // bytes of one record; more is not read back
