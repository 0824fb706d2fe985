package file_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/sources"
	"nhitop/sources/file"
	"nhitop/sources/sourcetest"
)

// planted are values put together here, so that no scanner finds them in this file.
var planted = []string{
	"gh" + "p_FAKEw7Xc3bN9mQ1zL5kJ8hG2fD6sP4aR0yTq", // of a known form, its checksum is wrong
	"FAKEq8Zt4vB2nM7xK1pL9wR5yT3uH6jD0sFa",          // of none
	"gl" + "pat-FAKEk3Vx8Qm2Wn7Zp5Rt",
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	p := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

func quote(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// reports are what scanners write about the planted values, with each value wherever such a tool puts it, and in some
// places more.
func reports() map[string]string {
	var leaks, sarif, hogs []string
	for i, v := range planted {
		leaks = append(leaks, fmt.Sprintf(`{"RuleID":"generic-api-key","Description":"found %[1]s","StartLine":%[2]d,"Match":"token = %[1]s","Secret":%[3]s,"File":"src/%[1]s.env","Commit":"%040[2]d","Author":"%[1]s","Message":"adds %[1]s","Tags":["%[1]s"],"Fingerprint":"x:%[1]s"}`, v, i+1, quote(v)))
		sarif = append(sarif, fmt.Sprintf(`{"ruleId":"generic-api-key","message":{"text":"%[1]s in file"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"src/%[1]s.env"},"region":{"startLine":%[2]d,"snippet":{"text":%[3]s}}}}],"partialFingerprints":{"commitSha":"","author":"%[1]s"}}`, v, i+1, quote(v)))
		hogs = append(hogs, fmt.Sprintf(`{"SourceMetadata":{"Data":{"Git":{"commit":"%040[2]d","file":"src/%[1]s.env","email":"%[1]s","link":"https://example.com/%[1]s","line":%[2]d}}},"DetectorName":"Github","Verified":%[4]t,"Raw":%[3]s,"RawV2":"%[1]s:%[1]s","Redacted":"%[1]s","ExtraData":{"%[1]s":"%[1]s"}}`, v, i+1, quote(v), i == 0))
	}
	return map[string]string{
		"gitleaks":   "[" + strings.Join(leaks, ",\n") + "]",
		"sarif":      `{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"gitleaks"}},"results":[` + strings.Join(sarif, ",") + `]}]}`,
		"trufflehog": strings.Join(hogs, "\n") + "\n",
	}
}

const document = `{"schema":"nhitop/v1","complete":true,
 "assistants":[
  {"id":"deploy-bot","kind":"custom","name":"deploy bot","owners":["ann"],"secrets":["key-1"]},
  {"id":"docs-bot","kind":"custom","name":"docs bot","autonomy":"ask"}],
 "owners":[{"id":"ann","kind":"person","name":"Ann","email":"ann@example.com"}],
 "secrets":[{"id":"key-1","kind":"custom-key","state":"live","assistants":["deploy-bot"]}],
 "entitlements":[{"id":"e1","assistant":"deploy-bot","via":"key-1","capability":"deploy-prod","resource":"shop"}],
 "tools":[{"id":"t1","assistant":"deploy-bot","name":"jira"}],
 "resources":[{"id":"shop","kind":"repository","name":"git.example.com/shop"}]}`

func jsonl(complete string) string {
	return `{"type":"assistant","id":"deploy-bot","kind":"custom","name":"deploy bot"}
{"type":"finding","id":"x"}
` + complete
}

const csvText = `Asset,Label,Who,When,Secrets
a1,"deploy, bot",Ann Lee,2026-01-02,k1; k2
a2,docs bot,bob@example.com,,
`

const csvTable = "columns = { id = \"Asset\", name = \"Label\", kind = \"Asset\", owner = \"Who\", last_used = \"When\", secrets = \"Secrets\" }\n"

func TestConforms(t *testing.T) {
	var cases []sourcetest.Case
	for name, text := range reports() {
		cases = append(cases, sourcetest.Case{Name: name, Table: "path = " + quote(write(t, name+".json", text)), Planted: planted})
	}
	cases = append(cases,
		sourcetest.Case{Name: "json", Table: "path = " + quote(write(t, "a.json", document))},
		sourcetest.Case{Name: "jsonl", Table: "path = " + quote(write(t, "a.jsonl", jsonl(`{"type":"done","complete":true}`)))},
		sourcetest.Case{Name: "csv", Table: csvTable + "path = " + quote(write(t, "a.csv", csvText))},
		sourcetest.Case{Name: "cyclonedx", Table: "path = " + quote(write(t, "bom.json", bom))},
	)
	sourcetest.Run(t, file.Factory, cases...)
}

const bom = `{"bomFormat":"CycloneDX","specVersion":"1.7",
 "components":[{"type":"library","name":"left-pad"},
  {"type":"cryptographic-asset","name":"ci key","bom-ref":"k","cryptoProperties":{"assetType":"related-crypto-material",
   "relatedCryptoMaterialProperties":{"type":"token","state":"suspended","expirationDate":"2027-01-01T00:00:00Z"}},
   "evidence":{"occurrences":[{"location":"src/app.env","line":3}]}}],
 "services":[{"name":"jira","bom-ref":"s","authenticated":true,"endpoints":["https://user:FAKEpassword123@jira.example.com/mcp"]}]}`

var now = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

func collect(t *testing.T, o file.Options, e sources.Env) (inventory.Batch, inventory.SourceStatus) {
	t.Helper()
	if o.Format == "" {
		o.Format = "auto"
	}
	if o.Record == "" {
		o.Record = "assistant"
	}
	o.MaxBytes, o.Separator = 1<<20, ";"
	e.Now = func() time.Time { return now }
	s, err := file.New(o, e)
	if err != nil {
		t.Fatal(err)
	}
	sink := inventory.NewSink(s.Info().Name, inventory.Key{1}, e.Now)
	st := sources.Collector{Now: e.Now, Deadline: time.Minute}.Collect(t.Context(), s, sink)
	return sink.Batch(), st
}

func TestDocument(t *testing.T) {
	b, st := collect(t, file.Options{Name: "cmdb", Path: write(t, "a.json", document)}, sources.Env{})
	r := b.Records
	if st.Status != inventory.SourceOK || len(r.Assistants) != 2 || len(r.Secrets) != 1 || len(r.Tools) != 1 || len(r.Resources) != 1 || len(r.Owners) != 1 {
		t.Fatalf("%s %s %v", st.Status, st.Reason, st.Counts)
	}
	a, e := r.Assistants[0], r.Entitlements[0]
	if a.Owners[0] != r.Owners[0].ID || a.Secrets[0] != r.Secrets[0].ID || e.Assistant != a.ID || e.Via != string(r.Secrets[0].ID) || e.Resource != r.Resources[0].ID {
		t.Errorf("the links do not lead where they did: %+v %+v", a, e)
	}
	if a.Sources[0] != "file:cmdb" || a.Autonomy != inventory.AutonomyUnknown || a.Evidence[0].Line != 3 {
		t.Errorf("name, unknown or place are wrong: %+v", a)
	}
	other, _ := collect(t, file.Options{Name: "else", Path: write(t, "a.json", document)}, sources.Env{})
	if other.Records.Assistants[0].ID == a.ID {
		t.Error("two writers' ids are one")
	}
}

// What is whole, and what is not, with the place that is told.
func TestWhole(t *testing.T) {
	for _, c := range []struct{ name, file, text, status, says string }{
		{"done", "a.jsonl", jsonl(`{"type":"done","complete":true}`), "ok", ""},
		{"no done", "a.jsonl", jsonl(""), "partial", "does not end with the line"},
		{"not complete", "a.jsonl", jsonl(`{"type":"done","complete":false}`), "partial", "complete is not true"},
		{"after done", "a.jsonl", jsonl("{\"type\":\"done\",\"complete\":true}\n{\"type\":\"owner\"}"), "partial", "stands after the line done"},
		{"twice", "a.jsonl", jsonl(jsonl(`{"type":"done","complete":true}`)), "partial", "3: id: stood on line 1 already"},
		{"bad word", "a.json", strings.Replace(document, `"ask"`, `"asks"`, 1), "partial", `4: autonomy: unknown word; did you mean "ask"`},
		{"cut", "a.json", document[:len(document)-80], "partial", "not JSON from here on"},
		{"other schema", "a.json", `{"schema":"nhitop/v2"}`, "partial", "only nhitop/v1 is known"},
		{"stale source", "a.json", `{"schema":"nhitop/v1","sources":[{"status":"stale"}]}`, "partial", "was not read to its end"},
		{"no format", "a.json", `{"hello":1}`, "partial", "no known format"},
		{"nothing found", "a.json", `[]`, "ok", ""},
		{"failed tool", "a.sarif", `{"runs":[{"tool":{"driver":{"name":"gitleaks"}},"invocations":[{"executionSuccessful":false}],"results":[]}]}`, "partial", "did not succeed"},
		{"findings of nhitop", "a.sarif", `{"runs":[{"tool":{"driver":{"name":"nhitop"}},"invocations":[{"executionSuccessful":false}],"results":[{"ruleId":"ACME-token","locations":[{"physicalLocation":{"artifactLocation":{"uri":"x"}}}]}]}]}`, "ok", "--format json"},
		{"csv columns", "a.csv", "id,name\nx,y,z\n", "partial", "2: the line has another number of columns"},
		{"csv without id", "a.csv", "name\nx\n", "partial", "no column holds the id"},
	} {
		b, st := collect(t, file.Options{Path: write(t, c.file, c.text)}, sources.Env{})
		var said strings.Builder
		for _, w := range b.Warnings {
			fmt.Fprintf(&said, "%d: %s\n", w.Line, w.Text)
		}
		for _, l := range b.Ledger {
			said.WriteString(l.Reason + "\n")
		}
		if st.Status != c.status || !strings.Contains(said.String(), c.says) {
			t.Errorf("%s: %s, want %s and %q:\n%s", c.name, st.Status, c.status, c.says, said.String())
		}
	}
}

func TestCSV(t *testing.T) {
	o := file.Options{Path: write(t, "a.csv", csvText), Columns: map[string]string{"id": "Asset", "name": "Label", "kind": "Asset", "owner": "Who", "last_used": "When", "secrets": "Secrets"}}
	b, st := collect(t, o, sources.Env{})
	r := b.Records
	if st.Status != inventory.SourceOK || len(r.Assistants) != 2 || len(r.Owners) != 2 {
		t.Fatalf("%s %s %v %v", st.Status, st.Reason, st.Counts, b.Warnings)
	}
	a := r.Assistants[0]
	if a.Name != "deploy, bot" || len(a.Secrets) != 2 || a.LastUsed.Day() != 2 || a.Owners[0] != r.Owners[0].ID || a.Evidence[0].Line != 2 {
		t.Errorf("%+v", a)
	}
}

// A secret that a scanner found is the one that its value says, in the place that the root makes absolute, and live where
// the tool asked the issuer.
func TestReports(t *testing.T) {
	for name, text := range reports() {
		b, st := collect(t, file.Options{Path: write(t, "r.json", text), Root: "~/src/web"}, sources.Env{Home: "/home/ann"})
		if st.Status != inventory.SourceOK || len(b.Records.Secrets) != len(planted) {
			t.Errorf("%s: %s %s, %d secrets", name, st.Status, st.Reason, len(b.Records.Secrets))
			continue
		}
		i := slices.IndexFunc(b.Records.Secrets, func(s inventory.Secret) bool { return s.Issuer == "github" })
		if i < 0 {
			t.Errorf("%s: no secret is GitHub's", name)
			continue
		}
		s := b.Records.Secrets[i]
		if l := s.Locations[0]; !strings.HasPrefix(l.Path, "~/src/web/src/") || l.Line != 1 || s.Storage != inventory.StoragePlaintext {
			t.Errorf("%s: %+v", name, s)
		}
		if want := map[bool]string{true: "live", false: "unknown"}[name == "trufflehog"]; s.State != want {
			t.Errorf("%s: state %s, want %s", name, s.State, want)
		}
		if want := map[bool]string{true: "local", false: "committed"}[name == "sarif"]; s.Exposure != want {
			t.Errorf("%s: exposure %s, want %s", name, s.Exposure, want)
		}
	}
}

// What is masked, stands for a secret, or is about something else is no secret; one without its value is one by its place.
func TestReportsWithoutValues(t *testing.T) {
	for _, c := range []struct {
		name, text string
		secrets    int
	}{
		{"masked", `[{"RuleID":"github-pat","Secret":"REDACTED","File":"a","StartLine":1},{"RuleID":"github-pat","Secret":"REDACTED","File":"a","StartLine":2}]`, 2},
		{"in part", `[{"RuleID":"github-pat","Secret":"gh` + `p_FAKE...","File":"a","StartLine":1}]`, 1},
		{"placeholder", `[{"RuleID":"github-pat","Secret":"${TOKEN}","File":"a","StartLine":1}]`, 0},
		{"other tool", `{"runs":[{"tool":{"driver":{"name":"zizmor"}},"results":[{"ruleId":"unpinned-uses","locations":[{"physicalLocation":{"artifactLocation":{"uri":"a"}}}]}]}]}`, 0},
		{"other tool on secrets", `{"runs":[{"tool":{"driver":{"name":"semgrep"}},"results":[{"ruleId":"detected-private-key","locations":[{"physicalLocation":{"artifactLocation":{"uri":"a"}}}]}]}]}`, 1},
	} {
		b, st := collect(t, file.Options{Path: write(t, "r.json", c.text)}, sources.Env{})
		if len(b.Records.Secrets) != c.secrets || st.Status != inventory.SourceOK {
			t.Errorf("%s: %d secrets, want %d; %s %s", c.name, len(b.Records.Secrets), c.secrets, st.Status, st.Reason)
		}
		if strings.Contains(quote(b), "FAKE") {
			t.Errorf("%s: a piece came out", c.name)
		}
	}
}

func TestCycloneDX(t *testing.T) {
	b, st := collect(t, file.Options{Path: write(t, "bom.json", bom)}, sources.Env{})
	if st.Status != inventory.SourceOK || len(b.Records.Secrets) != 1 || len(b.Records.Resources) != 1 {
		t.Fatalf("%s %s %v", st.Status, st.Reason, st.Counts)
	}
	s, r := b.Records.Secrets[0], b.Records.Resources[0]
	if s.State != inventory.StateDisabled || s.Expires.Year() != 2027 || s.Locations[0].Line != 3 || r.Guardrails["authenticated"] != "true" {
		t.Errorf("%+v %+v", s, r)
	}
	if strings.Contains(quote(b), "FAKE") {
		t.Error("the password of an endpoint came out")
	}
}

// A record that holds a value is taken without it.
func TestValuesInRecords(t *testing.T) {
	text := `{"schema":"nhitop/v1","assistants":[{"id":"a","kind":"custom","name":"bot","purpose":"uses ` + planted[0] + `"}],"secrets":[{"id":"s","kind":"k","hint":"` + planted[1] + `","fingerprint":"` + planted[1] + `","aliases":["` + planted[1] + `"]}]}`
	b, _ := collect(t, file.Options{Path: write(t, "a.json", text)}, sources.Env{})
	if len(b.Records.Assistants) != 1 || len(b.Records.Secrets) != 1 || len(b.Warnings) != 2 {
		t.Fatalf("%+v", b.Warnings)
	}
	if strings.Contains(quote(b), "FAKE") {
		t.Error("a piece came out")
	}
}

func TestFolderAndInput(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"b.json": document, "a.jsonl": jsonl(`{"type":"done","complete":true}`), "notes.txt": "no", ".hidden": "no"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b, st := collect(t, file.Options{Path: dir}, sources.Env{})
	if st.Status != inventory.SourceOK || st.Counts["assistants"] != 2 {
		t.Errorf("%s %s %v", st.Status, st.Reason, st.Counts)
	}
	if i := slices.IndexFunc(b.Ledger, func(l inventory.Looked) bool { return l.Whole }); i < 0 {
		t.Error("the folder is not said to be whole")
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "c.json")); err != nil {
		t.Skip(err)
	}
	if _, st = collect(t, file.Options{Path: dir}, sources.Env{}); st.Status != inventory.SourcePartial {
		t.Errorf("a link that is not followed: %s", st.Status)
	}
	if _, st = collect(t, file.Options{Path: "-"}, sources.Env{Stdin: strings.NewReader(document)}); st.Status != inventory.SourceOK || st.Counts["assistants"] != 2 {
		t.Errorf("standard input: %s %s", st.Status, st.Reason)
	}
	if _, st = collect(t, file.Options{Path: "-"}, sources.Env{}); st.Status != inventory.SourcePartial {
		t.Errorf("no standard input: %s", st.Status)
	}
}

func TestOptions(t *testing.T) {
	good := file.Options{Path: "x", Format: "auto", Record: "assistant", Separator: ";", MaxBytes: 1}
	for want, change := range map[string]func(*file.Options){
		"path:": func(o *file.Options) { o.Path = "" }, "format: unknown; did you mean \"sarif\"": func(o *file.Options) { o.Format = "sariff" },
		"record: unknown": func(o *file.Options) { o.Record = "asistant" }, "columns: ": func(o *file.Options) { o.Columns = map[string]string{"nam": "x"} },
		"max_bytes:": func(o *file.Options) { o.MaxBytes = 0 }, "name:": func(o *file.Options) { o.Name = "a b" },
	} {
		o := good
		change(&o)
		if _, err := file.New(o, sources.Env{}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// Each input is read as eight formats, so it finds much that is new, and the fuzzer takes up to a minute to make each such
// input smaller, in which it seems to stand still: run it with -fuzzminimizetime 10x.
func FuzzRead(f *testing.F) {
	for _, text := range reports() {
		f.Add([]byte(text))
	}
	for _, text := range []string{document, jsonl(`{"type":"done","complete":true}`), csvText, bom, "[", `{"runs":[{}]}`, `{"bomFormat":1}`, "\"\n,"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, format := range []string{"auto", "json", "jsonl", "csv", "sarif", "gitleaks", "trufflehog", "cyclonedx"} {
			o := file.Options{Path: "-", Format: format, Record: "secret", Separator: ";", MaxBytes: 1 << 20}
			s, err := file.New(o, sources.Env{Stdin: strings.NewReader(string(data))})
			if err != nil {
				t.Fatal(err)
			}
			sink := inventory.NewSink("file", inventory.Key{1}, func() time.Time { return now })
			err = s.Collect(t.Context(), sink)
			if b := sink.Batch(); err == nil && slices.ContainsFunc(b.Ledger, func(l inventory.Looked) bool { return l.State == inventory.LookedUnparsed }) {
				t.Error("all is well, the source says, and the ledger says otherwise")
			}
		}
	})
}
