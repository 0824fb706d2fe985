package issuers

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/credential"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/httpx"
)

// aws asks and ends long-lived access keys of the partition aws, with the query APIs of STS (2011-06-15) and IAM
// (2010-05-08). Sources: their API references, from memory on 2026-11-27; no answer of the real services was seen.
// GetCallerIdentity needs no permission, and answers a principal to whom everything is denied. A key that is unknown, deleted
// or inactive, or of another partition (China, GovCloud), is InvalidClientTokenId: that means dead only where the same endpoint
// accepted the key before.
var aws = row{ID: "aws", Service: "AWS", Base: "https://sts.amazonaws.com", Ask: &call{Method: http.MethodPost, Path: "/"},
	Control: &call{Method: http.MethodPost, Path: "/"}, Kill: &call{Method: http.MethodPost, Path: "/"}, Horizon: duration(2 * time.Minute)}

// awsIAM is where it is turned off. Both are global, and signed for us-east-1.
var awsIAM = row{ID: "aws-iam", Service: "AWS IAM", Base: "https://iam.amazonaws.com"}

const (
	awsRegion  = "us-east-1"
	kindAWS    = "aws-secret-key"
	paramKeyID = "key_id" // of [revoke.Step.Params]: no secret
	awsRefused = "InvalidClientTokenId"
)

// issuerOf finds the issuer of a kind, which for AWS needs the id of a long-lived key beside the secret key.
func issuerOf(kind, keyID string) *row {
	if credential.AWSKeyClass(keyID) == "AKIA" && kind != credential.AWSKeyIDAlone {
		return &aws
	}
	return rowFor(kind)
}

// awsAnswer is an answer of either API.
type awsAnswer struct {
	XMLName xml.Name
	Code    string `xml:"Error>Code"`
	ARN     string `xml:"GetCallerIdentityResult>Arn"`
	Account string `xml:"GetCallerIdentityResult>Account"`

	Keys []awsKeyOf `xml:"ListAccessKeysResult>AccessKeyMetadata>member"`
	More bool       `xml:"ListAccessKeysResult>IsTruncated"`

	status int
}

func (a awsAnswer) String() string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", a.status, inventory.Clean(a.Code)))
}

// callAWS signs and sends one request; without a key it goes unsigned. What only reads at IAM is a GET. An answer of any
// status is no error. into takes more of the answer, where there is more in it.
func (s *Source) callAWS(ctx context.Context, r *row, form url.Values, keyID string, v inventory.Value, into any) (awsAnswer, error) {
	client, err := s.client(r)
	if err != nil {
		return awsAnswer{}, err
	}
	var body []byte
	req := httpx.Request{Method: http.MethodPost, Path: "/", Form: form, Header: http.Header{"Accept": {"text/xml"}},
		Into: &body, Failed: &body, Anonymous: true}
	defer func() { clear(body) }()
	if strings.HasPrefix(form.Get("Action"), "List") {
		req.Method, req.Query, req.Form, form = http.MethodGet, form, nil, nil
	}
	if keyID != "" {
		service := "sts"
		if r == &awsIAM {
			service = "iam"
		}
		key := httpx.AWSKey{ID: keyID, Secret: httpx.Held(v), Region: awsRegion, Service: service, Now: s.env.Now}
		req.Anonymous, req.As = false, key.Sign(form)
	}
	res, err := client.Do(ctx, req)
	if err != nil && httpx.Status(err) == 0 {
		return awsAnswer{}, err
	}
	var a awsAnswer
	if xml.Unmarshal(body, &a) != nil {
		a = awsAnswer{} // of no known form: the status alone is told
	} else if into != nil && xml.Unmarshal(body, into) != nil {
		return awsAnswer{}, errors.New("AWS answered what is not understood")
	}
	a.status = res.Status
	return a, nil
}

func identity() url.Values { return action("GetCallerIdentity", stsVersion) }

var awsAccount = regexp.MustCompile(`^[0-9]{12}$`)

// askAWS signs GetCallerIdentity with the key.
func (s *Source) askAWS(ctx context.Context, keyID string, v inventory.Value) (seen, error) {
	a, err := s.callAWS(ctx, &aws, identity(), keyID, v, nil)
	if err != nil {
		return seen{}, err
	}
	out := seen{status: a.status, text: "sts GetCallerIdentity with it: " + a.String()}
	switch {
	case a.status == http.StatusOK && a.XMLName.Local == "GetCallerIdentityResponse" && awsAccount.MatchString(a.Account):
		out.verdict, out.account = live, a.Account+", "+inventory.Clean(a.ARN)
	case a.status == http.StatusForbidden && a.Code == awsRefused:
		out.verdict = refused
		out.text += " (deleted, inactive, or of the partition of China or GovCloud, which is not asked)"
	case a.Code == "SignatureDoesNotMatch":
		out.text += " (the secret key is not that of the id)"
	}
	return out, nil
}

