package handover

import (
	"context"
	"errors"
	"fmt"
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
	h, err := Open(t.Context(), nil, to, "step")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Give(t.Context(), inventory.NewValue(fresh)); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(to.File)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", err, info)
	}
	v, err := Read(t.Context(), nil, to)
	if err != nil || v.Len() != len(fresh) || !v.Shows(fresh[:8]+"..."+fresh[len(fresh)-4:]) {
		t.Errorf("it is not read back: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := Open(t.Context(), nil, to, "other"); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("over a file that is there: %v", err)
	}
}

// A place that cannot take a credential says so before there is one, and what was begun is taken away again.
func TestAPlaceIsTriedFirst(t *testing.T) {
	dir := t.TempDir()
	for _, to := range []revoke.Place{{}, {File: "relative"}, {File: filepath.Join(dir, "none", "key")}, {Command: []string{"no-such-program-fa4e"}}} {
		if _, err := Open(t.Context(), nil, to, "step"); err == nil {
			t.Errorf("%+v is taken for a place", to)
		}
	}
	h, err := Open(t.Context(), nil, revoke.Place{File: filepath.Join(dir, "key")}, "step")
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
	h, err := Open(t.Context(), nil, to, "step")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to.File, []byte("another's"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Give(t.Context(), inventory.NewValue(fresh)); err == nil {
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
	h, err := Open(t.Context(), nil, revoke.Place{Command: []string{"/bin/sh", "-c", `cat > "$0"`, file}}, "step")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Give(t.Context(), inventory.NewValue(fresh)); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != fresh {
		t.Errorf("%v %q", err, data)
	}
	h, err = Open(t.Context(), nil, revoke.Place{Command: []string{"/bin/sh", "-c", "cat; exit 3"}}, "step")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Give(t.Context(), inventory.NewValue(fresh)); err == nil || !strings.Contains(err.Error(), "ended with 3") || strings.Contains(err.Error(), fresh) {
		t.Error(err)
	}
	for name, command := range map[string]string{"nothing": "true", "a part": "head -c 5 >/dev/null", "nothing, and closes it": "exec <&-; true"} {
		h, err := Open(t.Context(), nil, revoke.Place{Command: []string{"/bin/sh", "-c", command}}, "step")
		if err != nil {
			t.Fatal(err)
		}
		ended := false
		_, err = new(Fresh).Give(t.Context(), h, "step", inventory.NewValue(fresh), func(context.Context) error { ended = true; return nil })
		if err == nil || !strings.Contains(err.Error(), "did not read the new credential") || !ended {
			t.Errorf("a command that reads %s: %v, the new one ended: %v", name, err, ended)
		}
	}
	long := strings.Repeat("FAKE", 64<<10) // more than a pipe holds
	if err := pipe(t.Context(), []string{"/bin/sh", "-c", `cat > "$0"`, file}, inventory.NewValue(long)); err != nil {
		t.Error(err)
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != long {
		t.Errorf("%v, %d bytes", err, len(data))
	}
	if err := pipe(t.Context(), []string{"/bin/sh", "-c", "true"}, inventory.NewValue(long)); err == nil {
		t.Error("a command that reads nothing of much")
	}
	if _, err := Read(t.Context(), nil, revoke.Place{Command: []string{"/bin/sh"}}); !errors.Is(err, revoke.ErrNotHeld) {
		t.Errorf("a command holds nothing that could be read back: %v", err)
	}
}

// manager is a place that does as it is told.
type manager struct {
	slot  revoke.Slot
	err   error // of looking
	holds inventory.Value
}

func (m *manager) Look(context.Context) (revoke.Slot, error) { return m.slot, m.err }

func (m *manager) Read(_ context.Context, mark string) (inventory.Value, error) {
	if m.holds.IsZero() || mark != m.slot.Mark {
		return m.holds, revoke.ErrNotHeld
	}
	return m.holds, nil
}

// What a manager shows afterwards decides: the same is taken, another or nothing is not, and where nothing can be seen the new
// one lives on.
func TestToAManager(t *testing.T) {
	to := revoke.Place{Manager: "vault", Where: "there", Mark: "version 2"}
	v, broken := inventory.NewValue(fresh), errors.New("broken")
	for name, c := range map[string]struct {
		shown inventory.Value
		err   error
		said  string
		want  error
		ended bool
	}{
		"shows it":      {v, nil, "the place vault (there) shows it", nil, false},
		"shows nothing": {inventory.Value{}, nil, "accepted it and may not be read back", nil, false},
		"shows another": {inventory.NewValue("FAKE-another"), nil, "", revoke.ErrNotTaken, true},
		"refuses":       {inventory.Value{}, fmt.Errorf("%w: no", revoke.ErrNotTaken), "", revoke.ErrNotTaken, true},
		"breaks":        {inventory.Value{}, broken, "", ErrUnsure, false},
	} {
		m := &manager{slot: revoke.Slot{Where: to.Where, Mark: to.Mark, Write: func(_ context.Context, step string, got inventory.Value) (inventory.Value, error) {
			if step != "step" || got.Reveal() != fresh {
				t.Errorf("%s: it got another, for %s", name, step)
			}
			return c.shown, c.err
		}}}
		all := Places{"vault": m}
		h, err := Open(t.Context(), all, to, "step")
		if err != nil {
			t.Fatal(err)
		}
		var f Fresh
		ended := false
		said, err := f.Give(t.Context(), h, "step", v, func(context.Context) error { ended = true; return nil })
		if !errors.Is(err, c.want) || !strings.Contains(said, c.said) || (said == "") != (c.said == "") || ended != c.ended {
			t.Errorf("%s: %q %v, ended %v", name, said, err, ended)
		}
		proof := Prove(revoke.Step{ID: "step"}, to, "GET /")
		if _, err := f.Value(t.Context(), all, proof); (err == nil) == c.ended {
			t.Errorf("%s: kept in memory: %v", name, err)
		}
		f.Drop(proof)
		if _, err := f.Value(t.Context(), all, proof); !errors.Is(err, revoke.ErrNotHeld) {
			t.Errorf("%s: %v", name, err)
		}
		m.holds = v
		if got, err := f.Value(t.Context(), all, proof); err != nil || got.Reveal() != fresh {
			t.Errorf("%s: read back: %v", name, err)
		}
	}
}

// A place that is not as it was when the plan was made, or that is not there any more, takes nothing.
func TestAManagerThatChanged(t *testing.T) {
	to := revoke.Place{Manager: "vault", Where: "there", Mark: "version 2"}
	for name, c := range map[string]struct {
		all  Places
		want string
	}{
		"version":  {Places{"vault": &manager{slot: revoke.Slot{Where: "there", Mark: "version 3"}}}, "not as it was"},
		"where":    {Places{"vault": &manager{slot: revoke.Slot{Where: "elsewhere", Mark: "version 2"}}}, "not as it was"},
		"refused":  {Places{"vault": &manager{slot: revoke.Slot{Where: "there", Mark: "version 2", Try: func(_ context.Context, step string) error { return errors.New(step + " may not") }}}}, "cannot be written to: step may not"},
		"no right": {Places{"vault": &manager{err: errors.New("may not")}}, "may not"},
		"none":     {nil, "the configuration names none"},
		"another":  {Places{"bao": &manager{}}, "there is: bao"},
	} {
		if _, err := Open(t.Context(), c.all, to, "step"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Read(t.Context(), nil, to); !errors.Is(err, revoke.ErrNotHeld) {
		t.Error(err)
	}
}
