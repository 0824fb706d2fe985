package issuers

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/audit"
	"nhitop/inventory/revoke"
	"nhitop/sources/internal/httpx"
	"nhitop/sources/issuers/issuersim"
)

// turning is a bench at which an access key is rotated.
type turning struct {
	bench
	t    *testing.T
	ctx  context.Context
	snap *inventory.Snapshot
	dir  string
	exec *revoke.Executor
}

func turn(t *testing.T, k issuersim.AWSKey) *turning {
	t.Helper()
	b := newBench(t)
	b.sim.Lag = 20 * time.Second
	b.sleep = func(_ context.Context, d time.Duration) error { b.clk.add(d); return nil }
	b.env.Transport = func(string) http.RoundTripper { return watch{t, b.rec} }
	k.ID, k.Secret = awsID, awsFake
	if k.ARN == "" {
		k.ARN = awsBot
	}
	b.sim.AddAWS(k)
	r := &turning{bench: b, t: t, dir: t.TempDir()}
	r.snap = inventory.NewSnapshot(noon, inventory.Records{Secrets: []inventory.Secret{{ID: "sec-old", Kind: kindAWS, Issuer: "aws", KeyID: awsID}, {ID: "sec-half", Kind: kindAWS}, {ID: "sec-other", Kind: "npm-token"}}}, false)
	r.ctx = revoke.WithHolder(t.Context(), func(_ context.Context, id inventory.ID) (revoke.Held, bool) {
		return revoke.Held{ID: id, Kind: kindAWS, Issuer: "aws", KeyID: awsID, Value: inventory.NewValue(awsFake)}, id == "sec-old"
	})
	r.exec = &revoke.Executor{Journal: revoke.NewJournal(filepath.Join(r.dir, "journal")), Audit: audit.Open(filepath.Join(r.dir, "audit"), b.clk.now),
		Revokers: map[string]revoke.Revoker{Kind: b.Source}, Now: b.clk.now, Sleep: func(_ context.Context, d time.Duration) { b.clk.add(d) }}
	return r
}

func (r *turning) plan(to revoke.Place) *revoke.Plan {
	r.t.Helper()
	r.rec.Reset()
	steps, err := r.PlanRotate(r.ctx, "sec-old", to, r.snap)
	if err != nil {
		r.t.Fatal(err)
	}
	for i := range steps {
		steps[i].Source = Kind
	}
	return revoke.NewPlan(r.clk.now(), 0, nil, nil, steps)
}

