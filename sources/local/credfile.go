package local

import (
	"nhitop/inventory"
	"nhitop/inventory/catalogue"
)

func (c *collection) takeCredentials(row *catalogue.CredentialFile, s *source, within roots, ties []inventory.ID) []inherited {
	return nil
}
