package schema_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"nhitop/inventory"
	"nhitop/inventory/schema"
)

func compiled(t *testing.T, ref string) *jsonschema.Schema {
	t.Helper()
	var b bytes.Buffer
	if err := schema.Write(&b); err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(&b)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("urn:nhitop:schema:v1", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("urn:nhitop:schema:v1" + ref)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// rows are records, with the fault that they have and whether the JSON Schema sees it too.
var rows = []struct {
	name, line string
	fault      string // a part of the first fault; "" for none
	refused    bool
}{
	{"the least", `{"id":"a","kind":"custom","name":"bot"}`, "", false},
	{"all of it", `{"id":"a","kind":"custom","name":"bot","class":"nhi","capabilities":{"open-pr":"yes"},"owners":["x"],"last_used":"2026-01-02T03:04:05+02:00","settings":[{"kind":"mode","name":"m","effective":true}],"job":{"system":"github-actions","permissions":{"contents":"write"}}}`, "", false},
	{"null is left out", `{"id":"a","kind":"custom","name":"bot","owners":null,"job":null}`, "", false},
	{"missing", `{"kind":"custom","name":"bot"}`, "id: is missing", true},
	{"unknown word", `{"id":"a","kind":"custom","name":"bot","autonomy":"autos"}`, `autonomy: unknown word; did you mean "auto"?`, true},
	{"wrong type", `{"id":"a","kind":"custom","name":"bot","owners":"x"}`, "owners: is of the wrong type; give a list of text", true},
	{"no time", `{"id":"a","kind":"custom","name":"bot","last_used":"yesterday"}`, "last_used: is no time", true},
	{"unknown capability", `{"id":"a","kind":"custom","name":"bot","capabilities":{"open-prs":"yes"}}`, "capabilities.open-prs: unknown name; did you mean", true},
	{"deep in", "{\"id\":\"a\",\"kind\":\"custom\",\"name\":\"bot\",\"evidence\":[{\"path\":\"x\"},\n{\"path\":\"y\",\"line\":\"7\"}]}", "line 8: evidence[1].line: is of the wrong type", true},
	{"not an object", `[1]`, "is a list; give an object", true},
}

func TestDecode(t *testing.T) {
	s := compiled(t, "#/$defs/assistant")
	for _, r := range rows {
		var a inventory.Assistant
		faults := schema.Decode([]byte(r.line), 7, &a)
		first := ""
		if len(faults) > 0 {
			first = faults[0].String()
		}
		if (r.fault == "") != (first == "") || !strings.Contains(first, r.fault) {
			t.Errorf("%s: %q, want %q", r.name, first, r.fault)
		}
		if schema.Refused(faults) != r.refused {
			t.Errorf("%s: refused %v", r.name, !r.refused)
		}
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(strings.ReplaceAll(strings.ReplaceAll(r.line, `"owners":null,`, ""), `,"job":null`, "")))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(v); (err != nil) != r.refused && r.name != "no time" {
			t.Errorf("%s: the JSON Schema says %v", r.name, err)
		}
	}
}

func TestDecodeTellsWhatIsExtra(t *testing.T) {
	var a inventory.Assistant
	faults := schema.Decode([]byte(`{"type":"assistant","id":"a","kind":"custom","name":"bot","Purpose":"p","ownrs":[{"deep":[1]}],"name":"again"}`), 1, &a, "type")
	var all []string
	for _, f := range faults {
		all = append(all, f.String())
	}
	text := strings.Join(all, "\n")
	for _, want := range []string{`Purpose: unknown field; did you mean "purpose"?`, `ownrs: unknown field; did you mean "owners"?`, "name: is given twice"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if len(faults) != 3 || a.Purpose != "" {
		t.Errorf("%d faults, purpose %q:\n%s", len(faults), a.Purpose, text)
	}
}

// A value in the wrong place stands in no message.
func TestFaultsQuoteNothing(t *testing.T) {
	v := "gh" + "p_FAKEfake0000111122223333444455556666"
	for _, line := range []string{
		`{"id":"a","kind":"custom","name":"bot","autonomy":"` + v + `"}`, `{"` + v + `":1}`, `{"id":"a","capabilities":{"` + v + `":"yes"}}`,
		`{"id":"a","last_used":"` + v + `"}`, `{"id":"a" ` + v + `}`, `{"id":{"` + v + `":[]}}`,
	} {
		var a inventory.Assistant
		for _, f := range schema.Decode([]byte(line), 1, &a) {
			if strings.Contains(f.String(), "FAKE") {
				t.Errorf("%s", f)
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, r := range rows {
		f.Add([]byte(r.line))
	}
	f.Add([]byte(strings.Repeat(`{"owners":[`, 200)))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, n := range schema.Nouns() {
			v := n.New()
			for _, fault := range schema.Decode(data, 1, v) {
				if fault.Line < 1 || fault.Text == "" {
					t.Errorf("a fault without a place: %+v", fault)
				}
			}
		}
	})
}
