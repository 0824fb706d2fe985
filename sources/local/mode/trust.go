package mode

import (
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/doc"
)

const (
	isTrusted   = "trusted"
	isUntrusted = "untrusted"
)

// trustState is what is known of the project's trust while resolving.
type trustState struct {
	state   string
	decided bool // by a resolver, rows say nothing more
}

// trust records what a product says of the project.
func (s *state) trust(state string, f found, name string) {
	it := s.note(inventory.SettingTrust, name, f)
	s.trusted = trustState{state, true}
	s.res.Trust = Trust{State: state, Evidence: it.evidence()}
}

// unrecorded is the trust of a project that the product's own file does not name. Where that file was read, the project was
// never trusted; where it was not, nobody can tell, and what the project's files say is taken as if it were: that is what
// they come to at the first yes.
func (s *state) unrecorded(layer int) {
	s.trusted.decided = true
	if layer < 0 {
		s.res.Trust.Assumed = true
		return
	}
	s.trusted.state = isUntrusted
	s.res.Trust = Trust{State: isUntrusted, Assumed: true, Evidence: inventory.Evidence{Path: s.in.Layers[layer].Path, Note: "does not name the project"}}
}

// supposed says so where a project's file decides and nobody knows whether the folder is trusted.
func (s *state) supposed() {
	if !s.res.Trust.Assumed || s.trusted.state != "" || strings.Contains(s.res.AutonomyReason, "once the folder is trusted") {
		return
	}
	for _, l := range s.in.Layers {
		if (l.Scope == "project" || l.Scope == "local") && strings.Contains(s.res.AutonomyReason, l.Path) {
			s.res.AutonomyReason += " (counts once the folder is trusted, which is not known here)"
			return
		}
	}
}

// latent reports whether a project's files wait for trust.
func (s *state) latent() bool { return s.in.Project != "" && s.trusted.state == isUntrusted }

// covers reports whether a folder is the project or above it.
func covers(folder, project string) bool {
	if folder == "" || project == "" {
		return false
	}
	folder = strings.TrimRight(folder, `/\`)
	return project == folder || strings.HasPrefix(project, folder+"/") || strings.HasPrefix(project, folder+`\`)
}

// above returns the member that decides for the project in an object keyed by folder, or in a list of folders: its own,
// else that of the nearest folder above.
func (s *state) above(object *doc.Node) *doc.Node {
	if object == nil || s.in.Project == "" {
		return nil
	}
	if s.in.ProjectKey != nil {
		if n := s.in.ProjectKey(object); n != nil {
			return n
		}
	}
	var best *doc.Node
	length := -1
	for _, c := range object.Children {
		folder := c.Key
		if folder == "" {
			folder = c.Text
		}
		if covers(folder, s.in.Project) && len(folder) >= length {
			best, length = c, len(folder)
		}
	}
	return best
}
