package main

import (
	"fmt"
	"slices"

	"nhitop/inventory"
	"nhitop/inventory/catalogue"
	"nhitop/inventory/credential"
	"nhitop/inventory/strict"
)

// checkKind refuses what --kind says where nobody knows such a kind, and where the form of the credential tells another
// issuer: it would be shown to a company that never made it.
func checkKind(kind string, v inventory.Value, snap *inventory.Snapshot) error {
	cat, err := catalogue.Load("")
	if err != nil {
		return err
	}
	known := credential.Kinds()
	for i := range cat.CredentialKinds {
		known = append(known, cat.CredentialKinds[i].Kind)
	}
	if snap != nil { // a catalogue or a source of the operator's own may know more
		for _, x := range snap.Records().Secrets {
			known = append(known, x.Kind)
		}
	}
	if !slices.Contains(known, kind) {
		near := strict.Nearest(kind, known)
		if near == "" {
			return fmt.Errorf("--kind %s: no such kind of credential; leave it out", shown(kind))
		}
		return fmt.Errorf("--kind %s: no such kind of credential; did you mean %s?", shown(kind), near)
	}
	m, err := credential.Pasted(v)
	if err != nil || !m.Sure || m.Issuer == "" || m.Kind == kind {
		return nil // what is wrong with the text is told when it is identified
	}
	if k := cat.Kind(kind); k != nil && k.Issuer == m.Issuer {
		return nil
	}
	return fmt.Errorf("--kind %s: by its form it is a %s of %s; leave --kind out", shown(kind), m.Kind, m.Issuer)
}
