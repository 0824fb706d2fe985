package httpx

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
)

// The examples that AWS publishes: those of its test suite (aws-sig-v4-test-suite, held against the copy in
// bazelbuild/bazel, third_party, 2026-11-27) under their names there, and ListUsers of its documentation. The key is the one
// of these examples, and opens nothing.
func TestAWSSignature(t *testing.T) {
	example := inventory.NewValue("wJalrXUtnFEMI/K7MDENG+" + "bPxRfiCY" + "EXAMPLE" + "KEY")
	at := time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)
	const formType = "application/x-www-form-urlencoded"
	const unreserved = "-._~0123456789" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + "abcdefghijklmnopqrstuvwxyz"
	for name, c := range map[string]struct {
		method, url, contentType, service string
		form                              url.Values
		names, want                       string
	}{
		"get-vanilla":                           {"GET", "https://example.amazonaws.com/", "", "service", nil, "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		"post-vanilla":                          {"POST", "https://example.amazonaws.com/", "", "service", nil, "host;x-amz-date", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
		"get-vanilla-query-order-key-case":      {"GET", "https://example.amazonaws.com/?Param2=value2&Param1=value1", "", "service", nil, "host;x-amz-date", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
		"get-vanilla-query-unreserved":          {"GET", "https://example.amazonaws.com/?" + unreserved + "=" + unreserved, "", "service", nil, "host;x-amz-date", "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
		"get-vanilla-utf8-query":                {"GET", "https://example.amazonaws.com/?\u1234=bar", "", "service", nil, "host;x-amz-date", "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
		"post-vanilla-empty-query-value":        {"POST", "https://example.amazonaws.com/?Param1=value1", "", "service", nil, "host;x-amz-date", "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"},
		"post-x-www-form-urlencoded-parameters": {"POST", "https://example.amazonaws.com/", formType + "; charset=utf8", "service", url.Values{"Param1": {"value1"}}, "content-type;host;x-amz-date", "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe"},
		"post-x-www-form-urlencoded":            {"POST", "https://example.amazonaws.com/", formType, "service", url.Values{"Param1": {"value1"}}, "content-type;host;x-amz-date", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
		"list users":                            {"GET", "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08", formType + "; charset=utf-8", "iam", nil, "content-type;host;x-amz-date", "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"},
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
