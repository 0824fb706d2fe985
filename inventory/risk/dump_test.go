package risk

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"testing"
)

func TestDump(t *testing.T) {
	out := os.Getenv("DUMP")
	if out == "" {
		t.Skip()
	}
	f, _ := os.Create(out)
	defer f.Close()
	for seed := range uint64(40) {
		g := newGang(seed, 30+int(seed)*5)
		fs, is := Judge(g.snapshot(), gangPolicy(), now)
		rules := map[string]bool{}
		for _, x := range fs {
			rules[x.Rule] = true
		}
		b, _ := json.MarshalIndent([]any{fs, is}, "", " ")
		fmt.Fprintf(f, "%d %d %d %d %x\n", seed, len(fs), len(is), len(rules), sha256.Sum256(b))
		if seed < 5 {
			f.Write(b)
		}
	}
}
