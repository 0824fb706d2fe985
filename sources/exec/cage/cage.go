package cage

import (
	"errors"
	"time"
)

// Name is the name under which the binary starts itself to set limits.
const Name = "nhitop-cage"

// Spec is what a program is started with.
type Spec struct {
	Program string   `json:"program"` // absolute
	Args    []string `json:"args"`
	Dir     string   `json:"dir"`    // the temporary folder: working folder, HOME and TMPDIR; may be written
	Read    []string `json:"read"`   // files and folders that it may read besides the system's
	Write   []string `json:"write"`  // folders that it may write
	Ports   []int    `json:"ports"`  // of TCP that it may connect to, where the kernel can tell
	Memory  int64    `json:"memory"` // bytes of data of one process
	CPU     int64    `json:"cpu"`    // seconds of one process
	Procs   int      `json:"procs"`  // of the whole group
}

// Ends of a program that are not its own.
var (
	ErrTime   = errors.New("did not end in its time and was ended")
	ErrProcs  = errors.New("started more processes than it may and was ended")
	ErrSystem = errors.New("programs of others are not started on this system")
)

const (
	// watch is how often the processes of the group are counted.
	watch = 200 * time.Millisecond
	// fileSize is the most bytes that one file of the program may grow to.
	fileSize = 1 << 30
	maxFiles = 256
)
