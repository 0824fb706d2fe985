package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// checkout is a home with a repository below it, and the beginning of a command that scans both.
func checkout(t *testing.T) (dir string, scan []string) {
	t.Helper()
	dir = t.TempDir()
	home, repo := filepath.Join(dir, "home"), filepath.Join(dir, "home", "work", "web")
	token := "gh" + "p_FAKEfa4eFAKEfa4eFAKEfa4eFAKEfa4eFAKE"
	writeFile(t, filepath.Join(repo, ".mcp.json"), `{"mcpServers":{"a":{"command":"npx","args":["-y","x"],"env":{"T":"`+token+`"}}}}`)
	writeFile(t, filepath.Join(home, ".claude", "settings.json"), `{"permissions":{"defaultMode":"bypassPermissions"}}`)
	return dir, []string{"--home", home, "--path", repo, "--state", filepath.Join(dir, "state"), "scan"}
}

// A filter prints its part, judges by it alone, and is refused where it cannot be meant, before anything is read.
func TestScanFiltersFindings(t *testing.T) {
	_, args := checkout(t)
	run := func(more ...string) (code int, out, said string) {
		t.Helper()
		var o, e bytes.Buffer
		err := newCLI(strings.NewReader(""), &o, &e).execute(t.Context(), append(slices.Clone(args), more...))
		if err != nil {
			e.WriteString(err.Error())
		}
		return exitCode(err), o.String(), e.String()
	}
	code, out, said := run("--format", "csv", "--filter", "rule=AUT-01", "--fail-on", "track")
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][3] != "AUT-01" || code != exitFindings {
		t.Errorf("exit %d, %v, %q %s", code, err, rows, said)
	}
	if code, out, said = run("--filter", "rule=NONE", "--fail-on", "track"); code != exitDone || !strings.Contains(out, "0 findings of") {
		t.Errorf("of nothing: exit %d, %s %s", code, out, said)
	}
	for want, more := range map[string][]string{
		"--format json is always whole": {"--format", "json", "--filter", "rule=AUT-01"}, "did you mean rule": {"--filter", "ruel=AUT-01"},
		"nothing is asked for": {"--filter", ""}, "--since prints changes": {"--since", "7d", "--filter", "rule=AUT-01"},
	} {
		if code, out, said := run(more...); code != exitUsage || out != "" || !strings.Contains(said, want) {
			t.Errorf("%v: exit %d, %q, want %q", more, code, said, want)
		}
	}
}

// A checkout below the home has the paths of the repository, and what stands beside it has others; a file of nhitop itself
// that is read as a scanner's report brings no secret.
func TestSARIFNamesTheFilesOfACheckout(t *testing.T) {
	dir, args := checkout(t)
	out := filepath.Join(dir, "reports", "nhitop.sarif")
	writeFile(t, out, "")
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
	writeFile(t, config, "[[sources.file]]\nname = \"own\"\npath = "+string(mustJSON(t, filepath.Dir(out)))+"\n")
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
