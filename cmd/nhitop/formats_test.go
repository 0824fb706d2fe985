package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

type sarifFile struct {
	Runs []struct {
		Invocations []struct {
			ExecutionSuccessful bool `json:"executionSuccessful"`
		} `json:"invocations"`
		Results []struct {
			Locations []struct {
				PhysicalLocation struct {
					ArtifactLocation struct {
						URI  string `json:"uri"`
						Base string `json:"uriBaseId"`
					} `json:"artifactLocation"`
				} `json:"physicalLocation"`
			} `json:"locations"`
			Suppressions []json.RawMessage `json:"suppressions"`
		} `json:"results"`
	} `json:"runs"`
}

// keepsSARIF holds a file against the published schema where there is a copy of it.
func keepsSARIF(t *testing.T, text []byte) (f sarifFile) {
	t.Helper()
	if err := json.Unmarshal(text, &f); err != nil || len(f.Runs) != 1 {
		t.Fatalf("%v, %d runs", err, len(f.Runs))
	}
	path := os.Getenv("NHITOP_TEST_SARIF_SCHEMA")
	if path == "" {
		t.Log("NHITOP_TEST_SARIF_SCHEMA names no copy of OASIS's sarif-schema-2.1.0.json; .ci/run fetches it: not held against it")
		return f
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err == nil {
		err = s.Validate(doc)
	}
	if err != nil {
		t.Errorf("%.3000v", err)
	}
	return f
}

func TestSARIFOfTheDemo(t *testing.T) {
	var all struct {
		Findings   []struct{ State string } `json:"findings"`
		Assistants []struct{ ID string }    `json:"assistants"`
		Complete   bool                     `json:"complete"`
	}
	if err := json.Unmarshal(printed(t, "--demo", "scan", "--format", "json"), &all); err != nil {
		t.Fatal(err)
	}
	run := keepsSARIF(t, printed(t, "--demo", "scan", "--format", "sarif")).Runs[0]
	accepted, suppressed := 0, 0
	for _, f := range all.Findings {
		if f.State == "accepted" {
			accepted++
		}
	}
	for _, r := range run.Results {
		suppressed += len(r.Suppressions)
	}
	if len(run.Results) != len(all.Findings) || suppressed != accepted || accepted == 0 || run.Invocations[0].ExecutionSuccessful != all.Complete {
		t.Errorf("%d results and %d suppressed, of %d findings and %d accepted", len(run.Results), suppressed, len(all.Findings), accepted)
	}
	one := keepsSARIF(t, printed(t, "--demo", "show", all.Assistants[0].ID, "--format", "sarif")).Runs[0]
	if n := len(one.Results); n == 0 || n >= len(run.Results) {
		t.Errorf("%d results of one assistant", n)
	}
}

// A checkout below the home has the paths of the repository, and what stands beside it has others; a file of nhitop itself
// that is read as a scanner's report brings no secret.
func TestSARIFNamesTheFilesOfACheckout(t *testing.T) {
	dir := t.TempDir()
	home, repo := filepath.Join(dir, "home"), filepath.Join(dir, "home", "work", "web")
	write := func(path, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	token := "gh" + "p_FAKEfa4eFAKEfa4eFAKEfa4eFAKEfa4eFAKE"
	write(filepath.Join(repo, ".mcp.json"), `{"mcpServers":{"a":{"command":"npx","args":["-y","x"],"env":{"T":"`+token+`"}}}}`)
	write(filepath.Join(home, ".claude", "settings.json"), `{"permissions":{"defaultMode":"bypassPermissions"}}`)
	out := filepath.Join(dir, "reports", "nhitop.sarif")
	write(out, "")
	args := []string{"--home", home, "--path", repo, "--state", filepath.Join(dir, "state"), "scan"}
	printed(t, append(args, "--format", "sarif", "--output", out)...)
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, r := range keepsSARIF(t, text).Runs[0].Results {
		for _, l := range r.Locations {
			a := l.PhysicalLocation.ArtifactLocation
			seen[a.Base+" "+a.URI] = true
		}
	}
	if !seen["SRCROOT .mcp.json"] || !seen["HOME .claude/settings.json"] {
		t.Errorf("the places are %v", seen)
	}
	config := filepath.Join(dir, "config.toml")
	write(config, "[[sources.file]]\nname = \"own\"\npath = "+string(mustJSON(t, filepath.Dir(out)))+"\n")
	var doc struct {
		Secrets []json.RawMessage `json:"secrets"`
		Sources []struct {
			Status   string           `json:"status"`
			Warnings []map[string]any `json:"warnings"`
		} `json:"sources"`
	}
	if err := json.Unmarshal(printed(t, append(args, "--format", "json", "--config", config, "--source", "file:own")...), &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Secrets) != 0 || len(doc.Sources) != 1 || doc.Sources[0].Status != "ok" || len(doc.Sources[0].Warnings) != 1 {
		t.Errorf("its own report brought %d secrets, and said %+v", len(doc.Secrets), doc.Sources)
	}
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
