package issuers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/credential"
	"nhitop/inventory/revoke"
)

// Versions of the query APIs, and the statuses of an access key.
const (
	stsVersion = "2011-06-15"
	iamVersion = "2010-05-08"

	active   = "Active"
	inactive = "Inactive"
)

func action(name, version string) url.Values {
	return url.Values{"Action": {name}, "Version": {version}}
}

// awsKeyOf is an access key as ListAccessKeys lists it.
type awsKeyOf struct {
	ID     string `xml:"AccessKeyId"`
	Status string `xml:"Status"`
}

// awsMade is an access key as CreateAccessKey hands it out, once.
type awsMade struct {
	ID     string `xml:"CreateAccessKeyResult>AccessKey>AccessKeyId"`
	Secret string `xml:"CreateAccessKeyResult>AccessKey>SecretAccessKey"`
}

// pair is the form in which a key is handed over, one line of JSON: what a credential_process prints. Source: "Sourcing
// credentials with an external process" of the AWS SDKs and Tools Reference Guide, read 2026-11-27.
func (m awsMade) pair() inventory.Value {
	data, err := json.Marshal(struct {
		Version         int
		AccessKeyId     string //nolint:revive,staticcheck // AWS's name
		SecretAccessKey string
	}{1, m.ID, m.Secret})
	if err != nil { // a number and two texts
		return inventory.Value{}
	}
	return inventory.NewValue(string(data))
}

// keysAWS lists the access keys of the user whose key signs.
func (s *Source) keysAWS(ctx context.Context, keyID string, v inventory.Value) ([]awsKeyOf, error) {
	a, err := s.callAWS(ctx, &awsIAM, action("ListAccessKeys", iamVersion), keyID, v, nil)
	switch {
	case err != nil:
		return nil, err
	case a.status == http.StatusOK && a.XMLName.Local == "ListAccessKeysResponse" && !a.More:
		return a.Keys, nil
	case denied(a):
		return nil, fmt.Errorf("AWS answered %s: the key may not list the keys of its user, so that nobody can tell whether there is room for another one; it needs iam:ListAccessKeys, iam:CreateAccessKey and iam:UpdateAccessKey on its own user", a)
	}
	return nil, errors.New("AWS answered " + a.String() + " to ListAccessKeys")
}

// makeAWS makes another key for the user whose key signs.
func (s *Source) makeAWS(ctx context.Context, h revoke.Held) (awsMade, error) {
	var made awsMade
	a, err := s.callAWS(ctx, &awsIAM, action("CreateAccessKey", iamVersion), h.KeyID, h.Value, &made)
	switch {
	case err != nil:
		return awsMade{}, err
	case denied(a):
		return awsMade{}, fmt.Errorf("%w: AWS answered %s: the key may not make another one for its user; it needs iam:CreateAccessKey", revoke.ErrUntouched, a)
	case a.Code == "LimitExceeded":
		return awsMade{}, fmt.Errorf("%w: AWS answered %s: the user has as many access keys as AWS allows", revoke.ErrUntouched, a)
	case a.status != http.StatusOK || a.XMLName.Local != "CreateAccessKeyResponse":
		return awsMade{}, errors.New("AWS answered " + a.String() + " to CreateAccessKey")
	case credential.AWSKeyClass(made.ID) != "AKIA" || made.Secret == "" || made.ID == h.KeyID:
		return awsMade{}, errors.New("AWS answered without the new key; look at the access keys of the user")
	}
	made.ID = inventory.Clean(made.ID)
	return made, nil
}

// lost names the key that a step may have made, and that stands in no place.
func lost(keys []awsKeyOf, st revoke.Step) error {
	for _, k := range keys {
		if k.ID != st.Params[paramKeyID] {
			return fmt.Errorf("AWS lists the key %s too; if this step made it, nobody has its secret key, and it is to be deleted: %s", inventory.Clean(k.ID),
				awsCommand("delete-access-key", inventory.Clean(k.ID), awsUser(st.Params[paramAccount])))
		}
	}
	return nil
}

// leftover looks whether a request that had no good answer made a key all the same.
func (s *Source) leftover(ctx context.Context, h revoke.Held, st revoke.Step, err error) error {
	if errors.Is(err, revoke.ErrUntouched) {
		return err
	}
	keys, e := s.keysAWS(context.WithoutCancel(ctx), h.KeyID, h.Value)
	if e != nil {
		return err
	}
	if left := lost(keys, st); left != nil {
		return fmt.Errorf("%w; %w", err, left)
	}
	return err
}

// dropAWS deletes a key that could not be handed over.
func (s *Source) dropAWS(ctx context.Context, h revoke.Held, keyID string) error {
	form := action("DeleteAccessKey", iamVersion)
	form.Set("AccessKeyId", keyID)
	return s.changeAWS(ctx, form, h.KeyID, h.Value, anyUser)
}

// statusAWS reads the status of a key, as another key of the same user sees it.
func (s *Source) statusAWS(ctx context.Context, m credential.Match, keyID string) (string, error) {
	keys, err := s.keysAWS(ctx, m.KeyID, m.Value)
	for _, k := range keys {
		if k.ID == keyID {
			return k.Status, err
		}
	}
	return "not there", err
}

// changeAWS changes a key. IAM takes the user from the key that signs.
func (s *Source) changeAWS(ctx context.Context, form url.Values, keyID string, v inventory.Value, user string) error {
	what, about := form.Get("Action"), form.Get("AccessKeyId")
	a, err := s.callAWS(ctx, &awsIAM, form, keyID, v, nil)
	switch {
	case err != nil:
		return err
	case a.status == http.StatusOK && a.XMLName.Local == what+"Response":
		return nil
	case denied(a):
		command := awsCommand("delete-access-key", about, user)
		if status := form.Get("Status"); status != "" {
			command = awsCommand("update-access-key", about, user) + " --status " + status
		}
		return fmt.Errorf("AWS answered %s: the key may not change the keys of its user; an administrator of the account runs: %s", a, command)
	case a.Code == "NoSuchEntity":
		return fmt.Errorf("AWS answered %s: the user has no key %s any more", a, about)
	}
	return errors.New("AWS answered " + a.String())
}

func denied(a awsAnswer) bool { return strings.HasPrefix(a.Code, "AccessDenied") }
