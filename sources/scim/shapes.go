package scim

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/sources/internal/roster"
)

// The shapes of RFC 7643 (users, 4.1 and 4.3), RFC 7644 (lists, 3.4.2) and RFC 9865 (cursors), as far as they are read.

const listSchema = "urn:ietf:params:scim:api:messages:2.0:ListResponse"

type configShape struct {
	Filter struct {
		Supported bool `json:"supported"`
	} `json:"filter"`
	Pagination struct {
		Cursor bool `json:"cursor"`
	} `json:"pagination"`
}

type listShape struct {
	Schemas   []string    `json:"schemas"`
	Total     int         `json:"totalResults"`
	Next      string      `json:"nextCursor"`
	Resources []userShape `json:"Resources"`
}

// is reports whether an answer is a list at all: an error page that is JSON must not be taken for an empty one.
func (l *listShape) is() bool {
	return slices.ContainsFunc(l.Schemas, func(s string) bool { return strings.EqualFold(s, listSchema) }) && l.Total >= 0
}

type userShape struct {
	ID          string `json:"id"`
	ExternalID  string `json:"externalId"`
	UserName    string `json:"userName"`
	NickName    string `json:"nickName"`
	DisplayName string `json:"displayName"`
	Name        struct {
		Formatted string `json:"formatted"`
		Given     string `json:"givenName"`
		Family    string `json:"familyName"`
	} `json:"name"`
	Active answer `json:"active"`
	Emails []struct {
		Value   string `json:"value"`
		Primary bool   `json:"primary"`
	} `json:"emails"`
	Enterprise struct {
		Department string  `json:"department"`
		Manager    manager `json:"manager"`
	} `json:"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"`
	Meta struct {
		LastModified string `json:"lastModified"`
	} `json:"meta"`
}

// manager is a reference to a user. Some services give the id alone.
type manager struct {
	Value   string
	Display string
}

func (m *manager) UnmarshalJSON(b []byte) error {
	if json.Unmarshal(b, &m.Value) == nil {
		return nil
	}
	var x struct {
		Value   string `json:"value"`
		Display string `json:"displayName"`
	}
	err := json.Unmarshal(b, &x)
	m.Value, m.Display = x.Value, x.Display
	return err
}

// answer is a boolean that may be absent, and that some services write as a text.
type answer struct{ told, is bool }

func (a *answer) UnmarshalJSON(b []byte) error {
	switch strings.ToLower(strings.Trim(string(b), `"`)) {
	case "true":
		*a = answer{true, true}
	case "false":
		*a = answer{told: true}
	}
	return nil // anything else is not told
}

// mail is the primary address, else the first one, else a userName that is one.
func (u *userShape) mail() string {
	first := ""
	for _, e := range u.Emails {
		if e.Primary && e.Value != "" {
			return e.Value
		}
		first = cmp.Or(first, e.Value)
	}
	if first == "" && strings.Contains(u.UserName, "@") {
		return u.UserName
	}
	return first
}

func (u *userShape) called() string {
	return cmp.Or(u.mail(), u.DisplayName, u.Name.Formatted, u.UserName)
}

// terms are those that find the user.
func (u *userShape) terms() []term {
	ts := []term{{"username", strings.ToLower(u.UserName)}, {"externalid", strings.ToLower(u.ExternalID)}, {"nickname", strings.ToLower(u.NickName)}}
	for _, e := range u.Emails {
		ts = append(ts, term{"emails", strings.ToLower(e.Value)})
	}
	return ts
}

func (u *userShape) person(url string) *roster.Person {
	p := &roster.Person{Key: u.ID, Path: url, Mail: u.mail(), Department: u.Enterprise.Department,
		Name: cmp.Or(u.DisplayName, u.Name.Formatted, strings.TrimSpace(u.Name.Given+" "+u.Name.Family), u.UserName)}
	switch {
	case !u.Active.told:
		p.Status, p.Reason = inventory.OwnerUnknown, "active is not told"
	case u.Active.is:
		p.Status, p.Reason = inventory.OwnerActive, "active is true"
	default:
		p.Status, p.Reason = inventory.OwnerDeparted, "active is false"
		if day, _, ok := strings.Cut(u.Meta.LastModified, "T"); ok {
			p.Reason += "; last changed on " + day
		}
	}
	p.Plain()
	return p
}
