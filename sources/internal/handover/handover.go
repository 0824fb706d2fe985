package handover

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// Hand is a place that is ready for one credential.
type Hand struct {
	place revoke.Place
	temp  string
}

const longest = time.Minute // that a command may take

// Open makes sure that a place can take a credential, before one is made. id tells the step: a file that an earlier try of
// the same step left half-written is made anew.
func Open(p revoke.Place, id string) (*Hand, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	h := &Hand{place: p}
	if p.File == "" {
		if _, err := exec.LookPath(p.Command[0]); err != nil {
			return nil, errors.New("the command for the new credential is not found")
		}
		return h, nil
	}
	if _, err := os.Lstat(p.File); !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s is there already: name a file that is not", inventory.Clean(p.File))
	}
	h.temp = p.File + ".nhitop-" + id
	_ = os.Remove(h.temp) // only a try of this same step has that name
	f, err := os.OpenFile(h.temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, errors.New("the folder of the new credential's file cannot be written to")
	}
	return h, f.Close()
}

// Give hands the credential over. After an error the place has nothing of it.
func (h *Hand) Give(ctx context.Context, v inventory.Value) error {
	if h.temp == "" {
		return pipe(ctx, h.place.Command, v)
	}
	defer h.Drop()
	f, err := os.OpenFile(h.temp, os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return errors.New("the file of the new credential cannot be written")
	}
	_, err = io.WriteString(f, v.Reveal()+"\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.New("the file of the new credential cannot be written")
	}
	if err := os.Link(h.temp, h.place.File); err != nil { // never over a file that is there
		return errors.New("the file of the new credential is there already, or its folder takes no links")
	}
	return nil
}

// Drop takes away what Open made.
func (h *Hand) Drop() {
	if h.temp != "" {
		_ = os.Remove(h.temp)
	}
}

func pipe(ctx context.Context, argv []string, v inventory.Value) error {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Stdin = strings.NewReader(v.Reveal()) // what it prints may repeat it, and is not read
	cmd.WaitDelay = time.Second
	var exit *exec.ExitError
	switch err := cmd.Run(); {
	case errors.As(err, &exit):
		return fmt.Errorf("the command for the new credential ended with %d", exit.ExitCode())
	case err != nil:
		return errors.New("the command for the new credential could not be run to its end")
	}
	return nil
}

// Read reads a credential back from the file that it was handed to.
func Read(p revoke.Place) (inventory.Value, error) {
	const most = 64 << 10
	info, err := os.Lstat(p.File)
	if p.File == "" || err != nil || !info.Mode().IsRegular() || info.Size() > most {
		return inventory.Value{}, revoke.ErrNotHeld
	}
	data, err := os.ReadFile(p.File)
	if err != nil {
		return inventory.Value{}, revoke.ErrNotHeld
	}
	defer clear(data)
	return inventory.NewValue(strings.TrimRight(string(data), "\n")), nil
}
