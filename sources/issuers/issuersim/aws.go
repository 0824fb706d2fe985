package issuersim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// AWSKey is an access key of AWS.
type AWSKey struct {
	ID, Secret string
	ARN        string // of its user, or of the root of the account
	Denied     bool   // the user may not change its keys
	Denies     string // the one action of IAM that the user may not do
}

// AddAWS makes an access key that lives.
func (s *Sim) AddAWS(k AWSKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys[k.ID], s.lives[k.ID] = k, k.ARN
}

// AWSKeys is how many access keys a user has.
func (s *Sim) AWSKeys(arn string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.ofUser(arn))
}

// stsHost and iamHost are the global endpoints.
const stsHost, iamHost = "sts.amazonaws.com", "iam.amazonaws.com"

func (q *request) xml(status int, format string, args ...any) bool {
	q.w.Header().Set("Content-Type", "text/xml")
	q.w.WriteHeader(status)
	_, _ = fmt.Fprintf(q.w, format, args...)
	return true
}

func (q *request) refuse(status int, code, message string) bool {
	return q.xml(status, "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>fa4e-1</RequestId></ErrorResponse>", code, message)
}

// sts answers GetCallerIdentity, to a principal to whom everything is denied too.
func sts(q *request) bool {
	k, ok := q.signedBy("sts")
	if !ok {
		return true
	}
	if q.form.Get("Action") != "GetCallerIdentity" || q.form.Get("Version") != "2011-06-15" {
		return q.refuse(http.StatusBadRequest, "InvalidAction", "Could not find operation")
	}
	account := strings.Split(k.ARN, ":")[4]
	return q.xml(http.StatusOK, "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult><Arn>%s</Arn><UserId>AIDAFAKE</UserId><Account>%s</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>fa4e-1</RequestId></ResponseMetadata></GetCallerIdentityResponse>", k.ARN, account)
}

// signedBy finds the living key that signed the request, or refuses it as AWS does.
func (q *request) signedBy(service string) (AWSKey, bool) {
	words := map[string]string{}
	for _, w := range strings.FieldsFunc(q.credential, func(r rune) bool { return r == ',' || r == ' ' }) {
		name, v, _ := strings.Cut(w, "=")
		words[name] = v
	}
	id, scope, _ := strings.Cut(words["Credential"], "/")
	at, err := time.Parse("20060102T150405Z", q.header.Get("X-Amz-Date"))
	_, living := q.alive(id)
	k := q.keys[id]
	const skew = 15 * time.Minute
	switch {
	case q.credential == "":
		return k, !q.refuse(http.StatusForbidden, "MissingAuthenticationToken", "Request is missing Authentication Token")
	case !living:
		return k, !q.refuse(http.StatusForbidden, "InvalidClientTokenId", "The security token included in the request is invalid.")
	case err != nil || q.Now().Sub(at).Abs() > skew || scope != at.Format("20060102")+"/us-east-1/"+service+"/aws4_request":
		return k, !q.refuse(http.StatusForbidden, "SignatureDoesNotMatch", "Credential should be scoped to a valid time, region and service")
	case words["Signature"] != q.signature(k.Secret, scope, words["SignedHeaders"]):
		return k, !q.refuse(http.StatusForbidden, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided.")
	}
	return k, true
}

// signature is what the request would carry if the secret key had signed it.
func (q *request) signature(secret, scope, names string) string {
	var c strings.Builder
	method, path, _ := strings.Cut(q.what, " ")
	c.WriteString(method + "\n" + path + "\n" + strings.ReplaceAll(q.query.Encode(), "+", "%20") + "\n")
	for name := range strings.SplitSeq(names, ";") {
		v := q.header.Get(name)
		if name == "host" {
			v = q.host
		}
		c.WriteString(name + ":" + v + "\n")
	}
	fmt.Fprintf(&c, "\n%s\n%x", names, sha256.Sum256(q.raw))
	text := fmt.Sprintf("AWS4-HMAC-SHA256\n%s\n%s\n%x", q.header.Get("X-Amz-Date"), scope, sha256.Sum256([]byte(c.String())))
	key := []byte("AWS4" + secret)
	for _, part := range append(strings.Split(scope, "/"), text) {
		h := hmac.New(sha256.New, key)
		_, _ = io.WriteString(h, part)
		key = h.Sum(nil)
	}
	return hex.EncodeToString(key)
}

// readForm reads the parameters of a query API.
func (q *request) readForm() bool {
	var err error
	q.form, err = url.ParseQuery(string(q.raw))
	return err == nil
}
