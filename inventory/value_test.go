package inventory

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	yaml "go.yaml.in/yaml/v3"
)

// planted is a secret that no output may hold, not even four characters of it in a row beyond the hint.
var planted = "ghp_" + "FAKE" + strings.Repeat("x9Qw", 7) + "5wsT"

// leaks reports whether five characters in a row of the secret are in the text, as they are or in hex.
func leaks(text, secret string) string {
	for i := 0; i+5 <= len(secret); i++ {
		part := secret[i : i+5]
		for _, form := range []string{part, fmt.Sprintf("%x", part), fmt.Sprintf("%X", part), strings.Trim(fmt.Sprint([]byte(part)), "[]")} {
			if strings.Contains(text, form) {
				return form
			}
		}
	}
	return ""
}

// The shapes in which a value can reach a printer: by itself, by pointer, in lists and maps, and in the exported and the
// unexported field of a struct, where fmt does not ask the value how to print it.
func shapes(v Value) map[string]any {
	type open struct{ V Value }
	type closed struct{ v Value }
	type closedPointer struct{ v *Value }
	return map[string]any{
		"value": v, "pointer": &v, "slice": []Value{v}, "map": map[string]Value{"k": v}, "key": map[Value]int{v: 1}, "any": []any{v},
		"exported": open{v}, "unexported": closed{v}, "pointer to unexported": &closed{v}, "unexported pointer": closedPointer{&v},
		"nested": []any{map[string]any{"a": closed{v}}}, "error": fmt.Errorf("with %v: %w", v, errors.New("x")),
	}
}

func TestValuePrintsNothing(t *testing.T) {
	v := NewValueWithin(planted, "user@host-"+planted, 200)
	for name, x := range shapes(v) {
		for _, verb := range strings.Split("v +v #v s q x X d t T b o O c U e E f F g G p w", " ") {
			got := fmt.Sprintf("%"+verb, x)
			if part := leaks(got, planted); part != "" {
				t.Errorf("%%%s of %s shows %q", verb, name, part)
			}
		}
	}
	if got := fmt.Sprint(v, &v); !strings.Contains(got, redacted) {
		t.Errorf("printed as %q", got)
	}
}

func TestValueEncodesNothing(t *testing.T) {
	v := NewValue(planted)
	type record struct {
		V Value  `json:"v" toml:"v" yaml:"v" xml:"v"`
		P *Value `json:"p" toml:"p" yaml:"p" xml:"p"`
		v Value
	}
	r := record{V: v, P: &v, v: v}
	_ = r.v
	for name, encode := range map[string]func() ([]byte, error){
		"json": func() ([]byte, error) { return json.Marshal(r) },
		"xml":  func() ([]byte, error) { return xml.Marshal(r) },
		"yaml": func() ([]byte, error) { return yaml.Marshal(r) },
		"toml": func() ([]byte, error) {
			var b bytes.Buffer
			err := toml.NewEncoder(&b).Encode(r)
			return b.Bytes(), err
		},
		"slog json": func() ([]byte, error) {
			var b bytes.Buffer
			slog.New(slog.NewJSONHandler(&b, nil)).Info("m", "v", v, "p", &v, "r", r, "g", slog.GroupValue(slog.Any("x", v)))
			return b.Bytes(), nil
		},
		"slog text": func() ([]byte, error) {
			var b bytes.Buffer
			slog.New(slog.NewTextHandler(&b, nil)).Info("m", "v", v, "p", &v, "r", r)
			return b.Bytes(), nil
		},
	} {
		got, err := encode()
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if part := leaks(string(got), planted); part != "" {
			t.Errorf("%s shows %q", name, part)
		}
		if !bytes.Contains(got, []byte(redacted)) {
			t.Errorf("%s does not say that something is left out: %s", name, got)
		}
	}
}

func TestKeyPrintsNothing(t *testing.T) {
	var k Key
	copy(k[:], planted)
	for _, verb := range strings.Split("v +v #v s q x X d", " ") {
		if part := leaks(fmt.Sprintf("%"+verb, k), planted[:32]); part != "" {
			t.Errorf("%%%s shows %q", verb, part)
		}
	}
	data, err := json.Marshal(map[string]any{"k": k})
	if err != nil || leaks(string(data), planted[:32]) != "" {
		t.Errorf("json: %s %v", data, err)
	}
}

func TestHint(t *testing.T) {
	long := "FAKE" + strings.Repeat("a", 20) + "wxyz"
	for name, c := range map[string]struct {
		v    Value
		want string
	}{
		"none":                     {Value{}, ""},
		"19 characters":            {NewValue(strings.Repeat("a", 19)), ""},
		"20 characters":            {NewValue(strings.Repeat("a", 16) + "wxyz"), "wxyz"},
		"long":                     {NewValue(long), "wxyz"},
		"short password in a URL":  {NewValueWithin("hunter2", "u@h", 60), ""},
		"long password in a URL":   {NewValueWithin("abcdefghwxyz", "u@h", 60), "wxyz"},
		"same in a short text":     {NewValueWithin("abcdefghwxyz", "u", 15), ""},
		"ends in a control":        {NewValue(strings.Repeat("a", 20) + "\n"), ""},
		"ends in a letter of many": {NewValue(strings.Repeat("a", 20) + "é"), ""},
	} {
		if got := c.v.Hint(); got != c.want {
			t.Errorf("%s: hint %q, want %q", name, got, c.want)
		}
	}
}

func TestFingerprint(t *testing.T) {
	k1, k2 := Key{1}, Key{2}
	v := NewValue(planted)
	if k1.Fingerprint(v) != k1.Fingerprint(NewValue(planted)) {
		t.Error("the same secret has two fingerprints")
	}
	if k1.Fingerprint(v) == k2.Fingerprint(v) {
		t.Error("the fingerprint does not depend on the key")
	}
	if k1.Fingerprint(NewValueWithin("pw", "a@h", 9)) == k1.Fingerprint(NewValueWithin("pw", "b@h", 9)) {
		t.Error("equal passwords of two accounts are one secret")
	}
	if n := len(k1.Fingerprint(v)); n != 32 {
		t.Errorf("%d characters", n)
	}
}

func TestShows(t *testing.T) {
	v := NewValue("sk-" + "FAKE-abcdefghijklmnop-wxyz")
	for cut, want := range map[string]bool{
		"sk-FAKE...wxyz": true, "sk-F****wxyz": true, "sk-FAKE…wxyz": true, "sk-FAKE...xyz": false, "...wxyz": false, "sk-FALE...wxyz": false,
		"sk-FAKE": false, "": false, "sk-FAKE-abcdefghijklmnop-wxyz": false, "sk-FAKE-abcdefghijklm...lmnop-wxyz": false,
	} {
		if v.Shows(cut) != want {
			t.Errorf("%q: want %v", cut, want)
		}
	}
}
