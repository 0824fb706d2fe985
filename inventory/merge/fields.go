package merge

import (
	"slices"
	"strings"

	"nhitop/inventory"
)

// The orders in which one known value beats another, worst for the company first. What is not listed (unknown, empty)
// comes last.
var (
	autonomies = []inventory.Autonomy{inventory.AutonomyUnattended, inventory.AutonomyAuto, inventory.AutonomyAutoEdit, inventory.AutonomyAsk, inventory.AutonomySuggest}
	sandboxes  = []inventory.Sandbox{inventory.SandboxNone, inventory.SandboxWorkspace, inventory.SandboxContainer, inventory.SandboxVM}
	classes    = []inventory.Class{inventory.ClassNHI, inventory.ClassTextOnly}
	answers    = []inventory.Answer{inventory.Yes, inventory.Asks, inventory.No}
	goodAnswer = []inventory.Answer{inventory.No, inventory.Asks, inventory.Yes} // where yes is the safe one: pinned
	networks   = []string{"open", "allowlist", "none"}
	trusts     = []string{"trusted", "untrusted"}
	storages   = []string{inventory.StoragePlaintext, inventory.StorageEnv, inventory.StorageCI, inventory.StorageProvider, inventory.StorageEncrypted, inventory.StorageKeyring, inventory.StorageManager}
	exposures  = []string{inventory.ExposureLeaked, inventory.ExposureShared, inventory.ExposureCommitted, inventory.ExposureLocal, inventory.ExposureNone}
	states     = []string{inventory.StateLive, inventory.StateDisabled, inventory.StateExpired, inventory.StateRevoked}
	checksums  = []string{"ok", "bad"}
	gates      = []string{inventory.GateOpen, inventory.GateAsks, inventory.GateBlocked}
	levels     = []string{"admin", "write", "read"}
	approvals  = []string{"approved", "pending", "rejected"}
	ownerState = []string{"departed", "active"}
	vague      = []string{"generic-api-key", "opaque-bearer", "jwt"} // kinds that only say that it is a secret
)

// worse reports whether b beats a in an order.
func worse[T comparable](order []T, a, b T) bool {
	rank := func(x T) int {
		if i := slices.Index(order, x); i >= 0 {
			return i
		}
		return len(order)
	}
	return rank(b) < rank(a)
}

// pick replaces *a by b where b beats it, or where *a is empty.
func pick[T ~string](order []T, a *T, b T) bool {
	if worse(order, *a, b) || *a == "" && b != "" {
		*a = b
		return true
	}
	return false
}

// known fills *a where it is not known.
func known[T comparable](a *T, b T) {
	var zero T
	if *a == zero {
		*a = b
	}
}

func assistant(a, b *inventory.Assistant) {
	known(&a.Kind, b.Kind)
	known(&a.Name, b.Name)
	known(&a.Vendor, b.Vendor)
	known(&a.Version, b.Version)
	known(&a.Scope, b.Scope)
	if pick(classes, &a.Class, b.Class) {
		a.ClassReason = b.ClassReason
	}
	if pick(autonomies, &a.Autonomy, b.Autonomy) {
		a.AutonomyReason = b.AutonomyReason
	}
	if pick(autonomies, &a.Headless, b.Headless) {
		a.HeadlessReason = b.HeadlessReason
	}
	if pick(sandboxes, &a.Sandbox, b.Sandbox) {
		a.SandboxReason = b.SandboxReason
	}
	pick(networks, &a.Network, b.Network)
	pick(trusts, &a.Trust, b.Trust)
	known(&a.Account, b.Account)
	known(&a.Host, b.Host)
	known(&a.Path, b.Path)
	knownWord(&a.Environment, b.Environment)
	knownWord(&a.Status, b.Status)
	a.Guessed = a.Guessed && b.Guessed
	known(&a.Purpose, b.Purpose)
	known(&a.Charter, b.Charter)
	a.OwnerSigns = append(a.OwnerSigns, b.OwnerSigns...)
	a.Owners, a.Secrets, a.Tools = append(a.Owners, b.Owners...), append(a.Secrets, b.Secrets...), append(a.Tools, b.Tools...)
	a.Sources, a.Settings, a.Evidence = append(a.Sources, b.Sources...), append(a.Settings, b.Settings...), append(a.Evidence, b.Evidence...)
	a.Capabilities = matrix(a.Capabilities, b.Capabilities)
	a.FirstSeen, a.LastSeen, a.LastUsed = earliest(a.FirstSeen, b.FirstSeen), latest(a.LastSeen, b.LastSeen), latest(a.LastUsed, b.LastUsed)
	if a.Job == nil {
		a.Job = b.Job
	}
}

