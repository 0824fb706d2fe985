package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	jsonform "nhitop/inventory/schema"
)

func printed(t *testing.T, args ...string) []byte {
	t.Helper()
	var out, said bytes.Buffer
	c := newCLI(strings.NewReader(""), &out, &said)
	if err := c.execute(t.Context(), args); err != nil && exitCode(err) != exitPartial {
		t.Fatalf("nhitop %s: %v\n%s", strings.Join(args, " "), err, said.String())
	}
	return out.Bytes()
}

// What scan prints of the made-up company is what the schema says, as a document and line by line, and the reader of
// records takes every record of it without a word.
func TestScanKeepsTheSchema(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(printed(t, "schema")))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("urn:nhitop:schema:v1", doc); err != nil {
		t.Fatal(err)
	}
	check := func(ref string, text []byte) {
		t.Helper()
		s, err := c.Compile("urn:nhitop:schema:v1" + ref)
		if err != nil {
			t.Fatal(err)
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(v); err != nil {
			t.Errorf("%.2000v", err)
		}
	}
	check("", printed(t, "--demo", "scan", "--format", "json"))
	seen := map[string]int{}
	for line := range bytes.Lines(printed(t, "--demo", "scan", "--format", "jsonl")) {
		var head struct{ Type string }
		if err := json.Unmarshal(line, &head); err != nil {
			t.Fatal(err)
		}
		if seen[head.Type]++; seen[head.Type] == 1 {
			check("#/$defs/line", line)
		}
		for _, n := range jsonform.Nouns() {
			if n.Line != head.Type {
				continue
			}
			for _, f := range jsonform.Decode(line, 1, n.New(), "type") {
				t.Errorf("%s: %s", n.Line, f)
			}
		}
	}
	for _, n := range jsonform.Nouns() {
		if n.Line != "reference" && seen[n.Line] == 0 {
			t.Errorf("the made-up company has no %s: nothing was tested", n.Line)
		}
	}
}
