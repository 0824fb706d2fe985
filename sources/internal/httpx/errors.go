package httpx

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/credential"
)

// Errors that callers tell apart.
var (
	ErrUnarmed  = errors.New("this would change something, and no confirmed step asks for it")
	ErrLimited  = errors.New("its rate limit lasts longer than nhitop waits")
	ErrTooLarge = errors.New("the answer is larger than what is read")
	ErrRedirect = errors.New("it sends the request elsewhere, which is not followed")
	ErrCut      = errors.New("the connection was cut")
	ErrTimeout  = errors.New("no answer in time")
	ErrAnswer   = errors.New("the answer is not what its interface says")
)

// StatusError is an answer of 400 or above, or one that is no answer to the request.
type StatusError struct {
	Service    string
	Method     string
	Path       string // without query; a credential in it is masked
	Status     int
	Message    string        // what the service says: cleaned, short, secrets masked
	RetryAfter time.Duration // what the service asks for; 0: nothing
}

func (e *StatusError) Error() string {
	s := fmt.Sprintf("%s: %s %s: %d %s", e.Service, e.Method, e.Path, e.Status, http.StatusText(e.Status))
	if e.Message != "" {
		s += ": " + e.Message
	}
	return s
}

// Status returns the status of a [StatusError] in the chain, or 0.
func Status(err error) int {
	var se *StatusError
	if errors.As(err, &se) {
		return se.Status
	}
	return 0
}

// callError says which request failed. Its text holds no query, and no credential that can be told as one.
type callError struct {
	service, method, path string
	err                   error
}

func (e *callError) Error() string {
	return fmt.Sprintf("%s: %s %s: %s", e.service, e.method, e.path, credential.Redact(inventory.Clean(e.err.Error())))
}

func (e *callError) Unwrap() error { return e.err }

const maxMessage = 200 // bytes of what a service says that are worth showing

// message takes from an error body what the service says, without anything of the credentials that were sent.
func message(body []byte, sent []string) string {
	var m struct {
		Message     any    `json:"message"`
		Error       any    `json:"error"`
		Description string `json:"error_description"`
		Reason      string `json:"reason"`
		Errors      []any  `json:"errors"` // Vault: texts
	}
	if deep(body, defaultDepth) != nil || json.Unmarshal(body, &m) != nil {
		return ""
	}
	text := m.Description
	for _, v := range []any{m.Message, m.Error} {
		if s, ok := v.(string); ok && text == "" {
			text = s
		}
		if in, ok := v.(map[string]any); ok && text == "" { // {"error":{"type":..,"code":..,"message":..}}
			text = nested(in)
		}
	}
	for _, v := range m.Errors {
		if s, ok := v.(string); ok && text == "" {
			text = s
		}
	}
	if text == "" {
		text = m.Reason
	}
	return mask(text, sent)
}

// nested is what an error object says: its code, or else its type, before its words.
func nested(in map[string]any) string {
	var out []string
	for _, k := range []string{"code", "type", "message"} {
		s, ok := in[k].(string)
		if ok && s != "" && !(k == "type" && len(out) > 0) {
			out = append(out, s)
		}
	}
	return strings.Join(out, ": ")
}

// mask makes a text of a service fit to be shown.
func mask(text string, sent []string) string {
	text = credential.Redact(inventory.Clean(strings.ToValidUTF8(text, "")))
	if len(text) > maxMessage {
		text = strings.ToValidUTF8(text[:maxMessage], "") + "…"
	}
	if repeats(text, sent) {
		return "what it says repeats the credential and is not shown"
	}
	return text
}

// repeats reports whether a piece of a credential stands in a text.
func repeats(text string, sent []string) bool {
	const piece = 8
	for _, s := range sent {
		for i := 0; i+piece <= len(s); i++ {
			if strings.Contains(text, s[i:i+piece]) {
				return true
			}
		}
		if len(s) > 0 && len(s) < piece && strings.Contains(text, s) {
			return true
		}
	}
	return false
}

type armed struct{}

// Armed returns a context in which a request may change something. step names what asks for it, for the log.
func Armed(ctx context.Context, step string) context.Context {
	return context.WithValue(ctx, armed{}, step)
}

func armedBy(ctx context.Context) (string, bool) {
	s, ok := ctx.Value(armed{}).(string)
	return s, ok
}
