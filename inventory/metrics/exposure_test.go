package metrics

import (
	"testing"
	"time"

	"nhitop/inventory"
	"nhitop/inventory/revoke"
)

// exposed is a snapshot at a time with a secret that has a finding.
func exposed(at time.Time, change func(*inventory.Secret, *inventory.Finding)) *inventory.Snapshot {
	x := inventory.Secret{ID: "sec-1", Kind: "github-pat", Exposure: inventory.ExposureLocal, State: inventory.StateUnknown}
	f := inventory.Finding{ID: "find-1", Rule: "SEC-03", Subject: "sec-1", Decision: inventory.ActNow, State: "open", FirstSeen: now.Add(-10 * day)}
	change(&x, &f)
	r := inventory.Records{Secrets: []inventory.Secret{x}, Findings: []inventory.Finding{f}}
	if f.ID == "" {
		r.Findings = nil
	}
	if x.ID == "" {
		r.Secrets = nil
	}
	return inventory.NewSnapshot(at, r, false)
}

func as(*inventory.Secret, *inventory.Finding) {}

func TestExposed(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*inventory.Secret, *inventory.Finding)
		since  time.Time // zero: not exposed
		leaked bool
	}{
		"urgent":              {as, now.Add(-10 * day), false},
		"urgent and accepted": {func(_ *inventory.Secret, f *inventory.Finding) { f.State = "accepted" }, now.Add(-10 * day), false},
		"not urgent":          {func(_ *inventory.Secret, f *inventory.Finding) { f.Decision = inventory.Attend }, time.Time{}, false},
		"leaked, by its finding": {func(x *inventory.Secret, f *inventory.Finding) {
			x.Exposure, f.Rule, f.Decision = inventory.ExposureCommitted, "SEC-17", inventory.Attend
		}, now.Add(-10 * day), true},
		"leaked, other findings are older": {func(x *inventory.Secret, f *inventory.Finding) {
			x.Exposure, f.Rule, f.Decision = inventory.ExposureLeaked, "SEC-05", inventory.Track
		}, now, true},
		"found by a provider": {func(x *inventory.Secret, f *inventory.Finding) {
			x.Leaked, f.Decision = now.Add(-40*day), inventory.Attend
		}, now.Add(-40 * day), true},
		"urgent because it is leaked, and known before": {func(x *inventory.Secret, _ *inventory.Finding) {
			x.Leaked, x.Exposure = now.Add(-time.Hour), inventory.ExposureLeaked
		}, now.Add(-time.Hour), true},
		"leaked, and no finding tells of it": {func(x *inventory.Secret, _ *inventory.Finding) { x.Exposure = inventory.ExposureLeaked }, now.Add(-10 * day), true},
		"dead":                               {func(x *inventory.Secret, _ *inventory.Finding) { x.State = inventory.StateRevoked }, time.Time{}, false},
		"over":                               {func(x *inventory.Secret, _ *inventory.Finding) { x.Expires = now.Add(-day) }, time.Time{}, false},
		"of another": {func(_ *inventory.Secret, f *inventory.Finding) {
			f.Subject, f.Assistants = "ast-1", []inventory.ID{"sec-1"}
		}, time.Time{}, false},
	} {
		e, ok := Exposed(exposed(now, c.change), now)["sec-1"]
		if ok == c.since.IsZero() || !e.Since.Equal(c.since) || e.Leaked != c.leaked {
			t.Errorf("%s: %+v %v", name, e, ok)
		}
	}
}

func step(layer revoke.Layer, grade revoke.Grade, at time.Time) revoke.StepRun {
	return revoke.StepRun{Step: revoke.Step{Target: "sec-1", Layer: layer}, State: revoke.StateDone, Proof: revoke.Proof{Grade: grade, At: at}}
}

