package credential

import (
	"regexp"
	"slices"
	"strings"

	"nhitop/inventory"
)

// AWSKeyIDAlone is the kind of an AWS access key id that was pasted without its secret key. It is no secret.
const AWSKeyIDAlone = "aws-access-key-id"

const awsSecret, awsTemporary, awsSession = "aws-secret-key", "aws-temporary-key", "aws-session-token"

var (
	awsKeyIDs  = regexp.MustCompile(`\b(?:AKIA|ASIA)[A-Z2-7]{16}\b`)
	awsBareKey = regexp.MustCompile(`^[0-9A-Za-z/+]{40}$`)
	hexOnly    = regexp.MustCompile(`^[0-9a-f]+$`) // the name of a commit, rather
	awsIDAlone = regexp.MustCompile(`^(?:(?:export\s+)?(?i:aws_access_key_id)\s*[=:]\s*)?["']?[A-Z0-9]{20}["']?$`)
)

// pastedAWS takes a text with one access key id for that key: with its secret key, under a name or bare, or for the id
// alone. ok is false for every other text.
func pastedAWS(t string) (m Match, ok bool) {
	ids := awsKeyIDs.FindAllString(t, -1)
	slices.Sort(ids)
	if ids = slices.Compact(ids); len(ids) != 1 {
		return Match{}, false
	}
	id := ids[0]
	switch m, ok = awsSecretIn(t); {
	case ok:
	case awsIDAlone.MatchString(t):
		i := strings.Index(t, id)
		m = Match{Kind: AWSKeyIDAlone, Issuer: "aws", Value: inventory.NewValue(id), Form: "whole", Start: i, End: i + len(id), Sure: true}
	default:
		return Match{}, false
	}
	m.KeyID = id
	if account, ok := AWSAccount(id); ok && m.Account == "" {
		m.Account = account
	}
	if AWSKeyClass(id) == "ASIA" && m.Kind == awsSecret {
		m.Kind, m.LongLived = awsTemporary, inventory.No
	}
	return m, true
}

// awsSecretIn finds the one secret key of a text, and lets a session token beside it go: it is of no use without the key.
func awsSecretIn(t string) (Match, bool) {
	found := slices.DeleteFunc(Find(t, Context{Position: PositionConfig}), func(m Match) bool { return m.Kind == awsSession })
	if len(found) == 1 && found[0].Kind == awsSecret {
		return found[0], true
	}
	words := strings.FieldsFunc(t, func(r rune) bool { return strings.ContainsRune(" \t\r\n,;:=\"'", r) })
	bare := slices.DeleteFunc(words, func(w string) bool { return !AWSSecretForm(w) })
	if len(found) > 0 || len(bare) != 1 {
		return Match{}, false
	}
	i := strings.Index(t, bare[0])
	return Match{Kind: awsSecret, Issuer: "aws", Value: inventory.NewValue(bare[0]), Form: "whole", Start: i, End: i + len(bare[0]), LongLived: inventory.Yes}, true
}
