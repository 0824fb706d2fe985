//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// reports writes what three scanners say of values that were made for this run, with each value wherever such a tool puts it.
func reports(t *testing.T, p *planted) (config string) {
	t.Helper()
	dir := filepath.Dir(p.home)
	var leaks, results, hogs []string
	for i := range 5 {
		v := p.secret(map[bool]string{true: "ghp_", false: ""}[i == 0], 36)
		if i == 1 { // one with what JSON must escape
			v = "\"" + v + "\n" + p.secret("", 30)
		}
		q, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		in := strings.Trim(string(q), `"`)
		leaks = append(leaks, fmt.Sprintf(`{"RuleID":"generic-api-key","Description":"found %[1]s","StartLine":%[2]d,"Match":"token = %[1]s","Secret":%[3]s,"File":"src/%[1]s.env","Commit":"%040[2]d","Author":"%[1]s","Message":"adds %[1]s","Tags":["%[1]s"],"Fingerprint":"x:%[1]s"}`, in, i+1, q))
		results = append(results, fmt.Sprintf(`{"ruleId":"generic-api-key","message":{"text":"%[1]s in file"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"src/%[1]s.env"},"region":{"startLine":%[2]d,"snippet":{"text":%[3]s}}}}],"partialFingerprints":{"author":"%[1]s"}}`, in, i+1, q))
		hogs = append(hogs, fmt.Sprintf(`{"SourceMetadata":{"Data":{"Git":{"commit":"%040[2]d","file":"src/%[1]s.env","email":"%[1]s","link":"https://example.com/%[1]s","line":%[2]d}}},"DetectorName":"Github","Verified":true,"Raw":%[3]s,"RawV2":"%[1]s:%[1]s","Redacted":"%[1]s","ExtraData":{"%[1]s":"%[1]s"}}`, in, i+1, q))
	}
	var b strings.Builder
	for name, text := range map[string]string{
		"gitleaks": "[" + strings.Join(leaks, ",\n") + "]", "trufflehog": strings.Join(hogs, "\n") + "\n",
		"sarif": `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"gitleaks"}},"results":[` + strings.Join(results, ",") + `]}]}`,
	} {
		path := filepath.Join(dir, "reports", name+".json")
		p.write(t, path, text)
		fmt.Fprintf(&b, "[[sources.file]]\nname = %q\npath = %q\nroot = %q\n", name, path, p.repo)
	}
	config = filepath.Join(dir, "config.toml")
	p.write(t, config, b.String())
	return config
}

// A value that stands in a scanner's report stands nowhere after it was taken in: no output, no file of the state, no log.
func TestPlantedValuesOfReports(t *testing.T) {
	dir := t.TempDir()
	p := &planted{home: filepath.Join(dir, "home"), repo: filepath.Join(dir, "repo"), state: filepath.Join(dir, "state")}
	for _, d := range []string{p.home, p.repo} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	config := reports(t, p)
	for _, args := range [][]string{
		{"scan"}, {"scan", "--format", "json"}, {"scan", "--format", "jsonl"}, {"scan", "--format", "csv"}, {"scan", "--format", "markdown"}, {"scan", "--format", "sarif"}, {"scan", "--format", "html"},
		{"show", "github-pat"}, {"show", "github-pat", "--format", "sarif"}, {"show", "github-pat", "--format", "html"}, {"sources"}, {"controls"}, {"revoke", "github-pat", "--yes", "--reason", "leaked"}, {"runs"}, {"audit", "list"},
	} {
		out, err := p.command(append(args, "--config", config)...).CombinedOutput()
		if _, ended := err.(*exec.ExitError); err != nil && !ended {
			t.Fatal(err)
		}
		p.search(t, strings.Join(args, " "), out)
		if len(args) < 3 || args[2] != "json" {
			continue
		}
		var doc struct {
			Secrets []struct {
				Sources []string `json:"sources"`
			} `json:"secrets"`
		}
		if err := json.Unmarshal(out, &doc); err != nil {
			t.Fatal(err)
		}
		for _, s := range doc.Secrets {
			if len(s.Sources) != 3 {
				t.Errorf("a secret of three reports is one of %v", s.Sources)
			}
		}
		if len(doc.Secrets) != 5 {
			t.Errorf("%d secrets, want 5: the reports were not taken in", len(doc.Secrets))
		}
	}
	p.searchFiles(t)
}
