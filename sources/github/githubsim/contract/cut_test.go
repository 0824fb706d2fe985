package contract

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var (
	publishedAPI = flag.String("openapi", "", "folder of the published package @octokit/openapi: compare the cut with it")
	update       = flag.Bool("update", false, "write the cuts anew")
)

const (
	cutFile        = "testdata/openapi.json"
	operationsFile = "testdata/operations.txt"
)

// lines of a file, without those that are empty or start with #.
func lines(t *testing.T, name string) []string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []string
	for s := bufio.NewScanner(f); s.Scan(); {
		if l := strings.TrimSpace(s.Text()); l != "" && l[0] != '#' {
			out = append(out, l)
		}
	}
	return out
}

// prose is what the cut leaves out: it says nothing about the shape of a request or an answer.
var prose = []string{"description", "summary", "example", "examples", "externalDocs", "tags", "title", "servers", "callbacks"}

// bare is x without prose and extensions. names says that the keys of x are names and not keywords.
func bare(x any, names bool) any {
	switch v := x.(type) {
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = bare(v[i], false)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			if !names && (slices.Contains(prose, k) || strings.HasPrefix(k, "x-")) {
				continue
			}
			out[k] = bare(e, !names && k == "properties")
		}
		return out
	}
	return x
}

// refs calls f with every reference in x.
func refs(x any, f func(ref string)) {
	switch v := x.(type) {
	case []any:
		for _, e := range v {
			refs(e, f)
		}
	case map[string]any:
		for k, e := range v {
			if s, isText := e.(string); isText && k == "$ref" {
				f(s)
				continue
			}
			refs(e, f)
		}
	}
}

// cut takes the operations out of a document of OpenAPI, with all that they refer to.
func cut(t *testing.T, full map[string]any, operations []string) map[string]any {
	t.Helper()
	paths := map[string]any{}
	components := map[string]any{}
	var follow func(ref string)
	follow = func(ref string) {
		parts := strings.Split(strings.TrimPrefix(ref, "#/components/"), "/")
		if len(parts) != 2 {
			t.Fatalf("a reference of a form that is not known: %s", ref)
		}
		kind, _ := components[parts[0]].(map[string]any)
		if kind == nil {
			kind = map[string]any{}
			components[parts[0]] = kind
		}
		if kind[parts[1]] != nil {
			return
		}
		kind[parts[1]] = bare(full["components"].(map[string]any)[parts[0]].(map[string]any)[parts[1]], false)
		refs(kind[parts[1]], follow)
	}
	for _, o := range operations {
		method, path, _ := strings.Cut(o, " ")
		at, _ := full["paths"].(map[string]any)[path].(map[string]any)
		op := at[strings.ToLower(method)]
		if op == nil {
			t.Fatalf("%s is not in the document", o)
		}
		if paths[path] == nil {
			paths[path] = map[string]any{}
		}
		op = bare(op, false)
		paths[path].(map[string]any)[strings.ToLower(method)] = op
		refs(op, follow)
	}
	info := full["info"].(map[string]any)
	return map[string]any{"openapi": full["openapi"], "paths": paths, "components": components, "info": map[string]any{
		"title": "A cut of GitHub's OpenAPI document", "version": info["version"], "license": info["license"]}}
}

// write puts a path or a component on a line, so that a new cut can be compared with the old one.
func write(t *testing.T, doc map[string]any) []byte {
	t.Helper()
	var b bytes.Buffer
	var put func(m map[string]any, depth int)
	put = func(m map[string]any, depth int) {
		b.WriteString("{")
		for i, k := range slices.Sorted(maps.Keys(m)) {
			if i > 0 {
				b.WriteString(",")
			}
			b.WriteString("\n")
			key, _ := json.Marshal(k)
			b.Write(append(key, ':'))
			if e, isMap := m[k].(map[string]any); isMap && (depth == 0 && k != "info" || depth == 1 && len(e) > 0 && strings.HasSuffix(k, "s") && k[0] != '/') {
				put(e, depth+1)
				continue
			}
			text, err := json.Marshal(m[k])
			if err != nil {
				t.Fatal(err)
			}
			b.Write(text)
		}
		b.WriteString("\n}")
	}
	put(doc, 0)
	b.WriteString("\n")
	return b.Bytes()
}

// The cut is what the published document says, and nothing else: doc.go says how to make it.
func TestCutIsOfThePublishedDocument(t *testing.T) {
	if *publishedAPI == "" {
		t.Skip("give -openapi FOLDER with the published package @octokit/openapi")
	}
	text, err := os.ReadFile(filepath.Join(*publishedAPI, "generated", "ghec.json"))
	if err != nil {
		t.Fatal(err)
	}
	var full map[string]any
	if err := json.Unmarshal(text, &full); err != nil {
		t.Fatal(err)
	}
	made := write(t, cut(t, full, lines(t, operationsFile)))
	same(t, cutFile, made)
}

// same compares a file with what it should be, or writes it.
func same(t *testing.T, name string, made []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, made, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, made) {
		t.Errorf("%s is not what the published file gives; write it anew with -update", name)
	}
}
