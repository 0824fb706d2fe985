package issuersim

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

const mostKeys = 2 // of a user

// iamDo are the actions, of a user about itself. Answers have the members that the API reference of IAM (2010-05-08) names,
// in its order; faults its codes and statuses.
var iamDo = map[string]func(q *request, k AWSKey){
	"ListAccessKeys":  (*request).listKeys,
	"CreateAccessKey": (*request).createKey,
	"UpdateAccessKey": (*request).updateKey,
	"DeleteAccessKey": (*request).deleteKey,
}

// iam answers a key about the keys of its user.
func iam(q *request) bool {
	k, ok := q.signedBy("iam")
	if !ok {
		return true
	}
	what := q.form.Get("Action")
	do := iamDo[what]
	switch {
	case do == nil || q.form.Get("Version") != "2010-05-08":
		return q.refuse(http.StatusBadRequest, "InvalidAction", "Could not find operation "+what+" for version "+q.form.Get("Version"))
	case k.Denied && what != "ListAccessKeys" || k.Denies == what:
		return q.refuse(http.StatusForbidden, "AccessDenied", "User: "+k.ARN+" is not authorized to perform: iam:"+what+" on resource: user")
	}
	do(q, k)
	return true
}

// ofUser are the ids of the keys of a user, in order.
func (s *Sim) ofUser(arn string) []string {
	var ids []string
	for _, id := range slices.Sorted(maps.Keys(s.keys)) {
		if s.keys[id].ARN == arn {
			ids = append(ids, id)
		}
	}
	return ids
}

func userOf(k AWSKey) string { return k.ARN[strings.LastIndexByte(k.ARN, '/')+1:] }

func (q *request) status(id string) string {
	if _, off := q.ended[id]; off {
		return "Inactive"
	}
	return "Active"
}

func (q *request) did(what, result string) {
	q.xml(http.StatusOK, `<%[1]sResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">%[2]s<ResponseMetadata><RequestId>fa4e-1</RequestId></ResponseMetadata></%[1]sResponse>`, what, result)
}

func (q *request) listKeys(k AWSKey) {
	var b strings.Builder
	b.WriteString("<ListAccessKeysResult><AccessKeyMetadata>")
	for _, id := range q.ofUser(k.ARN) {
		fmt.Fprintf(&b, "<member><UserName>%s</UserName><AccessKeyId>%s</AccessKeyId><Status>%s</Status><CreateDate>2026-01-02T03:04:05Z</CreateDate></member>", userOf(k), id, q.status(id))
	}
	b.WriteString("</AccessKeyMetadata><IsTruncated>false</IsTruncated></ListAccessKeysResult>")
	q.did("ListAccessKeys", b.String())
}

// createKey makes a second key. It is known everywhere after the lag of the mode Late; where IAM lies, nowhere.
func (q *request) createKey(k AWSKey) {
	if len(q.ofUser(k.ARN)) >= mostKeys {
		q.refuse(http.StatusConflict, "LimitExceeded", fmt.Sprintf("Cannot exceed quota for AccessKeysPerUser: %d", mostKeys))
		return
	}
	sum := sha256.Sum256([]byte("second key of " + k.ARN + k.ID))
	made := k
	made.ID = "AKIA" + "FAKE" + base32.StdEncoding.EncodeToString(sum[:])[:12]
	made.Secret = "FAKE" + base64.StdEncoding.EncodeToString(sum[:])[:36]
	q.keys[made.ID] = made
	if q.mode[q.host] != Lies {
		q.lives[made.ID] = made.ARN
	}
	if q.mode[q.host] == Late {
		q.born[made.ID] = q.Now().Add(q.Lag)
	}
	q.did("CreateAccessKey", fmt.Sprintf("<CreateAccessKeyResult><AccessKey><UserName>%s</UserName><AccessKeyId>%s</AccessKeyId><Status>Active</Status><SecretAccessKey>%s</SecretAccessKey><CreateDate>%s</CreateDate></AccessKey></CreateAccessKeyResult>",
		userOf(k), made.ID, made.Secret, q.Now().UTC().Format(time.RFC3339)))
}

// about finds the key that a request is about: one of the same user.
func (q *request) about(k AWSKey) (string, bool) {
	id := q.form.Get("AccessKeyId")
	if other, ok := q.keys[id]; ok && other.ARN == k.ARN {
		return id, true
	}
	q.refuse(http.StatusNotFound, "NoSuchEntity", "The Access Key with id "+id+" cannot be found.")
	return "", false
}

func (q *request) updateKey(k AWSKey) {
	id, ok := q.about(k)
	switch status := q.form.Get("Status"); {
	case !ok:
		return
	case status == "Inactive":
		q.end(q.host, id)
	case status != "Active":
		q.refuse(http.StatusBadRequest, "ValidationError", "Value at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive]")
		return
	case q.mode[q.host] != Lies:
		delete(q.ended, id)
	}
	q.did("UpdateAccessKey", "")
}

func (q *request) deleteKey(k AWSKey) {
	id, ok := q.about(k)
	if !ok {
		return
	}
	delete(q.keys, id)
	delete(q.lives, id)
	q.did("DeleteAccessKey", "")
}
