package handover

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

const fresh = "FAKE-new-credential-0001"

func TestToAFile(t *testing.T) {
	dir := t.TempDir()
	to := revoke.Place{File: filepath.Join(dir, "key")}
	h, err := Open(to, "step")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Give(t.Context(), inventory.NewValue(fresh)); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(to.File)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", err, info)
	}
	v, err := Read(to)
	if err != nil || v.Len() != len(fresh) || !v.Shows(fresh[:8]+"..."+fresh[len(fresh)-4:]) {
		t.Errorf("it is not read back: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := Open(to, "other"); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("over a file that is there: %v", err)
	}
}

// A place that cannot take a credential says so before there is one, and what was begun is taken away again.
func TestAPlaceIsTriedFirst(t *testing.T) {
	dir := t.TempDir()
	for _, to := range []revoke.Place{{}, {File: "relative"}, {File: filepath.Join(dir, "none", "key")}, {Command: []string{"no-such-program-fa4e"}}} {
		if _, err := Open(to, "step"); err == nil {
			t.Errorf("%+v is taken for a place", to)
		}
	}
	h, err := Open(revoke.Place{File: filepath.Join(dir, "key")}, "step")
	if err != nil {
		t.Fatal(err)
	}
	h.Drop()
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A file that comes between is not written over, and stays what it was.
func TestAFileThatComesBetween(t *testing.T) {
	to := revoke.Place{File: filepath.Join(t.TempDir(), "key")}
	h, err := Open(to, "step")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to.File, []byte("another's"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := h.Give(t.Context(), inventory.NewValue(fresh)); err == nil {
		t.Error("it was written over")
	}
	if data, err := os.ReadFile(to.File); err != nil || string(data) != "another's" {
		t.Errorf("%v %q", err, data)
	}
}

func TestToACommand(t *testing.T) {
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Skip("there is no /bin/sh")
	}
	file := filepath.Join(t.TempDir(), "got")
	h, err := Open(revoke.Place{Command: []string{"/bin/sh", "-c", `cat > "$0"`, file}}, "step")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Give(t.Context(), inventory.NewValue(fresh)); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != fresh {
		t.Errorf("%v %q", err, data)
	}
	h, err = Open(revoke.Place{Command: []string{"/bin/sh", "-c", "cat; exit 3"}}, "step")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Give(t.Context(), inventory.NewValue(fresh)); err == nil || !strings.Contains(err.Error(), "ended with 3") || strings.Contains(err.Error(), fresh) {
		t.Error(err)
	}
	if _, err := Read(revoke.Place{Command: []string{"/bin/sh"}}); !errors.Is(err, revoke.ErrNotHeld) {
		t.Errorf("a command holds nothing that could be read back: %v", err)
	}
}
