package vaultsim

import (
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// engine answers a request to a secrets engine.
func (s *Sim) engine(token map[string][]string, mount, rest string, r *http.Request, body []byte) answer {
	switch s.w.Mounts[mount] {
	case 1:
		return s.kv1(token, mount+"/"+rest, r, body)
	case 2:
		part, path, _ := strings.Cut(rest, "/")
		name := mount + "/" + path
		switch part {
		case "data":
			return s.kv2(token, mount+"/"+rest, name, r, body)
		case "metadata":
			return s.metadata(token, mount+"/"+rest, name, r)
		}
		a := fails(http.StatusNotFound)
		a.body = map[string]any{"errors": []string{}, "warnings": []string{"Invalid path for a versioned K/V secrets engine. See the API docs for the appropriate API endpoints to use."}}
		return a
	}
	return fails(http.StatusNotFound, "unsupported path")
}

// needs is the capability that a write takes: what is not there is created.
func (s *Sim) needs(name string) string {
	if s.kept[name] == nil {
		return "create"
	}
	return "update"
}

func (s *Sim) kv1(token map[string][]string, name string, r *http.Request, body []byte) answer {
	switch r.Method {
	case http.MethodGet:
		k := s.kept[name]
		switch {
		case !mayDo(token, name, "read"):
			return denied
		case k == nil:
			return fails(http.StatusNotFound)
		}
		return ok(k.versions[0].data)
	case http.MethodPost, http.MethodPut:
		var d Data
		switch {
		case !mayDo(token, name, s.needs(name)):
			return denied
		case json.Unmarshal(body, &d) != nil || len(d) == 0:
			return fails(http.StatusBadRequest, "missing data fields")
		}
		s.put(name, d)
		return answer{status: http.StatusNoContent}
	}
	return fails(http.StatusMethodNotAllowed, "1 error occurred:\n\t* unsupported operation\n\n")
}

func (s *Sim) kv2(token map[string][]string, path, name string, r *http.Request, body []byte) answer {
	switch r.Method {
	case http.MethodGet:
		if !mayDo(token, path, "read") {
			return denied
		}
		return s.read(name, r.URL.Query().Get("version"))
	case http.MethodPost, http.MethodPut:
		if !mayDo(token, path, s.needs(name)) {
			return denied
		}
		return s.write(name, body, false)
	case http.MethodDelete:
		k := s.kept[name]
		switch {
		case !mayDo(token, path, "delete"):
			return denied
		case k != nil:
			k.versions[len(k.versions)-1].deleted = s.w.Now()
		}
		return answer{status: http.StatusNoContent}
	case http.MethodPatch:
		switch {
		case !mayDo(token, path, "patch"):
			return denied
		case r.Header.Get("Content-Type") != "application/merge-patch+json":
			return fails(http.StatusUnsupportedMediaType, "PATCH requires Content-Type of application/merge-patch+json, provided "+r.Header.Get("Content-Type"))
		}
		return s.write(name, body, true)
	}
	return fails(http.StatusMethodNotAllowed, "1 error occurred:\n\t* unsupported operation\n\n")
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func (v *version) metadata(n int) map[string]any {
	return map[string]any{"version": n, "created_time": stamp(v.made), "deletion_time": stamp(v.deleted), "destroyed": false, "custom_metadata": nil}
}

func (s *Sim) read(name, wanted string) answer {
	k := s.kept[name]
	if k == nil {
		return fails(http.StatusNotFound)
	}
	n := len(k.versions)
	if s.late > 0 {
		s.late--
		n = k.shown
	}
	if w, err := strconv.Atoi(wanted); err == nil && w > 0 {
		n = w
	}
	if n < 1 || n > len(k.versions) {
		return fails(http.StatusNotFound)
	}
	v := &k.versions[n-1]
	if !v.deleted.IsZero() && !s.w.Now().Before(v.deleted) {
		return answer{status: http.StatusNotFound, body: envelope(map[string]any{"data": nil, "metadata": v.metadata(n)})}
	}
	return ok(map[string]any{"data": v.data, "metadata": v.metadata(n)})
}

func (s *Sim) write(name string, body []byte, patch bool) answer {
	var in struct {
		Options map[string]any
		Data    Data
	}
	if json.Unmarshal(body, &in) != nil || in.Data == nil {
		return fails(http.StatusBadRequest, "no data provided")
	}
	k, n := s.kept[name], 0
	if k != nil {
		n = len(k.versions)
	} else if patch {
		return fails(http.StatusNotFound)
	}
	if cas, is := in.Options["cas"].(float64); is && int(cas) != n {
		return fails(http.StatusBadRequest, "check-and-set parameter did not match the current version")
	}
	if patch {
		last := k.versions[n-1]
		if !last.deleted.IsZero() {
			return answer{status: http.StatusNotFound, body: envelope(last.metadata(n))}
		}
		all := maps.Clone(last.data)
		for key, v := range in.Data { // RFC 7396 for one level: values here are no objects
			if all[key] = v; v == nil {
				delete(all, key)
			}
		}
		in.Data = all
	}
	return ok(s.put(name, in.Data).metadata(n + 1))
}

func (s *Sim) metadata(token map[string][]string, path, name string, r *http.Request) answer {
	k := s.kept[name]
	switch {
	case r.Method != http.MethodGet:
		return fails(http.StatusMethodNotAllowed, "1 error occurred:\n\t* unsupported operation\n\n")
	case !mayDo(token, path, "read"):
		return denied
	case k == nil:
		return fails(http.StatusNotFound)
	}
	versions := map[string]any{}
	for i := range k.versions {
		v := &k.versions[i]
		versions[strconv.Itoa(i+1)] = map[string]any{"created_time": stamp(v.made), "deletion_time": stamp(v.deleted), "destroyed": false}
	}
	return ok(map[string]any{"cas_required": false, "current_version": len(k.versions), "oldest_version": 1, "max_versions": 0, "delete_version_after": "0s", "custom_metadata": nil, "versions": versions,
		"created_time": stamp(k.versions[0].made), "updated_time": stamp(k.versions[len(k.versions)-1].made)})
}
