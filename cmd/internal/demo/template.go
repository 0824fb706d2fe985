package demo

import (
	"encoding/base64"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"text/template"
	"time"
)

// writer fills in templates: the company's files name secrets and times by function, between << and >>, for no whole
// secret and no fixed day may stand in them.
type writer struct {
	now   time.Time // what every time is counted back from
	funcs template.FuncMap
}

func newWriter(now time.Time) *writer {
	w := &writer{now: now}
	w.funcs = template.FuncMap{
		"secret": mint,
		"basic": func(user, kind, name string) (string, error) {
			s, err := mint(kind, name)
			return base64.StdEncoding.EncodeToString([]byte(user + ":" + s)), err
		},
		"ago": func(text string) (string, error) { return w.at(text, time.RFC3339) },
		"day": func(text string) (string, error) { return w.at(text, time.DateOnly) },
		"ms": func(text string) (string, error) {
			d, err := span(text)
			return strconv.FormatInt(now.Add(-d).UnixMilli(), 10), err
		},
		"jwt": func(pairs ...string) (string, error) {
			claims := map[string]any{}
			for i := 0; i+1 < len(pairs); i += 2 {
				claims[pairs[i]] = pairs[i+1]
			}
			return jwt(claims)
		},
		"logins":   func(names ...string) []string { return names },
		"sshkey":   sshKey,
		"sshprint": sshPrint,
		"sshpub":   sshPublic,
	}
	return w
}

func (w *writer) at(text, layout string) (string, error) {
	d, err := span(text)
	return w.now.Add(-d).UTC().Format(layout), err
}

// as is the writer for the world as it was so long before now: since and until say what was there.
func (w *writer) as(ago time.Duration) *writer {
	x := &writer{now: w.now, funcs: maps.Clone(w.funcs)}
	when := func(text string) (bool, error) {
		d, err := span(text)
		return ago <= d, err
	}
	x.funcs["since"] = when
	x.funcs["until"] = func(text string) (bool, error) {
		is, err := when(text)
		return !is, err
	}
	return x
}

// fill returns the text that a template comes to. name is for the error.
func (w *writer) fill(name, text string) (string, error) { return w.fillWith(name, text, nil) }

// fillWith is fill with what the template may speak of by a dot.
func (w *writer) fillWith(name, text string, about any) (string, error) {
	if !strings.Contains(text, "<<") {
		return text, nil
	}
	t, err := template.New(name).Delims("<<", ">>").Option("missingkey=error").Funcs(w.funcs).Parse(text)
	if err != nil {
		return "", fmt.Errorf("demo: %w", err)
	}
	var b strings.Builder
	if err := t.Execute(&b, about); err != nil {
		return "", fmt.Errorf("demo: %w", err)
	}
	return b.String(), nil
}
