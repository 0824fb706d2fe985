package httpx

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
)

// The examples that AWS publishes: get-vanilla, post-vanilla and post-x-www-form-urlencoded of its test suite, and ListUsers
// of its documentation. The key is the one of these examples, and opens nothing.
func TestAWSSignature(t *testing.T) {
	example := inventory.NewValue("wJalrXUtnFEMI/K7MDENG+" + "bPxRfiCY" + "EXAMPLE" + "KEY")
	at := time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)
	const formType = "application/x-www-form-urlencoded"
	for name, c := range map[string]struct {
		method, url, contentType, service string
		form                              url.Values
		names, want                       string
	}{
		"get":        {"GET", "https://example.amazonaws.com/", "", "service", nil, "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		"post":       {"POST", "https://example.amazonaws.com/", "", "service", nil, "host;x-amz-date", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
		"form":       {"POST", "https://example.amazonaws.com/", formType, "service", url.Values{"Param1": {"value1"}}, "content-type;host;x-amz-date", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
		"list users": {"GET", "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08", formType + "; charset=utf-8", "iam", nil, "content-type;host;x-amz-date", "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), c.method, c.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.contentType != "" {
			r.Header.Set("Content-Type", c.contentType)
		}
		k := AWSKey{ID: "AKIDEXAMPLE", Region: "us-east-1", Service: c.service, Secret: Held(example), Now: func() time.Time { return at }}
		if err := k.Sign(c.form)(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		want := "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/" + c.service + "/aws4_request, SignedHeaders=" + c.names + ", Signature=" + c.want
		if got := r.Header.Get("Authorization"); got != want || r.Header.Get("X-Amz-Date") != "20150830T123600Z" {
			t.Errorf("%s: %s\nwant %s", name, got, want)
		}
		if strings.Contains(r.Header.Get("Authorization"), example.Reveal()) {
			t.Errorf("%s: the key itself is sent", name)
		}
	}
}
