package wire

import (
	"os"
	"path/filepath"
	"testing"
)

func TestScreenFile(t *testing.T) {
	f := screenFile(filepath.Join(t.TempDir(), "screen.json"))
	if data, err := f.Load(); data != nil || err != nil {
		t.Fatalf("before anything was kept: %q, %v", data, err)
	}
	if err := f.Save([]byte("{}\n")); err != nil {
		t.Fatal(err)
	}
	if data, err := f.Load(); string(data) != "{}\n" || err != nil {
		t.Errorf("%q, %v", data, err)
	}
	if st, err := os.Stat(string(f)); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", st.Mode(), err)
	}
}
