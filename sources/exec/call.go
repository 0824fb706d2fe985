package exec

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/sources/exec/cage"
)

// APIVersion is the protocol's version. A plugin that speaks another major one is not listened to.
const APIVersion = "nhitop/v1alpha1"

// major is what every version begins with that is understood.
const major = "nhitop/v1"

const (
	maxLine = 1 << 20
	maxSaid = 64 << 10 // bytes of standard error that are kept
	// drain is how long what a plugin wrote is still read after its end.
	drain = 5 * time.Second
)

// request is what a plugin reads on its standard input.
type request struct {
	APIVersion string                `json:"apiVersion"`
	Kind       string                `json:"kind"`
	Verb       string                `json:"verb"`
	Name       string                `json:"name"`
	Seconds    int                   `json:"timeoutSeconds"`
	Config     map[string]any        `json:"config"`
	Secrets    map[string]descriptor `json:"secrets"`

	Action  string            `json:"action,omitempty"`  // plan: what is wanted, "" for what fits; revoke, verify: the step's
	Targets []ref             `json:"targets,omitempty"` // plan: any number; revoke, verify: one
	Args    map[string]string `json:"args,omitempty"`    // revoke, verify: those of the planned step
	Key     string            `json:"idempotencyKey,omitempty"`
	Later   string            `json:"ofALaterVersion,omitempty"` // nothing that a plugin knows; only a check sends it
}

type descriptor struct {
	FD int `json:"fd"`
}

// The verbs.
const (
	verbDescribe  = "describe"
	verbInventory = "inventory"
	verbPlan      = "plan"
	verbRevoke    = "revoke"
	verbVerify    = "verify"
)

var (
	errLine   = errors.New("wrote a line of more than 1 MiB and was ended")
	errOutput = errors.New("wrote more than max_output and was ended")
)

// exits say what the exit codes of the protocol mean.
var exits = map[int]string{
	2: "does not understand the request", 3: "says that its credential is not accepted", 4: "met a limit of its service",
	75: "asks to try again later", 126: "could not be started",
}

// call starts the plugin with a request and hands each line of its answer to f, which ends it by an error.
func (s *Source) call(ctx context.Context, q request, f func(r *run, line []byte) error) error {
	if err := pinned(s.o.Command, s.o.SHA256); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "nhitop-exec-")
	if err != nil {
		return errors.New("no temporary folder can be made")
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if q.Seconds <= 0 {
		q.Seconds = s.o.Timeout
	}
	within, cancel := context.WithTimeout(ctx, time.Duration(q.Seconds)*time.Second)
	defer cancel()
	r := &run{Source: s, ask: q, dir: dir}
	defer r.close()
	if err := r.start(within, ctx); err != nil {
		return err
	}
	lineErr, cut := r.listen(f)
	if lineErr != nil && !cut {
		r.proc.End(lineErr, 0)
	}
	code, why := r.proc.Wait()
	<-r.heard
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case lineErr != nil && !(cut && (why != nil || code != 0)): // half a line is explained by how it ended
		return lineErr
	case why != nil:
		return why
	case code != 0:
		return r.exit(code)
	}
	return nil
}

// run is one start of the plugin.
type run struct {
	*Source
	ask    request
	dir    string
	proc   *cage.Proc
	out    *os.File
	said   bytes.Buffer
	heard  chan struct{} // standard error was read to its end
	files  []*os.File
	values []inventory.Value
}

func (r *run) close() {
	for _, f := range r.files {
		_ = f.Close()
	}
}

// pipe makes a pipe whose two ends are closed with the run.
func (r *run) pipe() (read, write *os.File, err error) {
	read, write, err = os.Pipe()
	if err != nil {
		return nil, nil, errors.New("no pipe can be made: too many files are open")
	}
	r.files = append(r.files, read, write)
	return read, write, nil
}

// feed writes a text into a pipe that the plugin reads, and closes it. A plugin that does not read it hinders nobody.
func feed(w *os.File, text string) {
	go func() {
		_, _ = io.WriteString(w, text)
		_ = w.Close()
	}()
}