func TestFollow(t *testing.T) {
	began := now.Add(-10 * day)
	open := inventory.Exposure{ID: 7, Secret: "sec-1", Since: began}
	leaked := open
	leaked.Leaked = true
	taken := inventory.Exposure{ID: 7, Secret: "sec-1", Since: began, Until: now.Add(-day), How: inventory.ExposureTakenOut}
	gone := func(x *inventory.Secret, f *inventory.Finding) { x.ID, f.ID = "", "" }
	calmed := func(_ *inventory.Secret, f *inventory.Finding) { f.Decision = inventory.Track }
	hour := now.Add(-time.Hour)
	for name, c := range map[string]struct {
		stored []inventory.Exposure
		change func(*inventory.Secret, *inventory.Finding)
		runs   []revoke.Run
		want   []inventory.Exposure
	}{
		"begins":                              {nil, as, nil, []inventory.Exposure{{Secret: "sec-1", Since: began}}},
		"goes on":                             {[]inventory.Exposure{open}, as, nil, nil},
		"is leaked now":                       {[]inventory.Exposure{open}, func(x *inventory.Secret, _ *inventory.Finding) { x.Exposure = inventory.ExposureCommitted }, nil, []inventory.Exposure{leaked}},
		"is proven dead":                      {[]inventory.Exposure{open}, as, []revoke.Run{{Steps: []revoke.StepRun{step(revoke.LayerCredential, revoke.Proven, hour)}}}, []inventory.Exposure{{ID: 7, Secret: "sec-1", Since: began, Until: hour, How: inventory.ExposureDead}}},
		"is attested dead":                    {[]inventory.Exposure{open}, gone, []revoke.Run{{Steps: []revoke.StepRun{step(revoke.LayerGrant, revoke.Attested, hour)}}}, []inventory.Exposure{{ID: 7, Secret: "sec-1", Since: began, Until: hour, How: inventory.ExposureDead}}},
		"was only asked":                      {[]inventory.Exposure{open}, as, []revoke.Run{{Steps: []revoke.StepRun{step(revoke.LayerCredential, revoke.Accepted, hour)}}}, nil},
		"a copy is gone, and it is elsewhere": {[]inventory.Exposure{open}, as, []revoke.Run{{Steps: []revoke.StepRun{step(revoke.LayerCopy, revoke.Proven, hour)}}}, nil},
		"the last copy is gone":               {[]inventory.Exposure{open}, gone, []revoke.Run{{Steps: []revoke.StepRun{step(revoke.LayerCopy, revoke.Proven, hour)}}}, []inventory.Exposure{{ID: 7, Secret: "sec-1", Since: began, Until: hour, How: inventory.ExposureTakenOut}}},
		"is in no place any more":             {[]inventory.Exposure{open}, gone, nil, []inventory.Exposure{{ID: 7, Secret: "sec-1", Since: began, Until: now, How: inventory.ExposureTakenOut}}},
		"proven before it was exposed":        {[]inventory.Exposure{open}, as, []revoke.Run{{Steps: []revoke.StepRun{step(revoke.LayerCredential, revoke.Proven, began.Add(-day))}}}, nil},
		"an undo proves nothing":              {[]inventory.Exposure{open}, as, []revoke.Run{{Undoes: "x", Steps: []revoke.StepRun{step(revoke.LayerCredential, revoke.Proven, hour)}}}, nil},
		"its issuer says so":                  {[]inventory.Exposure{open}, func(x *inventory.Secret, _ *inventory.Finding) { x.State = inventory.StateRevoked }, nil, []inventory.Exposure{{ID: 7, Secret: "sec-1", Since: began, Until: now, How: inventory.ExposureDead}}},
		"its time is over":                    {[]inventory.Exposure{open}, func(x *inventory.Secret, _ *inventory.Finding) { x.Expires = now.Add(-2 * day) }, nil, []inventory.Exposure{{ID: 7, Secret: "sec-1", Since: began, Until: now.Add(-2 * day), How: inventory.ExposureDead}}},
		"is urgent no more":                   {[]inventory.Exposure{open}, calmed, nil, []inventory.Exposure{{ID: 7, Secret: "sec-1", Since: began, Until: now, How: inventory.ExposureLapsed}}},
		"was out once":                        {[]inventory.Exposure{leaked}, calmed, nil, nil},
		"proven later":                        {[]inventory.Exposure{taken}, gone, []revoke.Run{{Steps: []revoke.StepRun{step(revoke.LayerCredential, revoke.Proven, hour)}}}, []inventory.Exposure{{ID: 7, Secret: "sec-1", Since: began, Until: hour, How: inventory.ExposureDead}}},
		"comes back":                          {[]inventory.Exposure{taken}, as, nil, []inventory.Exposure{{Secret: "sec-1", Since: began}}},
		"dead, and still in a file":           {nil, as, []revoke.Run{{Steps: []revoke.StepRun{step(revoke.LayerCredential, revoke.Proven, hour)}}}, nil},
		"in hand, and ended":                  {nil, gone, []revoke.Run{{Since: now.Add(-2 * time.Hour), Steps: []revoke.StepRun{step(revoke.LayerCredential, revoke.Proven, hour)}}}, []inventory.Exposure{{Secret: "sec-1", Since: now.Add(-2 * time.Hour), Until: hour, How: inventory.ExposureDead, Leaked: true}}},
		"in hand, and taken out":              {nil, gone, []revoke.Run{{Since: now.Add(-2 * time.Hour), Steps: []revoke.StepRun{step(revoke.LayerCopy, revoke.Proven, hour)}}}, []inventory.Exposure{{Secret: "sec-1", Since: now.Add(-2 * time.Hour), Until: hour, How: inventory.ExposureTakenOut, Leaked: true}}},
		"in hand before":                      {nil, gone, []revoke.Run{{Since: now.Add(-9 * day), Steps: []revoke.StepRun{step(revoke.LayerCredential, revoke.Proven, now.Add(-8*day))}}}, nil},
		"housekeeping":                        {nil, gone, []revoke.Run{{Steps: []revoke.StepRun{step(revoke.LayerCredential, revoke.Proven, hour)}}}, nil},
	} {
		got := Follow(c.stored, exposed(now, c.change), c.runs, now.Add(-7*day))
		if len(got) != len(c.want) || len(got) == 1 && got[0] != c.want[0] {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

// A secret that a second source turns out to know goes on under the name of the record that stands for both.
func TestFollowUnderAnotherName(t *testing.T) {
	began := now.Add(-10 * day)
	x := exposed(now, func(x *inventory.Secret, f *inventory.Finding) {
		x.Same = []inventory.Same{{ID: "sec-old", Source: "forge"}}
	})
	old := inventory.Exposure{ID: 3, Secret: "sec-old", Since: began}
	if got := Follow([]inventory.Exposure{old}, x, nil, now); len(got) != 1 || got[0] != (inventory.Exposure{ID: 3, Secret: "sec-1", Since: began}) {
		t.Errorf("%+v", got)
	}
	both := []inventory.Exposure{{ID: 2, Secret: "sec-1", Since: began}, old}
	if got := Follow(both, x, nil, now); len(got) != 1 || got[0].ID != 3 || got[0].How != inventory.ExposureLapsed {
		t.Errorf("known by both names: %+v", got)
	}
}

func TestRevocations(t *testing.T) {
	ended := func(took time.Duration, how string) inventory.Exposure {
		return inventory.Exposure{Since: now.Add(-day - took), Until: now.Add(-day), How: how}
	}
	open := func(age time.Duration) inventory.Exposure { return inventory.Exposure{Since: now.Add(-age)} }
	got := Revocations([]inventory.Exposure{ended(time.Hour, inventory.ExposureDead), ended(3*time.Hour, inventory.ExposureTakenOut), ended(2*time.Hour, inventory.ExposureDead),
		open(6 * day), ended(time.Minute, inventory.ExposureLapsed), {Since: now.Add(-300 * day), Until: now.Add(-91 * day), How: inventory.ExposureDead}}, now)
	if got.Ended != 3 || got.Dead != 2 || got.TakenOut != 1 || got.Open != 1 || got.OldestOpen != (6*day).Seconds() {
		t.Errorf("%+v", got)
	}
	if got.Median != 7200 || got.P90 != (6*day).Seconds() || got.Mean != (6*day+6*time.Hour).Seconds()/4 {
		t.Errorf("%+v", got)
	}
	if got.AtLeast != (inventory.Bounds{Mean: true, P90: true}) || got.Reference != (27*day).Seconds() {
		t.Errorf("%+v", got)
	}
	// An open one that is young yet may grow beyond the middle.
	if got := Revocations([]inventory.Exposure{ended(time.Hour, inventory.ExposureDead), ended(2*time.Hour, inventory.ExposureDead), open(time.Minute)}, now); !got.AtLeast.Median || got.Median != 3600 {
		t.Errorf("%+v", got)
	}
	if got := Revocations(nil, now); got.Ended+got.Open != 0 || got.Median != 0 || got.AtLeast.Mean {
		t.Errorf("%+v", got)
	}
	if got := Revocations([]inventory.Exposure{ended(time.Hour, inventory.ExposureDead)}, now); got.Mean != 3600 || got.Median != 3600 || got.P90 != 3600 || got.AtLeast.Mean {
		t.Errorf("%+v", got)
	}
}
