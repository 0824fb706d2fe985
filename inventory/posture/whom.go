package posture

import (
	"slices"

	"nhitop/inventory"
	"nhitop/inventory/merge"
	"nhitop/inventory/triage"
)

// whom lists the owners that directories are asked about: those that the sources that have ended tell of, or told of when
// they were last read, and those that charters and decisions name. Each once, in the order of ids.
func (s *Service) whom(ins []*intake) []inventory.Owner {
	var batches []inventory.Batch
	for _, in := range ins {
		if in.feed.Resolve == nil {
			owners := in.facts(in.sink.Batch()).Records.Owners
			batches = append(batches, inventory.Batch{Source: in.feed.Name, Records: inventory.Records{Owners: slices.Clip(owners)}})
		}
	}
	words := append(s.cfg.Charters.People(), triage.Named(s.standing())...)
	batches = append(batches, inventory.Batch{Records: inventory.Records{Owners: words}})
	return merge.Consume(batches, nil).Owners
}
