package hubsim

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/nacl/box"
)

// Secret is one that is there.
type Secret struct {
	Value      string
	Updated    time.Time
	Visibility string // of one of an organisation
	Selected   []int64
}

// World is what there is at the start.
type World struct {
	Token  string
	Scopes string            // of a classic token; "": it is none
	Write  bool              // the token may write
	Places []string          // paths of lists of secrets
	Held   map[string]Secret // by the path of the list and the name
	Now    func() time.Time
}

// Fault is how it goes wrong.
type Fault struct {
	Lies          bool
	Status        int // of every write
	Before, After bool
}

// Sim is the service. Its methods may be called from several goroutines.
type Sim struct {
	mu        sync.Mutex
	w         World
	pub, priv *[32]byte
	fault     Fault
}

const keyID = "568250167242549743"

// New makes the service.
func New(w World) (*Sim, error) {
	pub, priv, err := box.GenerateKey(rand.Reader)
	if w.Held == nil {
		w.Held = map[string]Secret{}
	}
	return &Sim{w: w, pub: pub, priv: priv}, err
}

// Break makes it go wrong from now on.
func (s *Sim) Break(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Holds is a secret as it is now.
func (s *Sim) Holds(path string) Secret {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w.Held[path]
}

// ServeHTTP answers one request.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.w.Scopes != "" {
		w.Header().Set("X-OAuth-Scopes", s.w.Scopes)
	}
	status, answer := s.answer(r, body)
	if status == 0 {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	if status == http.StatusNoContent {
		return
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return
	}
	_, _ = w.Write(text) // who asked has gone
}

func says(text string) map[string]string {
	return map[string]string{"message": text, "documentation_url": "https://docs.github.com/rest"}
}

func (s *Sim) answer(r *http.Request, body []byte) (int, any) {
	if r.Header.Get("Authorization") != "Bearer "+s.w.Token {
		return http.StatusUnauthorized, says("Bad credentials")
	}
	list, name, below := r.URL.Path, "", ""
	if i := strings.Index(list, "/secrets/"); i >= 0 {
		list, name = list[:i+len("/secrets")], list[i+len("/secrets/"):]
		name, below, _ = strings.Cut(name, "/")
	}
	held, there := s.w.Held[list+"/"+name]
	switch {
	case !slices.Contains(s.w.Places, list):
		return http.StatusNotFound, says("Not Found")
	case name == "public-key" && r.Method == http.MethodGet:
		return http.StatusOK, map[string]string{"key_id": keyID, "key": base64.StdEncoding.EncodeToString(s.pub[:])}
	case r.Method == http.MethodPut:
		return s.put(list, name, body)
	case !there || r.Method != http.MethodGet:
		return http.StatusNotFound, says("Not Found")
	case below == "repositories":
		repos := []map[string]any{}
		for _, id := range held.Selected {
			repos = append(repos, map[string]any{"id": id, "name": "repo"})
		}
		return http.StatusOK, map[string]any{"total_count": len(repos), "repositories": repos}
	}
	about := map[string]any{"name": name, "created_at": held.Updated.UTC().Format(time.RFC3339), "updated_at": held.Updated.UTC().Format(time.RFC3339)}
	if held.Visibility != "" {
		about["visibility"] = held.Visibility
	}
	return http.StatusOK, about
}

func (s *Sim) put(list, name string, body []byte) (int, any) {
	var in struct {
		Sealed     string  `json:"encrypted_value"`
		Key        string  `json:"key_id"`
		Visibility string  `json:"visibility"`
		Selected   []int64 `json:"selected_repository_ids"`
	}
	sealed, err := []byte(nil), json.Unmarshal(body, &in)
	if err == nil {
		sealed, err = base64.StdEncoding.DecodeString(in.Sealed)
	}
	value, ok := box.OpenAnonymous(nil, sealed, s.pub, s.priv)
	held, there := s.w.Held[list+"/"+name]
	switch f := s.fault; {
	case !s.w.Write:
		return http.StatusForbidden, says("Resource not accessible by personal access token")
	case err != nil || !ok || in.Key != keyID:
		return http.StatusUnprocessableEntity, says("Bad request - unable to decrypt")
	case strings.HasPrefix(list, "/orgs/") && in.Visibility == "":
		return http.StatusUnprocessableEntity, says("Invalid request.\n\n\"visibility\" wasn't supplied.")
	case f.Before:
		return 0, nil
	case f.Status != 0:
		return f.Status, says("Server Error")
	case !f.Lies:
		held.Value, held.Updated, held.Visibility, held.Selected = string(value), s.w.Now(), in.Visibility, in.Selected
		s.w.Held[list+"/"+name] = held
	}
	if s.fault.After {
		return 0, nil
	}
	if there {
		return http.StatusNoContent, nil
	}
	return http.StatusCreated, map[string]any{}
}