func (r *turning) do(p *revoke.Plan) (revoke.Run, string) {
	r.t.Helper()
	run, err := r.exec.Execute(r.ctx, p, revoke.Consent{By: "x", Reason: "x", Word: p.Word(), Yes: true}, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return run, told(run)
}

func told(run revoke.Run) string {
	var out []string
	for _, s := range run.Steps {
		out = append(out, strings.TrimSuffix(fmt.Sprintf("%s=%s,%s", s.Action, s.State, s.Proof.Grade), ","))
	}
	return strings.Join(out, " ")
}

// The whole way: a second key in a file, proven although IAM knows it late, the old one turned off, and on again by an undo.
func TestRotationAWS(t *testing.T) {
	r := turn(t, issuersim.AWSKey{})
	r.sim.Set(iamHost, issuersim.Late)
	file := filepath.Join(t.TempDir(), "key.json")
	p := r.plan(revoke.Place{File: file})
	for _, c := range r.sim.Calls() {
		if c != stsHost+" POST /" && c != iamHost+" GET /" {
			t.Errorf("a plan asks %s", c)
		}
	}
	if len(p.Steps) != 3 || !p.Steps[2].Reversible || p.Steps[0].Reversible || p.Steps[2].After[0] != p.Steps[1].ID || !strings.Contains(p.Steps[0].Summary, "user bot") {
		t.Fatalf("%+v", p.Steps)
	}
	run, got := r.do(p)
	if got != "rotate=done,attested prove=done,proven disable=done,proven" {
		t.Fatalf("%s %+v", got, run.Steps)
	}
	var pair struct {
		Version                      int
		AccessKeyId, SecretAccessKey string
	}
	data, err := os.ReadFile(file)
	if err != nil || json.Unmarshal(data, &pair) != nil || pair.Version != 1 || !r.sim.Alive(pair.AccessKeyId) || r.sim.Alive(awsID) || pair.SecretAccessKey == "" {
		t.Fatalf("%v: new %v, old %v", err, r.sim.Alive(pair.AccessKeyId), r.sim.Alive(awsID))
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	undone, err := r.exec.Undo(r.ctx, run.ID, revoke.Consent{By: "x", Reason: "x", Yes: true}, nil)
	if err != nil || told(undone) != "disable=done,proven" || !r.sim.Alive(awsID) || !r.sim.Alive(pair.AccessKeyId) {
		t.Errorf("%v %+v, old %v", err, undone.Steps, r.sim.Alive(awsID))
	}
	for _, v := range []string{awsFake, pair.SecretAccessKey} {
		r.nowhere(v)
	}
	// Now the user has two.
	if _, err := r.PlanRotate(r.ctx, "sec-old", revoke.Place{File: file + "2"}, r.snap); !errors.Is(err, revoke.ErrNothing) || !strings.Contains(err.Error(), "AWS allows a user 2 access keys") ||
		!strings.Contains(err.Error(), "delete-access-key --access-key-id "+pair.AccessKeyId+" --user-name bot") {
		t.Error(err)
	}
}

func (r *turning) nowhere(value string) {
	r.t.Helper()
	err := filepath.WalkDir(r.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if data, err := os.ReadFile(path); err != nil || strings.Contains(string(data), value) {
			r.t.Errorf("the value stands in %s: %v", filepath.Base(path), err)
		}
		return nil
	})
	if err != nil {
		r.t.Error(err)
	}
}

// Until the new key is proven the old one lives; what goes wrong leaves nothing behind, or names it.
func TestRotationAWSFails(t *testing.T) {
	there := filepath.Join(t.TempDir(), "there")
	if err := os.WriteFile(there, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		key    issuersim.AWSKey
		place  revoke.Place
		before func(r *turning)
		want   string
		keys   int
	}{
		"a file that is there":    {place: revoke.Place{File: there}, want: "rotate=failed prove=skipped disable=skipped", keys: 1},
		"may not make one":        {key: issuersim.AWSKey{Denies: "CreateAccessKey"}, want: "rotate=failed prove=skipped disable=skipped", keys: 1},
		"may not turn itself off": {key: issuersim.AWSKey{Denies: "UpdateAccessKey"}, want: "rotate=done,attested prove=done,proven disable=failed", keys: 2},
		"AWS lies":                {before: func(r *turning) { r.sim.Set(iamHost, issuersim.Lies) }, want: "rotate=done,attested prove=failed disable=skipped", keys: 2},
		"IAM is down":             {before: func(r *turning) { r.sim.Set(iamHost, issuersim.Down) }, want: "rotate=failed prove=skipped disable=skipped", keys: 1},
		"a command that fails":    {place: revoke.Place{Command: []string{"/bin/sh", "-c", "exit 3"}}, want: "rotate=failed prove=skipped disable=skipped", keys: 1},
		"a second one meanwhile": {before: func(r *turning) {
			r.sim.AddAWS(issuersim.AWSKey{ID: "AKIA" + "FAKE567ABCDEFGH9", Secret: "x", ARN: awsBot})
		}, want: "rotate=failed prove=skipped disable=skipped", keys: 2},
	} {
		t.Run(name, func(t *testing.T) {
			if len(c.place.Command) > 0 {
				if _, err := os.Stat("/bin/sh"); err != nil {
					t.Skip("there is no /bin/sh")
				}
			}
			if c.place.File == "" && c.place.Command == nil {
				c.place.File = filepath.Join(t.TempDir(), "key")
			}
			r := turn(t, c.key)
			p := r.plan(c.place)
			if c.before != nil {
				c.before(r)
			}
			run, got := r.do(p)
			if got != c.want || !r.sim.Alive(awsID) || r.sim.AWSKeys(awsBot) != c.keys {
				t.Errorf("%s, old lives %v, %d keys, %+v", got, r.sim.Alive(awsID), r.sim.AWSKeys(awsBot), run.Steps)
			}
		})
	}
}

// What cannot be rotated says so, with what can be done, and nothing is changed.
func TestRotationAWSRefused(t *testing.T) {
	to := revoke.Place{File: filepath.Join(t.TempDir(), "key")}
	for name, c := range map[string]struct {
		key  issuersim.AWSKey
		id   inventory.ID
		mode issuersim.Mode
		want string
	}{
		"half a pair":        {id: "sec-half", want: "must stand together in a file"},
		"no key of AWS":      {id: "sec-other"},
		"unknown":            {id: "sec-none"},
		"the root's":         {id: "sec-old", key: issuersim.AWSKey{ARN: "arn:aws:iam::123456789012:root"}, want: "no user of IAM"},
		"may not list":       {id: "sec-old", key: issuersim.AWSKey{Denies: "ListAccessKeys"}, want: "iam:ListAccessKeys"},
		"IAM cannot be read": {id: "sec-old", mode: issuersim.Forbids, want: "403"},
	} {
		r := turn(t, c.key)
		r.sim.Set(iamHost, c.mode)
		steps, err := r.PlanRotate(r.ctx, c.id, to, r.snap)
		if len(steps) > 0 || (c.want == "") != (err == nil) || err != nil && (!errors.Is(err, revoke.ErrNothing) || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v %v", name, steps, err)
		}
		if r.sim.AWSKeys(awsBot) > 1 {
			t.Errorf("%s: a key was made", name)
		}
	}
	r := turn(t, issuersim.AWSKey{})
	if p := r.plan(revoke.Place{Command: []string{"cat"}}); p.Steps[2].Reversible || !strings.Contains(p.Steps[2].Effect, "--status Active") {
		t.Errorf("to a command: %+v", p.Steps[2])
	}
}

// A rotation that was cut off is told from one that was not begun.
func TestRotationAWSRecovers(t *testing.T) {
	r := turn(t, issuersim.AWSKey{})
	p := r.plan(revoke.Place{File: filepath.Join(t.TempDir(), "key")})
	made, proof, off := p.Steps[0], p.Steps[1], p.Steps[2]
	state := func(st revoke.Step) string {
		t.Helper()
		rec, got, err := r.Recover(r.ctx, st)
		if err != nil {
			t.Error(err)
		}
		if got == revoke.StateDone {
			got += fmt.Sprint(" ", rec.Seen[seenNew] != "", rec.Undo)
		}
		return got
	}
	if got := []string{state(made), state(proof), state(off)}; slices.ContainsFunc(got, func(s string) bool { return s != revoke.StatePlanned }) {
		t.Errorf("before: %v", got)
	}
	if _, err := r.Apply(r.ctx, made); err != nil {
		t.Fatal(err)
	}
	if got := state(made); got != revoke.StateDone+" true map[]" {
		t.Error(got)
	}
	if _, err := r.Apply(r.ctx, off); err != nil {
		t.Fatal(err)
	}
	if got := state(off); got != revoke.StateDone+" false map[Status:Active]" {
		t.Error(got)
	}
	// A key that was made and stands nowhere is not known to be in anybody's hand.
	r = turn(t, issuersim.AWSKey{})
	p = r.plan(revoke.Place{File: filepath.Join(t.TempDir(), "key")})
	if _, err := r.makeAWS(httpx.Armed(r.ctx, "x"), revoke.Held{KeyID: awsID, Value: inventory.NewValue(awsFake)}); err != nil {
		t.Fatal(err)
	}
	if _, got, err := r.Recover(r.ctx, p.Steps[0]); got != revoke.StateUnknown || err == nil || !strings.Contains(err.Error(), "nobody has its secret key") {
		t.Errorf("%s %v", got, err)
	}
}

// What AWS refuses is told with what it needs, and as nothing that was changed where nothing was.
func TestRotationAWSFaults(t *testing.T) {
	r := turn(t, issuersim.AWSKey{})
	h, armed := revoke.Held{KeyID: awsID, Value: inventory.NewValue(awsFake)}, httpx.Armed(r.ctx, "x")
	if _, err := r.makeAWS(armed, h); err != nil {
		t.Fatal(err)
	}
	if _, err := r.makeAWS(armed, h); !errors.Is(err, revoke.ErrUntouched) || !strings.Contains(err.Error(), "409 LimitExceeded") {
		t.Error(err)
	}
	if err := r.dropAWS(armed, h, "AKIA"+"FAKE567ABCDEFGH8"); err == nil || !strings.Contains(err.Error(), "404 NoSuchEntity") {
		t.Error(err)
	}
	r = turn(t, issuersim.AWSKey{Denied: true})
	if _, err := r.makeAWS(armed, h); !errors.Is(err, revoke.ErrUntouched) || !strings.Contains(err.Error(), "iam:CreateAccessKey") {
		t.Error(err)
	}
	if err := r.dropAWS(armed, h, awsID); err == nil || !strings.Contains(err.Error(), "aws iam delete-access-key --access-key-id "+awsID) {
		t.Error(err)
	}
	// An answer that was lost on its way: the key is there, and is named.
	r = turn(t, issuersim.AWSKey{})
	p := r.plan(revoke.Place{File: filepath.Join(t.TempDir(), "key")})
	r.env.Transport = func(string) http.RoundTripper { return cutting{r.rec} }
	r.clients = map[string]*httpx.Client{}
	run, got := r.do(p)
	if got != "rotate=unknown prove=skipped disable=skipped" || !strings.Contains(run.Steps[0].Error, "nobody has its secret key") || r.sim.AWSKeys(awsBot) != 2 {
		t.Errorf("%s %d %+v", got, r.sim.AWSKeys(awsBot), run.Steps[0])
	}
}

// cutting loses the answers of IAM to what changes something.
type cutting struct{ next http.RoundTripper }

func (c cutting) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := c.next.RoundTrip(r)
	if err == nil && r.URL.Host == iamHost && r.Method == http.MethodPost {
		_ = res.Body.Close()
		return nil, io.ErrUnexpectedEOF
	}
	return res, err
}

