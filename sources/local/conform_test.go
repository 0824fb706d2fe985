package local

import (
	"os"
	"path/filepath"
	"testing"

	"nhitop/sources"
	"nhitop/sources/sourcetest"
)

func TestConformance(t *testing.T) {
	home, repo, tokens := dayOfWork(t)
	root := realTemp(t)
	broken := realTemp(t)
	half := fakeToken(900)
	plant(t, broken, map[string]string{
		"home/.claude.json": `{"mcpServers":{"a":{"command":"x","env":{"GITHUB_TOKEN":"` + half,
		"home/.npmrc":       "//npm.example.com/:_authToken=" + fakeToken(901) + "\n",
		"repo/.env":         "GITHUB_TOKEN=" + fakeToken(902) + "\n",
		"repo/CLAUDE.md":    "use " + fakeToken(903) + " for pushes\n",
	})
	sourcetest.Run(t, Factory,
		sourcetest.Case{Name: "a day of work", Env: sources.Env{Home: home, Paths: []string{repo}, Explicit: true}, Table: `root = '` + root + `'`, Planted: tokens},
		sourcetest.Case{Name: "broken", Env: sources.Env{Home: filepath.Join(broken, "home"), Paths: []string{filepath.Join(broken, "repo")}, Explicit: true},
			Table: `root = '` + root + `'`, Planted: []string{half, fakeToken(901), fakeToken(902), fakeToken(903)}},
		sourcetest.Case{Name: "empty", Env: sources.Env{Home: realTemp(t), Paths: []string{realTemp(t)}, Explicit: true}, Table: `root = '` + root + `'`},
	)
}

// The walk allocates for folders and for known names, never for the files that it passes by.
func TestWalkAllocations(t *testing.T) {
	base := realTemp(t)
	const files = 4000
	for i := range 4 {
		dir := filepath.Join(base, string(rune('a'+i)))
		must(t, os.Mkdir(dir, 0o755))
		for j := range files / 4 {
			must(t, os.WriteFile(filepath.Join(dir, "file_"+string(rune('a'+j%26))+string(rune('a'+j/26%26))+string(rune('a'+j/676))+".go"), nil, 0o644))
		}
	}
	src, err := New(testOptions(t), sources.Env{Home: realTemp(t), Paths: []string{base}, Explicit: true})
	must(t, err)
	n := newNames(src.(*Source).catalogue)
	allocs := testing.AllocsPerRun(5, func() {
		w := &walker{names: n, maxDepth: 10, roots: newRoots(base)}
		must(t, w.walk(t.Context(), base))
		if w.files.Load() != files {
			t.Fatalf("%d files", w.files.Load())
		}
	})
	// Per worker and per folder there is a fixed cost; a single allocation per file would be 1000 here.
	if per := allocs / (files / 1000); per > 100 {
		t.Errorf("%.0f allocations per 1000 files", per)
	}
}
