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
	id    string
	slot  revoke.Slot // of a manager
}

// Places are the places in secrets managers, by name.
type Places = map[string]revoke.Manager

// ErrUnsure says that a place may have the credential, and that this cannot be seen.
var ErrUnsure = errors.New("whether the place has the new credential cannot be seen")

const longest = time.Minute // that a command may take

// Open makes sure that a place can take a credential, before one is made. id tells the step: a file that an earlier try of
// the same step left half-written is made anew.
func Open(ctx context.Context, all Places, p revoke.Place, id string) (*Hand, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	h := &Hand{place: p, id: id}
	if p.Manager != "" {
		return h, h.look(ctx, all)
	}
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

// look asks the manager again. What has changed there since the plan was made is not written over.
func (h *Hand) look(ctx context.Context, all Places) error {
	m, err := revoke.At(all, h.place.Manager)
	if err != nil {
		return err
	}
	if h.slot, err = m.Look(ctx); err != nil {
		return fmt.Errorf("%s: %w", h.place, err)
	}
	if h.slot.Where != h.place.Where || h.slot.Mark != h.place.Mark {
		return fmt.Errorf("%s is not as it was when the plan was made: %w", h.place, revoke.ErrChanged)
	}
	if h.slot.Try == nil {
		return nil
	}
	if err := h.slot.Try(ctx, h.id); err != nil {
		return fmt.Errorf("%s cannot be written to: %w", h.place, err)
	}
	return nil
}

// Give hands the credential over and says what was seen of it. After an error the place has nothing of it, unless the error
// is an [ErrUnsure].
func (h *Hand) Give(ctx context.Context, v inventory.Value) (string, error) {
	has := "the " + h.place.String() + " has it"
	switch {
	case h.place.Manager != "":
		return h.write(ctx, v)
	case h.temp == "":
		return has, pipe(ctx, h.place.Command, v)
	}
	return has, h.file(v)
}

// write gives the credential to a manager. What was begun is ended, whatever becomes of ctx.
func (h *Hand) write(ctx context.Context, v inventory.Value) (string, error) {
	shown, err := h.slot.Write(context.WithoutCancel(ctx), h.id, v)
	switch {
	case errors.Is(err, revoke.ErrNotTaken):
		return "", err
	case err != nil:
		return "", fmt.Errorf("%w: %w", ErrUnsure, err)
	case shown.IsZero():
		return "the " + h.place.String() + " accepted it and may not be read back", nil
	case shown.Reveal() != v.Reveal():
		return "", fmt.Errorf("%w: read back, it shows another", revoke.ErrNotTaken)
	}
	return "the " + h.place.String() + " shows it when it is read back", nil
}

func (h *Hand) file(v inventory.Value) error {
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

// pipe runs a command with the credential on its standard input. One that ends without having read all of it does not have it,
// whatever its exit code. The pipe is of our own, for what is left in it to be seen.
func pipe(ctx context.Context, argv []string, v inventory.Value) error {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	r, w, err := os.Pipe()
	if err != nil {
		return errors.New("the command for the new credential could not be given its input")
	}
	defer func() { _ = r.Close() }()
	go func() { // it may be longer than a pipe holds; the reading below lets it end
		_, _ = io.WriteString(w, v.Reveal())
		_ = w.Close()
	}()
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Stdin = r // what it prints may repeat it, and is not read
	cmd.WaitDelay = time.Second
	err = cmd.Run()
	left, unread := io.Copy(io.Discard, r)
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return fmt.Errorf("the command for the new credential ended with %d", exit.ExitCode())
	case err != nil:
		return errors.New("the command for the new credential could not be run to its end")
	case left > 0 || unread != nil:
		return errors.New("the command did not read the new credential to its end")
	}
	return nil
}

// Read reads a credential back from the file or the manager that it was handed to. It is a [revoke.ErrNotHeld] where that
// has none that is the new one.
func Read(ctx context.Context, all Places, p revoke.Place) (inventory.Value, error) {
	if p.Manager != "" {
		m, err := revoke.At(all, p.Manager)
		if err != nil {
			return inventory.Value{}, fmt.Errorf("%w: %w", revoke.ErrNotHeld, err)
		}
		return m.Read(ctx, p.Mark)
	}
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