// knownWord fills a word whose "unknown" is spelled out.
func knownWord(a *string, b string) {
	if *a == "" || *a == "unknown" && b != "" {
		*a = b
	}
}

func matrix(a, b map[inventory.Capability]inventory.Answer) map[inventory.Capability]inventory.Answer {
	m := make(map[inventory.Capability]inventory.Answer, len(a)+len(b))
	for _, from := range []map[inventory.Capability]inventory.Answer{a, b} {
		for c, v := range from {
			old := m[c]
			pick(answers, &old, v)
			m[c] = old
		}
	}
	return m
}

// ofAddress reports whether all that is known of a name is what the address begins with.
func ofAddress(o *inventory.Owner) bool {
	local, _, ok := strings.Cut(o.Email, "@")
	return ok && o.Name == local
}

func owner(a, b *inventory.Owner) {
	known(&a.Kind, b.Kind)
	known(&a.Email, b.Email)
	if a.Name == "" || b.Name != "" && ofAddress(a) && !ofAddress(b) {
		a.Name = b.Name
	}
	known(&a.Manager, b.Manager)
	known(&a.Department, b.Department)
	if pick(ownerState, &a.Status, b.Status) {
		a.StatusReason, a.StatusSince = b.StatusReason, b.StatusSince
	} else if a.Status == b.Status {
		known(&a.StatusReason, b.StatusReason)
		a.StatusSince = earliest(a.StatusSince, b.StatusSince)
	}
	a.Same, a.OnCall = append(a.Same, b.Same...), append(a.OnCall, b.OnCall...)
	a.Sources, a.Evidence = append(a.Sources, b.Sources...), append(a.Evidence, b.Evidence...)
}

func secret(a, b *inventory.Secret) {
	if a.Kind == "" || b.Kind != "" && slices.Contains(vague, a.Kind) && !slices.Contains(vague, b.Kind) {
		a.Kind = b.Kind
	}
	known(&a.Issuer, b.Issuer)
	known(&a.Account, b.Account)
	known(&a.KeyID, b.KeyID)
	known(&a.Fingerprint, b.Fingerprint)
	known(&a.Hint, b.Hint)
	known(&a.Note, b.Note)
	pick(storages, &a.Storage, b.Storage)
	pick(exposures, &a.Exposure, b.Exposure)
	pick(states, &a.State, b.State)
	pick(checksums, &a.Checksum, b.Checksum)
	pick(answers, &a.LongLived, b.LongLived)
	a.Ambient = a.Ambient && b.Ambient
	a.Broad = a.Broad || b.Broad
	a.Assistants, a.Owners = append(a.Assistants, b.Assistants...), append(a.Owners, b.Owners...)
	a.Scopes, a.Sources = append(a.Scopes, b.Scopes...), append(a.Sources, b.Sources...)
	a.Locations = append(a.Locations, b.Locations...)
	a.Created, a.Expires = earliest(a.Created, b.Created), latest(a.Expires, b.Expires)
	a.LastUsed, a.Rotated = latest(a.LastUsed, b.LastUsed), latest(a.Rotated, b.Rotated)
	a.Leaked = earliest(a.Leaked, b.Leaked)
	if pick(answers, &a.Used, b.Used); !a.LastUsed.IsZero() {
		a.Used = "" // that time says it
	}
}