func (r *run) start(within, ctx context.Context) error {
	q := r.ask
	q.APIVersion, q.Kind, q.Name, q.Config, q.Secrets = APIVersion, "Request", r.name, r.o.Config, map[string]descriptor{}
	var theirs []*os.File // the ends that only the plugin keeps
	var extra []*os.File
	refs := r.secrets(q.Verb)
	for i, k := range inventory.SortedKeys(refs) {
		v, err := refs[k].Read(ctx, r.lookup)
		if err != nil {
			return fmt.Errorf("secrets.%s: %w", inventory.Clean(k), err)
		}
		read, write, err := r.pipe()
		if err != nil {
			return err
		}
		q.Secrets[k] = descriptor{3 + i}
		r.values = append(r.values, v)
		extra, theirs = append(extra, read), append(theirs, read)
		feed(write, v.Reveal())
	}
	text, err := json.Marshal(q)
	if err != nil {
		return errors.New("config: it cannot be written as JSON")
	}
	in, ask, err := r.pipe()
	if err != nil {
		return err
	}
	out, answer, err := r.pipe()
	if err != nil {
		return err
	}
	said, say, err := r.pipe()
	if err != nil {
		return err
	}
	spec := cage.Spec{Program: r.o.Command, Args: []string{q.Verb}, Dir: r.dir, Read: r.o.Read, Write: r.o.Write, Ports: r.o.Ports, Memory: r.o.MaxMemory,
		CPU: int64(q.Seconds), Procs: r.o.MaxProcs}
	r.proc, err = cage.Start(within, spec, r.environ(), r.grace, in, answer, say, extra)
	for _, f := range append(theirs, in, answer, say) {
		_ = f.Close()
	}
	if err != nil {
		return fmt.Errorf("%s cannot be started: %w", r.o.Command, err)
	}
	feed(ask, string(text)+"\n")
	r.out, r.heard = out, make(chan struct{})
	go func() {
		defer close(r.heard)
		_, _ = io.Copy(&r.said, io.LimitReader(said, maxSaid))
		_, _ = io.Copy(io.Discard, said)
	}()
	// A process that left the group may hold the pipes open for ever: once the plugin has ended, they are read no longer.
	go func() {
		_, _ = r.proc.Wait()
		at := time.Now().Add(drain)
		_, _ = out.SetReadDeadline(at), said.SetReadDeadline(at)
	}()
	return nil
}

// environ is all that the plugin knows of the environment.
func (r *run) environ() []string {
	get := r.env.Getenv
	if get == nil {
		get = os.Getenv
	}
	env := []string{"PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG=C.UTF-8", "HOME=" + r.dir, "TMPDIR=" + r.dir}
	for _, n := range r.o.Env {
		if v := get(n); v != "" {
			env = append(env, n+"="+v)
		}
	}
	return env
}

// listen reads the answer line by line. cut says that the error is about a line without an end.
func (r *run) listen(f func(*run, []byte) error) (e error, cut bool) {
	b := bufio.NewReaderSize(r.out, maxLine)
	for total := int64(0); ; {
		line, err := b.ReadSlice('\n')
		if total += int64(len(line)); total > r.o.MaxOutput {
			return errOutput, false
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			return errLine, false
		}
		if line = bytes.TrimSpace(line); len(line) > 0 {
			if e := f(r, line); e != nil {
				return e, err != nil
			}
		}
		if err != nil {
			return nil, false // its end is told by how the program ended
		}
	}
}

// exit is the error of an exit code, with the last thing that the plugin said.
func (r *run) exit(code int) error {
	words := exits[code]
	switch {
	case words == "" && code < 0:
		words = "was ended by a signal, or by a limit of memory or time"
	case words == "":
		words = fmt.Sprintf("ended with code %d", code)
	}
	if last := r.last(); last != "" {
		words += ": " + last
	}
	return exitError{code, words}
}

// exitError is a plugin's own bad end.
type exitError struct {
	code  int
	words string
}

func (e exitError) Error() string { return e.words }

// last is the last line of standard error, without any secret.
func (r *run) last() string {
	text := strings.TrimSpace(r.said.String())
	return r.text(text[strings.LastIndexByte(text, '\n')+1:])
}