// upAWS asks unsigned: an endpoint that is up says that the signature is missing.
func (s *Source) upAWS(ctx context.Context) (bool, string) {
	a, err := s.callAWS(ctx, &aws, identity(), "", inventory.Value{}, nil)
	if err != nil {
		return false, "the control sts GetCallerIdentity had no answer"
	}
	ok := a.status == http.StatusForbidden && a.Code == "MissingAuthenticationToken"
	return ok, "the control sts GetCallerIdentity without a signature: " + a.String()
}

// disableAWS turns the key off, signed with itself.
func (s *Source) disableAWS(ctx context.Context, keyID string, v inventory.Value, account string) error {
	form := action("UpdateAccessKey", iamVersion)
	form.Set("AccessKeyId", keyID)
	form.Set("Status", inactive)
	return s.changeAWS(ctx, form, keyID, v, awsUser(account))
}

// awsUserName is the form of a user's name. What is of another form is not put into a command.
var awsUserName = regexp.MustCompile(`:user/(?:[\w+=,.@/-]*/)?([\w+=,.@-]{1,64})$`)

const anyUser = "USER"

// awsUser reads the user out of the account that was answered; USER where it is not known.
func awsUser(account string) string {
	if g := awsUserName.FindStringSubmatch(account); g != nil {
		return g[1]
	}
	return anyUser
}

// awsSigned is the beginning of a command that signs with a key.
func awsSigned(keyID string) string {
	return "AWS_ACCESS_KEY_ID=" + keyID + ` AWS_SECRET_ACCESS_KEY="$SECRET" `
}

func awsCommand(what, keyID, user string) string {
	return fmt.Sprintf("aws iam %s --access-key-id %s --user-name %s", what, keyID, user)
}

const madeWithIt = "temporary sessions that were made with the key: deny them by a policy on the user with a condition on aws:TokenIssueTime"

// planAWS turns the key off by itself, and leaves its deletion to a person: an inactive key can do nothing more.
func planAWS(h revoke.Held, name string) []revoke.Step {
	params := func() map[string]string { return map[string]string{"kind": h.Kind, paramKeyID: h.KeyID} }
	off := revoke.Step{
		Action: revoke.ActionDisable, Layer: revoke.LayerCredential, Target: h.ID, TargetName: name,
		Summary:  "turn the access key " + h.KeyID + " off at AWS, by itself",
		Request:  awsSigned(h.KeyID) + "aws iam update-access-key --access-key-id " + h.KeyID + " --status Inactive",
		Effect:   "the key is refused from then on; only another credential of the account can turn it on again",
		Breaks:   "whatever still uses it",
		Residual: madeWithIt, Ends: []revoke.Ending{{What: madeWithIt, Within: 36 * time.Hour}}, // the longest that GetSessionToken gives (API reference, 2026-11)
		Horizon: time.Duration(aws.Horizon), Promises: revoke.Proven, Params: params(),
	}
	off.Params["issuer"] = aws.ID
	drop := revoke.Step{
		Action: revoke.ActionManual, Layer: revoke.LayerCredential, Target: h.ID, TargetName: name,
		Summary:  "delete the access key by hand, as an administrator: " + awsCommand("delete-access-key", h.KeyID, "USER"),
		Effect:   "nobody can turn it on again",
		Promises: revoke.Unproven, Params: map[string]string{"kind": h.Kind},
	}
	return []revoke.Step{off, drop}
}

// byHandAWS is what a person does where the pair is not in hand; "" for what is no long-lived key of AWS.
func byHandAWS(h revoke.Held) string {
	switch {
	case credential.AWSKeyClass(h.KeyID) == "AKIA":
		return fmt.Sprintf("as an administrator run %s --status Inactive, and then %s. aws iam get-access-key-last-used --access-key-id %s tells the user.",
			awsCommand("update-access-key", h.KeyID, "USER"), awsCommand("delete-access-key", h.KeyID, "USER"), h.KeyID)
	case h.Kind == kindAWS:
		return "paste it with its access key id and nhitop can turn it off. Else find the id (aws iam list-access-keys --user-name USER), and as an administrator run " +
			awsCommand("update-access-key", "ID", "USER") + " --status Inactive."
	case credential.AWSKeyClass(h.KeyID) == "ASIA":
		return "a temporary key cannot end itself. In IAM open the role and choose Revoke sessions (for a user, deny by a policy with a condition on aws:TokenIssueTime); it ends by itself after at most 36 hours."
	}
	return ""
}
