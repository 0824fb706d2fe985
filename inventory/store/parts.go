package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"fmt"
	"runtime"
	"sync"

	"nhitop/inventory"
)

// perPart is how many records are encoded as one part: parts are encoded and decoded side by side.
const perPart = 2048

// part is a stretch of one list of records.
type part struct {
	list string
	sum  []byte // of data
	data []byte
}

// list is one of the lists of [inventory.Records], whatever its records are.
type list interface {
	name() string
	len() int
	encode(from, to int) ([]byte, error)
	decode(data []byte) (add func(), err error)
}

type listOf[T any] struct {
	label string
	p     *[]T
}

func (l listOf[T]) name() string { return l.label }
func (l listOf[T]) len() int     { return len(*l.p) }

func (l listOf[T]) encode(from, to int) ([]byte, error) {
	var b bytes.Buffer
	err := gob.NewEncoder(&b).Encode((*l.p)[from:to])
	return b.Bytes(), err
}

func (l listOf[T]) decode(data []byte) (func(), error) {
	var xs []T
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&xs); err != nil {
		return nil, err
	}
	return func() { *l.p = append(*l.p, xs...) }, nil
}

func listsOf(r *inventory.Records) []list {
	return []list{
		listOf[inventory.SourceStatus]{"sources", &r.Sources}, listOf[inventory.Assistant]{"assistants", &r.Assistants},
		listOf[inventory.Owner]{"owners", &r.Owners}, listOf[inventory.Secret]{"secrets", &r.Secrets},
		listOf[inventory.Entitlement]{"entitlements", &r.Entitlements}, listOf[inventory.Tool]{"tools", &r.Tools},
		listOf[inventory.Resource]{"resources", &r.Resources}, listOf[inventory.Reference]{"references", &r.References},
		listOf[inventory.Finding]{"findings", &r.Findings}, listOf[inventory.Issue]{"issues", &r.Issues},
	}
}

// encodeParts encodes every list.
func encodeParts(r inventory.Records) ([]part, error) {
	type job struct {
		l        list
		from, to int
	}
	var jobs []job
	for _, l := range listsOf(&r) {
		for from := 0; from < l.len(); from += perPart {
			jobs = append(jobs, job{l, from, min(from+perPart, l.len())})
		}
	}
	parts := make([]part, len(jobs))
	err := parallel(len(jobs), func(i int) error {
		data, err := jobs[i].l.encode(jobs[i].from, jobs[i].to)
		sum := sha256.Sum256(data)
		parts[i] = part{jobs[i].l.name(), sum[:16], data}
		return err
	})
	return parts, err
}

// decodeParts is the way back. What is not as it was written is [ErrDamaged].
func decodeParts(parts []part) (inventory.Records, error) {
	var r inventory.Records
	lists := map[string]list{}
	for _, l := range listsOf(&r) {
		lists[l.name()] = l
	}
	adds := make([]func(), len(parts))
	err := parallel(len(parts), func(i int) error {
		l := lists[parts[i].list]
		if sum := sha256.Sum256(parts[i].data); l == nil || !bytes.Equal(sum[:16], parts[i].sum) {
			return ErrDamaged
		}
		var err error
		if adds[i], err = l.decode(parts[i].data); err != nil {
			return ErrDamaged
		}
		return nil
	})
	if err != nil {
		return inventory.Records{}, err
	}
	for _, add := range adds {
		add()
	}
	return r, nil
}

// parallel calls f for 0 to n-1 on several goroutines and returns the first error by index. One processor is left to the
// screen, which draws while this works.
func parallel(n int, f func(i int) error) error {
	errs := make([]error, n)
	next := make(chan int)
	var wg sync.WaitGroup
	for range min(n, max(1, runtime.GOMAXPROCS(0)-1)) {
		wg.Go(func() {
			for i := range next {
				errs[i] = guarded(f, i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// guarded turns a panic of a decoder over bytes from outside into an error.
func guarded(f func(int) error, i int) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w (%T)", ErrDamaged, p)
		}
	}()
	return f(i)
}
