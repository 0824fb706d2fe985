package gitea

import (
	"strings"

	"nhitop/inventory"
)

// endsIn compares the end of a credential with what the server lists of a token.
func endsIn(v inventory.Value, tail string) bool {
	return len(tail) == 8 && strings.HasSuffix(v.Reveal(), tail)
}