func entitlement(a, b *inventory.Entitlement) {
	known(&a.Assistant, b.Assistant)
	known(&a.Via, b.Via)
	known(&a.Capability, b.Capability)
	known(&a.Resource, b.Resource)
	known(&a.Origin, b.Origin)
	knownWord(&a.Environment, b.Environment)
	pick(levels, &a.Level, b.Level)
	switch { // what is certain goes before what is guessed
	case a.Certain && !b.Certain:
	case b.Certain && !a.Certain:
		a.Gate, a.Path = b.Gate, b.Path
	case pick(gates, &a.Gate, b.Gate) && len(b.Path) > 0:
		a.Path = b.Path
	}
	if len(a.Path) == 0 {
		a.Path = b.Path
	}
	a.Certain = a.Certain || b.Certain
	known(&a.GrantedBy, b.GrantedBy)
	a.GrantedAt, a.Expires, a.LastUsed = earliest(a.GrantedAt, b.GrantedAt), latest(a.Expires, b.Expires), latest(a.LastUsed, b.LastUsed)
	a.Evidence = append(a.Evidence, b.Evidence...)
}

func tool(a, b *inventory.Tool) {
	known(&a.Assistant, b.Assistant)
	known(&a.Name, b.Name)
	known(&a.Known, b.Known)
	known(&a.Transport, b.Transport)
	known(&a.Command, b.Command)
	known(&a.URL, b.URL)
	known(&a.Scope, b.Scope)
	if len(a.Args) == 0 {
		a.Args = b.Args
	}
	if pick(goodAnswer, &a.Pinned, b.Pinned) {
		a.PinReason = b.PinReason
	}
	if b.Enabled && !a.Enabled {
		a.Enabled, a.EnabledReason = true, b.EnabledReason
	}
	pick(approvals, &a.Approval, b.Approval)
	a.AutoApproved = a.AutoApproved || b.AutoApproved
	a.EnvNames, a.HeaderNames = append(a.EnvNames, b.EnvNames...), append(a.HeaderNames, b.HeaderNames...)
	a.ApprovedTools, a.Secrets = append(a.ApprovedTools, b.ApprovedTools...), append(a.Secrets, b.Secrets...)
	a.Evidence = append(a.Evidence, b.Evidence...)
}

func resource(a, b *inventory.Resource) {
	known(&a.Kind, b.Kind)
	known(&a.Name, b.Name)
	switch stated := func(x *inventory.Resource) bool {
		return x.Environment != "" && x.Environment != "unknown" && !x.EnvironmentAssumed
	}; {
	case a.EnvironmentAssumed && stated(b): // what is stated goes before what only a name says
		a.Environment, a.EnvironmentAssumed = b.Environment, false
	case !stated(a) && !stated(b):
		a.EnvironmentAssumed = a.EnvironmentAssumed || b.EnvironmentAssumed
	}
	knownWord(&a.Environment, b.Environment)
	known(&a.Sensitivity, b.Sensitivity)
	m := make(map[string]string, len(a.Guardrails)+len(b.Guardrails))
	for _, from := range []map[string]string{b.Guardrails, a.Guardrails} {
		for k, v := range from {
			if v != "" || m[k] == "" {
				m[k] = v
			}
		}
	}
	a.Guardrails, a.Evidence = m, append(a.Evidence, b.Evidence...)
}

func reference(a, b *inventory.Reference) {
	known(&a.Assistant, b.Assistant)
	known(&a.Kind, b.Kind)
	known(&a.Text, b.Text)
	known(&a.Path, b.Path)
	known(&a.Pointer, b.Pointer)
	known(&a.Line, b.Line)
}
