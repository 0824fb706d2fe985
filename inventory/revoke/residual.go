package revoke

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Ending is the end to which a thing that survives a step comes by itself. It is a bound, by the word of who gave the thing
// out, and nobody looks. With neither Within nor Until it ends by itself, and nobody says when.
type Ending struct {
	What   string        `json:"what"`             // one of what [Step.Residual] or [Step.Unended] names, as it stands there
	Within time.Duration `json:"within,omitempty"` // at most so long after the step was done
	Until  time.Time     `json:"until,omitzero"`   // at most until then
}

// words are the bound as a plan says it.
func (e Ending) words() string {
	switch {
	case !e.Until.IsZero():
		return "at most until " + minuteUTC(e.Until)
	case e.Within > 0:
		return "at most " + Lasting(e.Within)
	}
	return "no end known"
}

// Endings picks, of what is known to end by itself, what a text names that [Also] joins.
func Endings(residual string, known []Ending) []Ending {
	var out []Ending
	for _, what := range strings.Split(residual, Also) {
		if i := slices.IndexFunc(known, func(e Ending) bool { return e.What == what }); i >= 0 {
			out = append(out, known[i])
		}
	}
	return out
}

// survives is a thing that survives the step, with the bound where it ends by itself.
func (s Step) survives(what string) string {
	if i := slices.IndexFunc(s.Ends, func(e Ending) bool { return e.What == what }); i >= 0 && what != "" {
		return what + " (" + s.Ends[i].words() + ")"
	}
	return what
}

// Left is one thing that survives a step of a run.
type Left struct {
	What string
	Ends bool      // by itself
	By   time.Time // at the latest, by the word of who gave it out; zero: no end is known
}

// Left says what survives a step of a run, and when that ends by itself: counted from when the step was done. It is not
// counted where the step was not seen to take effect.
func (r Run) Left(s StepRun) []Left {
	var out []Left
	for _, what := range r.Stays(s) {
		l := Left{What: what}
		if i := slices.IndexFunc(s.Ends, func(e Ending) bool { return e.What == what }); i >= 0 {
			l.Ends, l.By = true, s.by(s.Ends[i])
		}
		out = append(out, l)
	}
	return out
}

func (s StepRun) by(e Ending) time.Time {
	from := s.Receipt.At
	if from.IsZero() { // a person did it, before they said so
		from = s.Ended
	}
	switch {
	case !e.Until.IsZero():
		return e.Until
	case e.Within > 0 && s.State == StateDone && !from.IsZero() && s.Proof.Grade != Alive && s.Proof.Grade != Unproven:
		return from.Add(e.Within)
	}
	return time.Time{}
}

// String names the thing and the time of its end.
func (l Left) String() string {
	switch {
	case !l.Ends:
		return l.What
	case l.By.IsZero():
		return l.What + " (no end known)"
	}
	return l.What + " (ends by itself, by " + minuteUTC(l.By) + " at the latest, as far as its issuer's word goes)"
}

// At names the thing, and how long it still lasts or that it is over.
func (l Left) At(now time.Time) string {
	clock := l.By.UTC().Add(time.Minute - 1).Format("15:04 UTC")
	switch d := l.By.Sub(now); {
	case !l.Ends || l.By.IsZero():
		return l.String()
	case d > 0 && d <= 12*time.Hour:
		return l.What + " (ends by itself by " + clock + " at the latest, in " + countdown(d) + ")"
	case d > 0:
		return l.What + " (ends by itself by " + minuteUTC(l.By) + " at the latest, in " + countdown(d) + ")"
	}
	return l.What + " (has ended by itself by " + minuteUTC(l.By) + ", as far as its issuer's word goes: look again)"
}

// Next is when [Left.At] says something else than now; zero: never.
func (l Left) Next(now time.Time) time.Time {
	d := l.By.Sub(now)
	if !l.Ends || l.By.IsZero() || d <= 0 {
		return time.Time{}
	}
	u := unit(d)
	return l.By.Add(-(d - 1).Truncate(u))
}

// unit is in what a rest is counted: it is not worth a look each second while it lasts for hours.
func unit(d time.Duration) time.Duration {
	switch {
	case d > 48*time.Hour:
		return time.Hour
	case d > 2*time.Minute:
		return time.Minute
	}
	return time.Second
}

// countdown is how long something still lasts, rounded up: it is a bound.
func countdown(d time.Duration) string {
	u := unit(d)
	d = (d + u - 1).Truncate(u)
	switch {
	case d < time.Minute || u == time.Second:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d <= 48*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d d %d h", int(d.Hours())/24, int(d.Hours())%24)
}

// Lasting is a bound in the coarsest unit that is exact, rounded up to a second.
func Lasting(d time.Duration) string {
	d = (d + time.Second - 1).Truncate(time.Second)
	switch {
	case d%(24*time.Hour) == 0 && d >= 48*time.Hour:
		return fmt.Sprintf("%d d", int(d.Hours())/24)
	case d%time.Hour == 0:
		return fmt.Sprintf("%d h", int(d.Hours()))
	case d%time.Minute == 0:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%d s", int(d.Seconds()))
}

// minuteUTC is a time as the latest minute that it can be meant by.
func minuteUTC(t time.Time) string {
	return t.UTC().Add(time.Minute - 1).Format("2006-01-02 15:04 UTC")
}
