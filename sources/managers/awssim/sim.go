package awssim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// World is what there is at the start.
type World struct {
	Region        string
	KeyID, Secret string            // the access key that may ask
	May           []string          // operations that it may use; nil: all
	Secrets       map[string]string // value by name; "" has none yet
	Deleted       []string          // names that are about to be deleted
	Now           func() time.Time  // nil: the clock
}

// Fault is how it goes wrong.
type Fault struct {
	Lies          bool // a new version is answered as made, and nothing is kept
	Status        int  // of every PutSecretValue that makes a version; nothing is kept
	Before, After bool // the connection breaks before, or after, a version is made
}

// Sim is the service. Its methods may be called from several goroutines.
type Sim struct {
	mu    sync.Mutex
	w     World
	kept  map[string]*secret
	fault Fault
	other int // versions that others made
}

type secret struct {
	versions map[string]string   // value by id
	stages   map[string][]string // by id
}

const current, previous = "AWSCURRENT", "AWSPREVIOUS"

// New makes the service.
func New(w World) *Sim {
	if w.Now == nil {
		w.Now = time.Now
	}
	s := &Sim{w: w, kept: map[string]*secret{}}
	for name, v := range w.Secrets {
		s.kept[name] = &secret{versions: map[string]string{}, stages: map[string][]string{}}
		if v != "" {
			s.kept[name].put("fa4e0000-0000-4000-8000-000000000001", v)
		}
	}
	return s
}

// Break makes it go wrong from now on.
func (s *Sim) Break(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// Put writes as somebody else does.
func (s *Sim) Put(name, v string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.other++
	s.kept[name].put(fmt.Sprintf("fa4e0000-0000-4000-8000-1%011d", s.other), v)
}

// Shows is the value of AWSCURRENT, and how many versions there are.
func (s *Sim) Shows(name string) (string, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.kept[name]
	return k.versions[k.at(current)], len(k.versions)
}

func (k *secret) at(stage string) string {
	for id, all := range k.stages {
		if slices.Contains(all, stage) {
			return id
		}
	}
	return ""
}

// put makes a version AWSCURRENT, and the one that was so AWSPREVIOUS.
func (k *secret) put(id, v string) {
	was := k.at(current)
	if p := k.at(previous); p != "" {
		delete(k.stages, p)
	}
	k.versions[id] = v
	if was != "" && was != id {
		k.stages[was] = []string{previous}
	}
	k.stages[id] = []string{current}
}

type answer struct {
	status int
	body   any
	cut    bool
}

func fails(status int, code, text string) answer {
	return answer{status: status, body: map[string]string{"__type": code, "message": text}}
}

// ServeHTTP answers one request.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.answer(r, body)
	text, err := json.Marshal(a.body)
	if err != nil || a.cut {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(a.status)
	_, _ = w.Write(text) // who asked has gone
}

func (s *Sim) answer(r *http.Request, body []byte) answer {
	if a, ok := s.signed(r, body); !ok {
		return a
	}
	op, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), "secretsmanager.")
	var in struct{ SecretId, VersionId, ClientRequestToken, SecretString string }
	switch {
	case !ok || r.Method != http.MethodPost || r.URL.Path != "/" || r.Header.Get("Content-Type") != "application/x-amz-json-1.1":
		return fails(http.StatusBadRequest, "UnknownOperationException", "")
	case json.Unmarshal(body, &in) != nil:
		return fails(http.StatusBadRequest, "SerializationException", "")
	case s.w.May != nil && !slices.Contains(s.w.May, op):
		return fails(http.StatusBadRequest, "AccessDeniedException", "User: arn:aws:iam::123456789012:user/nhitop is not authorized to perform: secretsmanager:"+op)
	}
	k := s.kept[in.SecretId]
	if k == nil {
		return fails(http.StatusBadRequest, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
	}
	about := map[string]any{"ARN": "arn:aws:secretsmanager:" + s.w.Region + ":123456789012:secret:" + in.SecretId + "-fa4e01", "Name": in.SecretId}
	switch op {
	case "DescribeSecret":
		about["VersionIdsToStages"] = maps.Clone(k.stages)
		if slices.Contains(s.w.Deleted, in.SecretId) {
			about["DeletedDate"] = float64(s.w.Now().Unix())
		}
		return answer{status: http.StatusOK, body: about}
	case "GetSecretValue":
		id := in.VersionId
		if id == "" {
			id = k.at(current)
		}
		v, ok := k.versions[id]
		if !ok {
			return fails(http.StatusBadRequest, "ResourceNotFoundException", "Secrets Manager can't find the specified secret value for VersionId: "+id)
		}
		about["VersionId"], about["SecretString"], about["VersionStages"] = id, v, k.stages[id]
		return answer{status: http.StatusOK, body: about}
	case "PutSecretValue":
		return s.put(k, about, in.ClientRequestToken, in.SecretString)
	}
	return fails(http.StatusBadRequest, "UnknownOperationException", "")
}

