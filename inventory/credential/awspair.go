package credential

import (
	"regexp"
	"strings"
)

// Beside is a name and its value that stand beside a secret key.
type Beside struct{ Name, Text string }

var (
	awsNamedID = regexp.MustCompile(`([A-Za-z_][\w.-]*)["'\\]*\s*[=:>,]*\s*["'\\]*((?:AKIA|ASIA)[A-Z2-7]{16})\b`)
	awsBefore  = regexp.MustCompile(`([A-Za-z_][\w.-]*)["'\\]*\s*[=:>,]*\s*["'\\]*$`)
)

// awsWords tell a key from its id; a name without them tells one key from another: PROD_AWS, or a profile's.
var awsWords = set(`secret access key keys id identifier`)

func awsStem(name string) string {
	var stem []string
	for _, w := range words(name) {
		if !awsWords[w] {
			stem = append(stem, w)
		}
	}
	return strings.Join(stem, "_")
}

// AWSPair finds the access key id that goes with a secret key by their names: AWS_ACCESS_KEY_ID for
// AWS_SECRET_ACCESS_KEY, PROD_ACCESS_KEY for PROD_SECRET_KEY. beside is what stands in the same profile, object or
// environment. "" where no id fits, or several do.
func AWSPair(name string, beside []Beside) string {
	stem, found := awsStem(name), ""
	for _, b := range beside {
		id := b.Text
		if len(id) != 20 || !awsKeyIDs.MatchString(id) || awsStem(b.Name) != stem || id == found {
			continue
		}
		if found != "" {
			return ""
		}
		found = id
	}
	return found
}

// AWSPairIn does the same for a secret key that begins at byte start of a text with names and values: a script, a
// command line, the lines of a file.
func AWSPairIn(text string, start int) string {
	const longestName = 200
	name := ""
	if start = min(start, len(text)); start > 0 {
		if g := awsBefore.FindStringSubmatch(text[max(0, start-longestName):start]); g != nil {
			name = g[1]
		}
	}
	var beside []Beside
	for _, g := range awsNamedID.FindAllStringSubmatch(text, maxMatches) {
		beside = append(beside, Beside{g[1], g[2]})
	}
	return AWSPair(name, beside)
}

// AWSSecretForm reports a text of the form of an AWS secret key: 40 characters of base64 that are no name of a commit.
func AWSSecretForm(text string) bool {
	return awsBareKey.MatchString(text) && !hexOnly.MatchString(text)
}
