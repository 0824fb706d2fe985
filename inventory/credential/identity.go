package credential

import (
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"nhitop/inventory"
)

// AWSAccount reads the account number out of an access key id (AKIA, ASIA ...): 40 bits of its base32 body. Ids of the
// older form, whose fifth character is I or J, do not carry it. Source: trufflehog 3ab759fe pkg/detectors/aws.
func AWSAccount(keyID string) (string, bool) {
	const idLen, markLen, accountMask, accountShift = 20, 4, 0x7fffffffff80, 7
	if len(keyID) != idLen || keyID[markLen] == 'I' || keyID[markLen] == 'J' || AWSKeyClass(keyID) == "" {
		return "", false
	}
	raw, err := base32.StdEncoding.DecodeString(keyID[markLen:])
	if err != nil {
		return "", false
	}
	var n uint64
	for _, c := range raw[:6] {
		n = n<<8 | uint64(c)
	}
	return fmt.Sprintf("%012d", n&accountMask>>accountShift), true
}

// AWSKeyClass tells the prefix of an access key id: AKIA (long-lived), ASIA (temporary), ABIA, ACCA; "" for no key id.
func AWSKeyClass(keyID string) string {
	if len(keyID) < 16 {
		return ""
	}
	for _, p := range []string{"AKIA", "ASIA", "ABIA", "ACCA"} {
		if strings.HasPrefix(keyID, p) {
			return p
		}
	}
	return ""
}

// decode64 accepts all four base64 alphabets and any padding.
func decode64(s string) ([]byte, bool) {
	s = strings.TrimRight(s, "=")
	enc := base64.RawStdEncoding
	if strings.ContainsAny(s, "-_") {
		enc = base64.RawURLEncoding
	}
	b, err := enc.DecodeString(s)
	return b, err == nil
}

var bedrockOwner = regexp.MustCompile(`^BedrockAPIKey-[\w.-]+?-at-(\d{12}):`)

// bedrockLong reads the account of a long-term key: base64 of "BedrockAPIKey-<id>-at-<account>:<secret>".
func bedrockLong(token string, m *Match) {
	raw, ok := decode64(strings.TrimPrefix(token, "ABSK"))
	if !ok {
		return
	}
	if g := bedrockOwner.FindSubmatch(raw); g != nil {
		m.Account = string(g[1])
	}
}

var (
	amzKeyID   = regexp.MustCompile(`X-Amz-Credential=([A-Z0-9]{16,24})`)
	amzDate    = regexp.MustCompile(`X-Amz-Date=(\d{8}T\d{6}Z)`)
	amzExpires = regexp.MustCompile(`X-Amz-Expires=(\d{1,6})`)
)

// bedrockShort reads key id and end of a short-term key: base64 of a presigned URL.
func bedrockShort(token string, m *Match) {
	raw, ok := decode64(strings.TrimPrefix(token, "bedrock-api-key-"))
	if !ok {
		return
	}
	if g := amzKeyID.FindSubmatch(raw); g != nil {
		m.Account, _ = AWSAccount(string(g[1]))
	}
	d, e := amzDate.FindSubmatch(raw), amzExpires.FindSubmatch(raw)
	if d == nil || e == nil {
		return
	}
	from, err := time.Parse("20060102T150405Z", string(d[1]))
	seconds, _ := strconv.Atoi(string(e[1]))
	if err == nil {
		m.Created, m.Expires = from, from.Add(time.Duration(seconds)*time.Second)
	}
}

// sentryOrg reads the organisation of an organisation token: base64 JSON between the prefix and the last underscore.
func sentryOrg(token string, m *Match) {
	body, _, _ := strings.Cut(strings.TrimPrefix(token, "sntrys_"), "_")
	raw, ok := decode64(body)
	var claims struct {
		IAT float64 `json:"iat"`
		Org string  `json:"org"`
	}
	if ok && json.Unmarshal(raw, &claims) == nil {
		m.Account, m.Created = claims.Org, unix(claims.IAT)
	}
}

// onePassword reads the address of a service account out of its token: base64 JSON after "ops_".
func onePassword(token string, m *Match) {
	raw, ok := decode64(strings.TrimPrefix(token, "ops_"))
	var claims struct {
		Email string `json:"email"`
	}
	if ok && json.Unmarshal(raw, &claims) == nil {
		m.Account = claims.Email
	}
}

var (
	macaroonUser    = regexp.MustCompile(`"permissions":\s*"user"`)
	macaroonProject = regexp.MustCompile(`"permissions":\s*\{"projects":\s*\[([^\]]*)\]|\[1,\s*\[([^\]]*)\]\]`)
	macaroonExpiry  = regexp.MustCompile(`\[0,\s*(\d{9,11}),`)
	quoted          = regexp.MustCompile(`"([\w.-]{1,100})"`)
)

// pypiCaveats reads the caveats of a macaroon as far as they stand in it as JSON: projects, the whole user, an end.
func pypiCaveats(token string, m *Match) {
	raw, ok := decode64(strings.TrimPrefix(token, "pypi-"))
	if !ok {
		return
	}
	m.Broad = macaroonUser.Match(raw)
	if g := macaroonProject.FindSubmatch(raw); g != nil {
		for _, q := range quoted.FindAllSubmatch(append(g[1], g[2]...), 20) {
			m.Scopes = append(m.Scopes, "project:"+string(q[1]))
		}
	}
	if g := macaroonExpiry.FindSubmatch(raw); g != nil {
		n, _ := strconv.ParseInt(string(g[1]), 10, 64)
		m.Expires, m.LongLived = time.Unix(n, 0).UTC(), ""
	}
}

// gitlabExpires notes what GitLab enforces since version 16: at most a year, not written in the token.
func gitlabExpires(_ string, m *Match) {
	m.Note = "ends at most a year after it was made, the day is not in the token"
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// unix turns seconds since 1970 into a time; what cannot be a date of a credential gives the zero time.
func unix(seconds float64) time.Time {
	const year2200 = 7258118400
	if !(seconds > 0 && seconds < year2200) {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0).UTC()
}

// longLived tells from a begin and an end whether a credential lives longer than a quarter of a year.
func longLived(created, expires time.Time) inventory.Answer {
	const quarter = 92 * 24 * time.Hour
	switch {
	case expires.IsZero():
		return inventory.Yes
	case created.IsZero():
		return ""
	case expires.Sub(created) > quarter:
		return inventory.Yes
	}
	return inventory.No
}
