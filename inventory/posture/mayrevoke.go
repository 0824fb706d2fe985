package posture

import "nhitop/inventory"

// MayRevoke tells, without asking anybody, whether there is a source that could take a record away, and if not, why.
func (s *Service) MayRevoke(id inventory.ID) (ok bool, reason string) {
	if s.cfg.ReadOnly {
		return false, "read-only"
	}
	switch id.Noun() {
	case inventory.NounAssistant, inventory.NounSecret, inventory.NounTool, inventory.NounEntitlement, inventory.NounOwner:
	case inventory.NounResource:
		if !s.endable(id) {
			return false, "this is nothing that can be revoked"
		}
	default:
		return false, "this is nothing that can be revoked"
	}
	if why := s.protects(s.Snapshot(), id); why != "" {
		return false, "protected: " + why
	}
	off := ""
	for i := range s.cfg.Feeds {
		switch f := &s.cfg.Feeds[i]; {
		case f.Revoker == nil:
		case f.MayRevoke:
			return true, ""
		default:
			off = f.Name
		}
	}
	if off != "" {
		return false, "source " + off + " has revoke = false"
	}
	return false, "no source can revoke"
}

// MayChange are the names of the sources at which a confirmed plan may change something, in the order of the configuration;
// empty where none may.
func (s *Service) MayChange() []string {
	var names []string
	for i := range s.cfg.Feeds {
		if f := &s.cfg.Feeds[i]; f.Revoker != nil && f.MayRevoke && !s.cfg.ReadOnly {
			names = append(names, f.Name)
		}
	}
	return names
}

// endable reports whether a resource is one that something can be taken from: a machine that runs jobs, which can be taken
// off its forge, or an organisation, of which all that its people's credentials were let in to can end at once.
func (s *Service) endable(id inventory.ID) bool {
	snap := s.Snapshot()
	if snap == nil || snap.Resource(id) == nil {
		return false
	}
	kind := snap.Resource(id).Kind
	return kind == "runner" || kind == "organisation"
}
