package inventory

import "time"

// Source states. "never" is not "read and empty", and neither is "failed".
const (
	SourceOK      = "ok"
	SourcePartial = "partial"
	SourceFailed  = "failed"
	SourceStale   = "stale"
	SourceNever   = "never"
	SourceRunning = "running"
)

// SourceStatus says how the last collection from one source went, and what it did not look at.
type SourceStatus struct {
	Name       string         `json:"name"`
	Kind       string         `json:"kind"`
	Status     string         `json:"status"`
	Reason     string         `json:"reason,omitempty"`
	StartedAt  time.Time      `json:"started_at,omitzero"`
	DurationMS int64          `json:"duration_ms"`
	Counts     map[string]int `json:"counts"`
	Ledger     []Looked       `json:"ledger"`
	Warnings   []Warning      `json:"warnings"`
}

// Ledger states: what became of one place that a source set out to look at.
const (
	LookedRead       = "read"
	LookedAbsent     = "absent"      // not there
	LookedDenied     = "denied"      // no permission
	LookedTooLarge   = "too-large"   // over the size limit
	LookedUnparsed   = "unparsed"    // read, not understood
	LookedVersion    = "version"     // of a version that is not known
	LookedNotOpened  = "not-opened"  // a database, keyring or encrypted store that is not opened
	LookedLinkOut    = "link-out"    // a link that leaves the roots
	LookedNotRegular = "not-regular" // FIFO, socket, device
	LookedVanished   = "vanished"    // was listed, was gone when opened
	LookedSkipped    = "skipped"     // ignored folder, limit reached, switched off
	LookedFailed     = "failed"      // a service was asked and gave no answer that could be used
)

// Looked is one line of a source's ledger. "Nothing found" is said only of what was read.
type Looked struct {
	Path      string `json:"path"`
	State     string `json:"state"`
	Assistant string `json:"assistant,omitempty"` // catalogue id
	Reason    string `json:"reason,omitempty"`
	Line      int    `json:"line,omitempty"`
	// Whole says of a place that was read that everything below it was listed: what stood there and was not found again
	// is gone.
	Whole bool `json:"whole,omitempty"`
}

// Warning is something that went wrong with one place without ending the collection.
type Warning struct {
	Path string `json:"path,omitempty"`
	Line int    `json:"line,omitempty"`
	Text string `json:"text"`
}

// Posture is the summary that the overview shows.
type Posture struct {
	Assistants      map[Class]int    `json:"assistants"`
	Decisions       map[Decision]int `json:"decisions"`
	OwnersKnown     int              `json:"owners_known"` // acting assistants with an owner
	OwnersOf        int              `json:"owners_of"`    // acting assistants
	SecretsExpiring int              `json:"secrets_expiring"`
	SecretsOf       int              `json:"secrets_of"`
	Plaintext       int              `json:"secrets_plaintext"`
	Gated           int              `json:"gated"` // acting assistants that a person must approve
	UnattendedOpen  int              `json:"unattended_no_sandbox"`
	Inherited       int              `json:"inherited"` // ambient secrets
	Unpinned        int              `json:"tools_unpinned"`
	ToolsOf         int              `json:"tools_of"`
	NotRead         int              `json:"not_read"` // ledger lines that are neither read nor absent

	Gauge
}