// put answers PutSecretValue.
func (s *Sim) put(k *secret, about map[string]any, id, v string) answer {
	was, there := k.versions[id]
	switch f := s.fault; {
	case len(id) < 32 || len(id) > 64:
		return fails(http.StatusBadRequest, "InvalidParameterException", "ClientRequestToken must be 32-64 characters long.")
	case v == "":
		return fails(http.StatusBadRequest, "InvalidParameterException", "You must provide either SecretString or SecretBinary.")
	case there && was != v:
		return fails(http.StatusBadRequest, "ResourceExistsException", "A version with this ClientRequestToken exists and holds another value.")
	case there: // the same again is ignored
	case f.Before:
		return answer{cut: true}
	case f.Status != 0:
		return fails(f.Status, "InternalServiceError", "")
	case f.Lies:
	default:
		k.put(id, v)
		if f.After {
			return answer{cut: true}
		}
	}
	about["VersionId"], about["VersionStages"] = id, []string{current}
	return answer{status: http.StatusOK, body: about}
}

// signed checks the signature as AWS does.
func (s *Sim) signed(r *http.Request, body []byte) (answer, bool) {
	words := map[string]string{}
	for _, w := range strings.FieldsFunc(r.Header.Get("Authorization"), func(r rune) bool { return r == ',' || r == ' ' }) {
		name, v, _ := strings.Cut(w, "=")
		words[name] = v
	}
	date := r.Header.Get("X-Amz-Date")
	day, _, _ := strings.Cut(date, "T")
	scope := day + "/" + s.w.Region + "/secretsmanager/aws4_request"
	names := words["SignedHeaders"]
	switch {
	case words["Credential"] != s.w.KeyID+"/"+scope:
		return fails(http.StatusBadRequest, "UnrecognizedClientException", "The security token included in the request is invalid."), false
	case !slices.Contains(strings.Split(names, ";"), "x-amz-target"):
		return fails(http.StatusBadRequest, "InvalidSignatureException", "x-amz-target is not signed"), false
	}
	c := "POST\n/\n\n"
	for name := range strings.SplitSeq(names, ";") {
		v := r.Header.Get(name)
		if name == "host" {
			v = r.Host
		}
		c += name + ":" + v + "\n"
	}
	c += fmt.Sprintf("\n%s\n%x", names, sha256.Sum256(body))
	key := []byte("AWS4" + s.w.Secret)
	for _, part := range append(strings.Split(scope, "/"), fmt.Sprintf("AWS4-HMAC-SHA256\n%s\n%s\n%x", date, scope, sha256.Sum256([]byte(c)))) {
		h := hmac.New(sha256.New, key)
		_, _ = io.WriteString(h, part)
		key = h.Sum(nil)
	}
	if words["Signature"] != hex.EncodeToString(key) {
		return fails(http.StatusBadRequest, "InvalidSignatureException", "The request signature we calculated does not match the signature you provided."), false
	}
	return answer{}, true
}
