package risk

import (
	"testing"

	"nhitop/inventory"
)

func TestOnlyAsserted(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*scenario)
		want   bool
	}{
		"a charter's word alone":          {func(s *scenario) { s.Owners[0].Sources = []string{"config"} }, true},
		"a charter's word and a decision": {func(s *scenario) { s.Owners[0].Sources = []string{"asserted", "config"} }, true},
		"a source names the person, who is asserted": {func(s *scenario) {
			s.Owners[0].Sources = []string{"local"}
			s.a().OwnersAsserted = []inventory.ID{ownID}
		}, true},
		"a source says who answers":    {func(s *scenario) { s.Owners[0].Sources = []string{"config", "local"} }, false},
		"nobody says where it is from": {func(*scenario) {}, false},
		"it has left: OWN-02 tells":    {func(s *scenario) { s.Owners[0].Sources, s.Owners[0].Status = []string{"asserted"}, departed }, false},
		"it only returns text": {func(s *scenario) {
			s.Owners[0].Sources = []string{"asserted"}
			s.a().Class, s.a().Capabilities = inventory.ClassTextOnly, nil
		}, false},
		"another answers for sure": {func(s *scenario) {
			s.Owners[0].Sources = []string{"asserted"}
			s.Owners = append(s.Owners, inventory.Owner{ID: "own-other", Kind: "person", Name: "erin", Status: "unknown", Sources: []string{"local"}})
			s.a().Owners = append(s.a().Owners, "own-other")
		}, false},
		"the other has left": {func(s *scenario) {
			s.Owners[0].Sources = []string{"asserted"}
			s.Owners = append(s.Owners, inventory.Owner{ID: "own-other", Kind: "person", Name: "erin", Status: departed, Sources: []string{"local"}})
			s.a().Owners = append(s.a().Owners, "own-other")
		}, true},
	} {
		s := calm()
		s.Owners[0].Status = "unknown"
		c.change(s)
		f := s.of("OWN-08")
		if (f != nil) != c.want {
			t.Errorf("%s: %+v, want %v", name, f, c.want)
		}
		if f != nil && f.Decision != inventory.Track {
			t.Errorf("%s: %s: it is less than no owner", name, f.DecisionWhy)
		}
	}
	s := calm()
	s.Owners[0].Status, s.Owners[0].Sources = departed, []string{"asserted"}
	if s.of("OWN-02") == nil {
		t.Error("who was named has left, and nothing says so")
	}
}
