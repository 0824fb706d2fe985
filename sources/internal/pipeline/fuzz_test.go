package pipeline

import (
	"os"
	"path/filepath"
	"testing"

	"nhitop/inventory/catalogue"
)

// A workflow of anybody is read without harm, and its outline with it.
func FuzzReadGitHub(f *testing.F) {
	files, err := filepath.Glob("testdata/github/.github/workflows/*.yml")
	if err != nil || len(files) == 0 {
		f.Fatal(err, len(files))
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("on: push\njobs: {a: {uses: ./.github/workflows/a.yml}}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		open := func(string) ([]byte, error) { return data, nil } // it may call itself
		_, o, _, err := ReadGitHub(".github/workflows/a.yml", data, open, catalogue.Embedded())
		if err == nil && o == nil {
			t.Error("no outline and no error")
		}
	})
}

// Tool servers as a forge keeps them.
func FuzzServers(f *testing.F) {
	f.Add([]byte(`{"mcpServers":{"a":{"command":"npx","args":["-y","x"],"env":{"TOKEN":"${{ secrets.A }}"}},"b":{"url":"https://user:FAKE@x.example","headers":{"Authorization":"Bearer FAKE"}}}}`))
	f.Add([]byte(`{"mcpServers":[1]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		tools, _ := Servers("x", data)
		for _, tool := range tools {
			if tool.Transport == "" {
				t.Errorf("%+v", tool)
			}
		}
	})
}
