package demo

import (
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/BurntSushi/toml"

	"nhitop/sources"
)

// services are the providers of the company, simulated in the process, each under the host of its address. They are made
// anew for each stop of the calendar; what is done to them today stays done as long as the process lives.
type services struct {
	mu    sync.Mutex
	by    map[string]http.Handler
	deeds deeds
}

// put sets a simulator in the place of the one before.
func (s *services) put(host string, h http.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.by == nil {
		s.by = map[string]http.Handler{}
	}
	s.by[host] = h
}

// Transport leads to a simulator; a host that has none is out of reach, and never asked for on the network.
func (s *services) Transport(host string) http.RoundTripper {
	return sources.InProcess(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := s.at(host)
		if h == nil {
			http.Error(w, "the demo has no such service", http.StatusBadGateway)
			return
		}
		s.deeds.serve(host, h, w, r)
	}))
}

// at is the simulator of a host; nil if there is none.
func (s *services) at(host string) http.Handler {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.by[host]
}

// world reads a world of a simulator from company/NAME.toml, whose keys are the names of the simulator's own fields, as it
// was so long before now.
func (b *books) world(w *writer, name string, ago time.Duration, into any) error {
	file := name + ".toml"
	text, err := fs.ReadFile(data, path.Join("company", file))
	if err != nil {
		return err
	}
	filled, err := w.as(ago).fillWith(file, string(text), b.cast(ago))
	if err != nil {
		return err
	}
	md, err := toml.Decode(filled, into)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if unknown := md.Undecoded(); len(unknown) > 0 {
		return fmt.Errorf("%s: %s means nothing to the simulator", file, unknown[0])
	}
	prune(reflect.ValueOf(into).Elem(), w.now.Add(-ago))
	return nil
}

// cast are the people, for the templates of worlds.
type cast struct {
	People  []person // all who ever were there
	Current []person // those who are there at that time
}

func (b *books) cast(when time.Duration) cast {
	var c cast
	for _, p := range b.People {
		if p.Service {
			continue
		}
		c.People = append(c.People, p)
		joined, err1 := ago(p.Joined)
		left, err2 := ago(p.Left)
		if err1 == nil && err2 == nil && (joined == 0 || when <= joined) && (left == 0 || when > left) {
			c.Current = append(c.Current, p)
		}
	}
	return c
}

// born are the fields that say since when a thing is there.
var born = []string{"Created", "Granted", "At"}

// prune takes out of every list below v what is not there yet.
func prune(v reflect.Value, now time.Time) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			prune(v.Elem(), now)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				prune(v.Field(i), now)
			}
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() != reflect.Struct {
			return
		}
		n := 0
		for i := range v.Len() {
			if x := v.Index(i); !later(x, now) {
				prune(x, now)
				v.Index(n).Set(x)
				n++
			}
		}
		v.SetLen(n)
	}
}

func later(x reflect.Value, now time.Time) bool {
	for _, name := range born {
		if t, ok := field(x, name).(time.Time); ok && t.After(now) {
			return true
		}
	}
	return false
}

func field(x reflect.Value, name string) any {
	f := x.FieldByName(name)
	if !f.IsValid() || !f.CanInterface() {
		return nil
	}
	return f.Interface()
}

// checkedOut are the files that git has of a repository, by path: what its forge shows of it.
func (b *books) checkedOut(w *writer, name string, when time.Duration) (map[string]string, error) {
	out := map[string]string{}
	for i := range b.archives {
		a := &b.archives[i]
		if a.repo == nil || a.repo.Name != name {
			continue
		}
		all := map[string]file{}
		if err := a.files(w, when, all); err != nil {
			return nil, err
		}
		for at, f := range all {
			rel := strings.TrimPrefix(at, a.at+"/")
			if f.mode == shared && !strings.HasPrefix(rel, ".git/") {
				out[rel] = f.text
			}
		}
	}
	return out, nil
}
