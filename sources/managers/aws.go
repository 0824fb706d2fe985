package managers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
	"nhitop/sources"
	"nhitop/sources/internal/credref"
	"nhitop/sources/internal/httpx"
)

// AWS is a place in AWS Secrets Manager: a secret that is there, whole, or one key of the JSON that it holds. Sources: the API
// reference of DescribeSecret, GetSecretValue and PutSecretValue (2017-10-17), read 2026-11-27.
type AWS struct {
	Kind      string      `toml:"kind"`
	Region    string      `toml:"region"`
	Secret    string      `toml:"secret"` // name or ARN
	Key       string      `toml:"key"`    // of the JSON; "": the secret is the credential
	KeyID     string      `toml:"key_id"` // of a long-lived access key; no secret
	SecretKey credref.Ref `toml:"secret_key"`
	URL       string      `toml:"url"` // "": that of the region
	CAFile    string      `toml:"ca_file"`
}

type awsPlace struct {
	opt           AWS
	env           sources.Env
	reads, writes *httpx.Client // every call is a POST to /: what reads and what writes are two clients
}

var awsRegion = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)

// NewAWS makes the place. It sends nothing. The error begins with the key that is wrong.
func NewAWS(o AWS, env sources.Env) (revoke.Manager, error) {
	if err := needed("region", o.Region, "secret", o.Secret, "key_id", o.KeyID); err != nil {
		return nil, err
	}
	switch {
	case !awsRegion.MatchString(o.Region):
		return nil, errors.New("region: as eu-central-1 is written")
	case strings.HasPrefix(o.KeyID, "ASIA"):
		return nil, errors.New("key_id: of a long-lived access key (AKIA...): a temporary one has a session token too")
	case strings.Contains(o.Secret+o.KeyID, placeholder):
		return nil, errors.New("secret: not with " + placeholder)
	}
	if err := o.SecretKey.Check("secret_key"); err != nil {
		return nil, err
	}
	if o.URL == "" {
		o.URL = "https://secretsmanager." + o.Region + ".amazonaws.com"
		if strings.HasPrefix(o.Region, "cn-") {
			o.URL += ".cn"
		}
	}
	m := &awsPlace{opt: o, env: env}
	c := httpx.Config{
		Service: "AWS Secrets Manager", Base: o.URL, CAFile: expand(o.CAFile, env.Home), Transport: env.Via(o.URL), Now: env.Now, Sleep: env.Sleep, Log: env.Log, UserAgent: env.UserAgent,
	}
	var err error
	if m.writes, err = httpx.New(c); err != nil {
		return nil, err
	}
	c.ReadPosts = []string{"/"}
	m.reads, err = httpx.New(c)
	return m, err
}

func (m *awsPlace) where() string {
	key := ""
	if m.opt.Key != "" {
		key = ", key " + m.opt.Key
	}
	return inventory.Clean(fmt.Sprintf("AWS Secrets Manager, %s, %s%s", m.opt.Region, m.opt.Secret, key))
}

// awsError is an answer that refuses.
type awsError struct {
	code string
	error
}

func (e *awsError) Unwrap() error { return e.error }

func (e *awsError) Error() string { return e.error.Error() + " (" + e.code + ")" }

// awsCode is the code of a refusal; "" for none.
func awsCode(err error) string {
	if e := (*awsError)(nil); errors.As(err, &e) {
		return e.code
	}
	return ""
}

// call sends one request.
func (m *awsPlace) call(ctx context.Context, c *httpx.Client, op string, body map[string]string, v inventory.Value, into any) error {
	get, err := once(ctx, "secret_key", m.opt.SecretKey, m.env)
	if err != nil {
		return err
	}
	key := httpx.AWSKey{ID: m.opt.KeyID, Region: m.opt.Region, Service: "secretsmanager", Secret: get, Now: m.env.Now}
	var failed []byte
	_, err = c.Do(ctx, httpx.Request{
		Method: http.MethodPost, Path: "/", Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {"secretsmanager." + op}},
		Body: body, Secret: v, Into: into, Failed: &failed, As: key.Sign(nil), Idempotent: true, // by its ClientRequestToken
	})
	if httpx.Status(err) == 0 {
		return err
	}
	var told struct {
		Type string `json:"__type"`
	}
	_ = json.Unmarshal(failed, &told) // of another form: the status alone is told
	return &awsError{inventory.Clean(told.Type[strings.LastIndexByte(told.Type, '#')+1:]), err}
}

// awsStand is what is to be seen of the secret.
type awsStand struct {
	versions []string // all that there are, sorted
	current  string   // "": it has no value yet
	next     string   // the version that writing makes
	value    inventory.Value
	blind    bool // the value may not be read
}

// look looks at the secret.
func (m *awsPlace) look(ctx context.Context) (*awsStand, error) {
	var about struct {
		ARN     string
		Deleted json.RawMessage     `json:"DeletedDate"`
		Owner   string              `json:"OwningService"`
		Stages  map[string][]string `json:"VersionIdsToStages"`
	}
	id := map[string]string{"SecretId": m.opt.Secret}
	switch err := m.call(ctx, m.reads, "DescribeSecret", id, inventory.Value{}, &about); {
	case awsCode(err) == "ResourceNotFoundException":
		return nil, fmt.Errorf("there is no secret %s in %s: make it there first", inventory.Clean(m.opt.Secret), m.opt.Region)
	case err != nil:
		return nil, err
	case len(about.Deleted) > 0 && string(about.Deleted) != "null":
		return nil, fmt.Errorf("the secret %s is about to be deleted", inventory.Clean(m.opt.Secret))
	case about.Owner != "":
		return nil, fmt.Errorf("the secret %s is managed by %s", inventory.Clean(m.opt.Secret), inventory.Clean(about.Owner))
	case about.ARN == "":
		return nil, fmt.Errorf("%w: no ARN", httpx.ErrAnswer)
	}
	s := &awsStand{versions: slices.Sorted(maps.Keys(about.Stages))}
	for _, v := range s.versions {
		if slices.Contains(about.Stages[v], "AWSCURRENT") {
			s.current = v
		}
	}
	// The id of the next version follows from what is there: a second try of the same is the same version, and one after
	// somebody else's write is another.
	sum := sha256.Sum256([]byte(strings.Join(append([]string{m.where(), s.current}, s.versions...), "\n")))
	s.next = hex.EncodeToString(sum[:])
	if s.current == "" {
		return s, nil
	}
	var err error
	if s.value, err = m.get(ctx, s.current); awsCode(err) == "AccessDeniedException" {
		s.blind, err = true, nil
	}
	return s, err
}

// get reads a version of the secret. One that is not there is an [revoke.ErrNotHeld].
func (m *awsPlace) get(ctx context.Context, version string) (inventory.Value, error) {
	var got struct{ VersionId, SecretString string }
	switch err := m.call(ctx, m.reads, "GetSecretValue", map[string]string{"SecretId": m.opt.Secret, "VersionId": version}, inventory.Value{}, &got); {
	case awsCode(err) == "ResourceNotFoundException":
		return inventory.Value{}, fmt.Errorf("%w: the secret has no version %.12s", revoke.ErrNotHeld, inventory.Clean(version))
	case err != nil:
		return inventory.Value{}, err
	case got.VersionId != version:
		return inventory.Value{}, fmt.Errorf("%w: another version", httpx.ErrAnswer)
	}
	return inventory.NewValue(got.SecretString), nil
}
