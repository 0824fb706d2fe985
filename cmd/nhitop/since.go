package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"nhitop/inventory/posture"
	"nhitop/inventory/report"
	"nhitop/inventory/store"
)

// since finds the stored collection that --since means: a span back from now, a day, or the number of a collection.
func since(s *posture.Service, text string) (store.Collection, error) {
	at, _, ok := date(text)
	if d, is := span(text); is {
		at, ok = time.Now().Add(-d), true
	}
	if ok {
		return s.CollectionAt(at)
	}
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return store.Collection{}, usage(fmt.Errorf("--since %s: give a span (7d, 12h), a day (2026-11-01) or the number of a collection", strings.ToValidUTF8(text, "?")))
	}
	c, err := s.Collection(id)
	if !errors.Is(err, store.ErrNoCollection) {
		return c, err
	}
	last, e := s.Collections(8)
	if e != nil {
		return c, e
	}
	var known []string
	for _, x := range last {
		known = append(known, fmt.Sprintf("%d (%s)", x.ID, x.At.Format("2006-01-02 15:04")))
	}
	return c, usage(fmt.Errorf("--since %d: %w; the last are %s", id, err, strings.Join(known, ", ")))
}

// checkSince refuses what cannot go with --since.
func checkSince(format string, sources []string) error {
	if len(sources) > 0 {
		return usage(errors.New("--since compares whole collections, and one of a few sources is not stored; leave --source out"))
	}
	return checkFormat(format, report.ActFormats())
}

// changes prints what is different since a stored collection.
func (c *cli) changes(s *posture.Service, text, format, output string, o report.Options) error {
	from, err := since(s, text)
	if err != nil {
		return err
	}
	cs, to, err := s.ChangesFrom(from)
	if err != nil {
		return err
	}
	return c.write(output, "changes "+format, func(w io.Writer) error {
		return report.Changes(w, format, report.Span{From: from.At, FromID: from.ID, To: to.At, ToID: to.ID}, cs, o)
	})
}
