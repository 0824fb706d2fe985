package ui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
	"nhitop/inventory/posture"
	"nhitop/inventory/report"
	"nhitop/inventory/revoke"
	"nhitop/ui/theme"
)

// Responder is an Engine that can deal with a credential in hand.
type Responder interface {
	Identify(text inventory.Value) (*posture.Incident, error)
	Ask(ctx context.Context, in *posture.Incident) ([]revoke.Answer, error)
	PlanIncident(ctx context.Context, in *posture.Incident) (*revoke.Plan, error)
	ExecuteIncident(ctx context.Context, in *posture.Incident, p *revoke.Plan, c revoke.Consent, on func(revoke.Event)) (revoke.Run, error)
}

// incidentPage shows what is known of a credential in hand: the first three lines are what it is, whether it lives, and
// where it stands. The credential itself is in the incident alone and is on no screen; it goes with the page.
type incidentPage struct {
	in      *posture.Incident
	answers []revoke.Answer
	asked   bool
	err     error
	snap    *inventory.Snapshot
	th      *theme.Theme
	now     func() time.Time
	pager
}

// paste collects a secret that is typed or pasted, unseen. It is wiped when the question ends.
type paste struct{ text []rune }

func (p *paste) key(k tea.KeyMsg) {
	switch k.Type {
	case tea.KeyBackspace:
		if n := len(p.text); n > 0 {
			p.text[n-1] = 0
			p.text = p.text[:n-1]
		}
	case tea.KeyRunes, tea.KeySpace:
		const most = 64 << 10
		if len(p.text)+len(k.Runes) <= most {
			old := p.text
			p.text = append(p.text, k.Runes...)
			if len(old) > 0 && &old[0] != &p.text[0] {
				clear(old)
			}
		}
		clear(k.Runes)
	}
}

// take hands the text on and wipes it here.
func (p *paste) take() string {
	text := strings.TrimSpace(string(p.text))
	p.wipe()
	return text
}

func (p *paste) wipe() {
	clear(p.text)
	p.text = nil
}

func canRespond(m *Model) string {
	if _, ok := m.e.(Responder); !ok {
		return "not possible here"
	}
	return ""
}

func (m *Model) startIncident() tea.Cmd {
	return m.ask(prompt{
		text:  []string{"Paste a secret: it is not shown, not kept, and sent to nobody unless you say so.", "Or type an id, a name, or the last characters that a list shows."},
		label: "Incident:", paste: &paste{},
		done: (*Model).incident,
	})
}

type incidentMsg struct {
	in  *posture.Incident
	err error
}

// longestName bounds what is looked up as a name: a longer text is a credential.
const longestName = 64

// incident finds out what was given: a record by its id, name or end, else a credential.
func (m *Model) incident(text string) tea.Cmd {
	if m.snap != nil && len(text) <= longestName {
		ids := report.Find(m.snap, text)
		if len(ids) == 0 {
			ids = called(m.snap, text)
		}
		switch len(ids) {
		case 0:
			if onlyLetters(text) && len(text) < shortestWord {
				m.say(true, "nothing known has this id, name or end, and a word is no credential; go there with :")
				return nil
			}
		case 1:
			return m.push(newDetail(ids[0], m.th))
		default:
			m.say(true, "that means %d records; give the id, or go there with :", len(ids))
			return nil
		}
	}
	r, ok := m.e.(Responder)
	if !ok {
		return nil
	}
	v := inventory.NewValue(text)
	return func() tea.Msg {
		in, err := r.Identify(v)
		return incidentMsg{in, err}
	}
}

type answersMsg struct {
	in      *posture.Incident
	answers []revoke.Answer
	err     error
}

func (m *Model) takeIncident(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case incidentMsg:
		switch {
		case msg.err != nil:
			m.say(true, "%v", msg.err)
		default:
			return m.push(&incidentPage{in: msg.in, th: m.th, now: m.o.Now})
		}
	case answersMsg:
		m.busy = ""
		if p, ok := m.page.(*incidentPage); ok && p.in == msg.in {
			p.asked, p.answers, p.err = true, msg.answers, msg.err
		}
	}
	return nil
}

func onlyIncident(m *Model) string {
	if _, ok := m.page.(*incidentPage); !ok {
		return "only with a secret in hand (!)"
	}
	return ""
}

// askIssuer shows the credential to its issuer. Pressing the key is the consent: the page says where it goes.
func (m *Model) askIssuer() tea.Cmd {
	p, ok := m.page.(*incidentPage)
	r, can := m.e.(Responder)
	if !ok || !can {
		return nil
	}
	m.busy = "asking its issuer"
	return func() tea.Msg {
		answers, err := r.Ask(m.ctx, p.in)
		return answersMsg{p.in, answers, err}
	}
}

// planIncident plans the end of the credential in hand, and with all of what leaked with it too.
func (m *Model) planIncident(p *incidentPage, all bool) tea.Cmd {
	r, ok := m.e.(Responder)
	if !ok {
		return nil
	}
	in := p.in
	if all {
		in = in.Together()
	}
	m.busy = "planning"
	return func() tea.Msg {
		plan, err := r.PlanIncident(m.ctx, in)
		if errors.Is(err, revoke.ErrNothing) {
			err = fmt.Errorf("%w; [sources.issuers] in the configuration, with revoke = true, can end many kinds by themselves", err)
		}
		return planMsg{plan: plan, in: in, err: err}
	}
}