// published are the members of the answers, in the order of the API references of STS (2011-06-15) and IAM (2010-05-08), from
// memory on 2026-11-27.
var published = map[string]string{
	"GetCallerIdentity": "GetCallerIdentityResult Arn UserId Account ResponseMetadata RequestId",
	"ListAccessKeys":    "ListAccessKeysResult AccessKeyMetadata member UserName AccessKeyId Status CreateDate IsTruncated ResponseMetadata RequestId",
	"CreateAccessKey":   "CreateAccessKeyResult AccessKey UserName AccessKeyId Status SecretAccessKey CreateDate ResponseMetadata RequestId",
	"UpdateAccessKey":   "ResponseMetadata RequestId",
	"DeleteAccessKey":   "ResponseMetadata RequestId",
}

// The simulator answers in the published shape.
func TestAWSShapes(t *testing.T) {
	for what, want := range published {
		r := turn(t, issuersim.AWSKey{})
		form := action(what, iamVersion)
		service, host := &awsIAM, iamHost
		if what == "GetCallerIdentity" {
			form, service, host = identity(), &aws, stsHost
		}
		if strings.HasPrefix(what, "Update") || strings.HasPrefix(what, "Delete") {
			form.Set("AccessKeyId", awsID)
			form.Set("Status", inactive)
		}
		var body shape
		if _, err := r.callAWS(httpx.Armed(r.ctx, "x"), service, form, awsID, inventory.NewValue(awsFake), &body); err != nil {
			t.Error(err)
		}
		if got := strings.Join(body.names, " "); got != what+"Response "+want {
			t.Errorf("%s at %s:\n%s\n%s", what, host, got, want)
		}
	}
}

// shape lists the elements of a document.
type shape struct{ names []string }

func (s *shape) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	s.names = append(s.names, start.Name.Local)
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if e, ok := token.(xml.StartElement); ok {
			s.names = append(s.names, e.Name.Local)
		}
		if e, ok := token.(xml.EndElement); ok && e.Name == start.Name {
			return nil
		}
	}
}