func (p *incidentPage) Title() string                      { return "incident" }
func (p *incidentPage) Show(s *inventory.Snapshot) tea.Cmd { p.snap = s; return nil }
func (p *incidentPage) Update(tea.Msg) tea.Cmd             { return nil }
func (p *incidentPage) Actions() []string {
	if len(p.in.With) > 0 {
		return []string{"ask-issuer", "revoke", "revoke-all", "back"}
	}
	return []string{"ask-issuer", "revoke", "back"}
}

func (p *incidentPage) Crumb() (left, right string) {
	return "incident › " + p.name(), clock(p.now().Sub(p.in.At)) + " since paste"
}

// Rights are the time since the paste, and where in the page one is.
func (p *incidentPage) Rights() []string {
	_, right := p.Crumb()
	return append([]string{right}, p.position()...)
}

func (p *incidentPage) name() string {
	if p.in.Hint != "" {
		return p.in.Held.Kind + " …" + p.in.Hint
	}
	return p.in.Held.Kind
}

func (p *incidentPage) View(w, h int) string {
	var b pageLines
	in := p.in
	about := []string{p.name()}
	for _, t := range []string{in.Held.Issuer, in.Held.Account, in.Held.KeyID} {
		if t != "" {
			about = append(about, t)
		}
	}
	b.add(line(theme.Bold, " "+strings.Join(about, " · ")))
	p.life(&b, w)
	x := in.Secret
	if x == nil {
		b.add(paragraphHead("SEEN ", "nowhere: no source has seen it in what was read so far", w)...)
	} else {
		var places []string
		for _, l := range x.Locations {
			places = append(places, place(l.Path, l.Line))
		}
		b.add(paragraphHead("SEEN ", strings.Join(places, " · ")+" (known by "+in.FoundBy+")", w)...)
	}
	if x != nil && p.snap != nil {
		b.add(paragraphHead("WHO  ", orNobody(summary(p.snap, x.Assistants)), w)...)
		b.add(paragraphHead("OWNER", orNobody(summary(p.snap, in.Owners)), w)...)
	}
	if names := p.with(); names != "" {
		b.add(paragraphHead("WITH ", names+" stand in the file that it leaked with: A ends them too", w)...)
	}
	b.add(nil)
	p.reach(&b, w)
	p.facts(&b, w)
	return strings.Join(drawStyled(p.th, p.cut(b, h), w, h), "\n")
}

// with names what leaked together with the credential.
func (p *incidentPage) with() string {
	var names []string
	for _, x := range p.in.With {
		names = append(names, secretName(x))
	}
	return strings.Join(names, " · ")
}

// life says whether the credential is accepted, as far as anybody was asked.
func (p *incidentPage) life(b *pageLines, w int) {
	in := p.in
	switch {
	case p.err != nil && len(p.answers) == 0:
		b.add(line(theme.Warn, " NOT KNOWN whether it is alive: its issuer could not be asked"))
		b.add(paragraphAt(1, p.err.Error(), w)...)
	case p.asked && len(p.answers) == 0:
		b.add(line(theme.Warn, " NOT KNOWN whether it is alive: no source knows how to ask its issuer"))
	case p.asked:
		a := p.answers[len(p.answers)-1]
		style, word := theme.Warn, "NOT KNOWN whether it is alive"
		switch a.State {
		case inventory.StateLive:
			style, word = theme.Alarm, "ALIVE: its issuer accepts it"
			if a.Account != "" {
				word += ", as " + a.Account
			}
		case inventory.StateRevoked, inventory.StateExpired, inventory.StateDisabled:
			style, word = theme.Good, "REFUSED by its issuer"
		}
		b.add(line(style, " "+word))
		b.add(paragraphAt(1, a.Detail, w)...)
		if len(a.Scopes) > 0 {
			b.add(paragraphHead("SCOPES", strings.Join(a.Scopes, " "), w)...)
		}
	case !in.Expires.IsZero() && in.Expires.Before(p.now()):
		b.add(line(theme.Good, " EXPIRED on "+in.Expires.Format(time.DateOnly)+", by what it says of itself"))
	case in.Secret != nil && in.Secret.State == inventory.StateLive:
		b.add(line(theme.Alarm, " ALIVE when it was last read; a asks its issuer now"))
	default:
		b.add(line(theme.Warn, " NOT ASKED whether it is alive: a shows it to its issuer, by a call that changes nothing"))
	}
}

func (p *incidentPage) reach(b *pageLines, w int) {
	if len(p.in.Reach) == 0 {
		b.add(paragraphHead("OPENS", "not known", w)...)
		return
	}
	b.add(reachLines("OPENS", waysOfReach(p.in.Reach), w, mostOpened)...)
}

const mostOpened = 8

// facts are what the credential tells of itself.
func (p *incidentPage) facts(b *pageLines, w int) {
	in := p.in
	var out []string
	add := func(name, v string) {
		if v != "" {
			out = append(out, name+" "+v)
		}
	}
	add("made", dayOf(in.Created))
	add("ends", dayOf(in.Expires))
	add("checksum", in.Checksum)
	add("scopes", strings.Join(in.Scopes, " "))
	add("", in.Note)
	if in.Expires.IsZero() && in.LongLived == inventory.Yes {
		out = append(out, "lives until it is ended")
	}
	if len(out) > 0 {
		b.add(nil)
		b.add(paragraphHead("TELLS", strings.Join(out, " · "), w)...)
	}
}

func dayOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}
