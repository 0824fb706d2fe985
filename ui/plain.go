package ui

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"nhitop/inventory"
	"nhitop/ui/theme"
)

// The page that is read out: wide enough for sentences, and as many rows as one listens to.
const plainWidth, plainHeight = 100, 34

const plainPause = 150 * time.Millisecond // without news, what was asked for is there

// plain is the dashboard line by line: the same model, driven by words and never redrawn. It belongs to one goroutine.
type plain struct {
	m    *Model
	out  io.Writer
	msgs chan tea.Msg
	over bool
	open int    // commands that are not back yet
	last string // the body that was printed last
}

// Plain shows the dashboard as lines of text until the operator leaves it, the input ends or ctx does: for screen readers,
// and for terminals that cannot be drawn on. Nothing is redrawn; each line that is typed is answered by the page it leads
// to. A secret is not taken here, for what is typed is seen.
func Plain(ctx context.Context, e Engine, o Options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	in := o.Stdin
	if in == nil {
		in = os.Stdin
	}
	if o.Stdout == nil {
		o.Stdout = os.Stdout
	}
	p := newPlain(ctx, e, o)
	lines := make(chan string)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(in); s.Scan(); {
			select {
			case lines <- s.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	events, stop := e.Subscribe()
	defer stop()
	p.do(p.m.Init())
	p.say("nhitop, line by line. Type the name of a view, a number to open a row, an action, help or quit.")
	quiet := time.NewTimer(plainPause)
	defer quiet.Stop()
	asked := true // somebody waits for a page
	for !p.over {
		select {
		case <-ctx.Done():
			return nil
		case line, ok := <-lines:
			if !ok {
				return nil
			}
			p.line(line)
			asked = true
			quiet.Reset(plainPause)
		case msg := <-p.msgs:
			p.take(msg)
			if asked {
				quiet.Reset(plainPause)
			}
		case ev := <-events:
			p.take(engineMsg(ev))
		case <-quiet.C:
			if asked {
				asked = false
				p.print()
			}
		}
	}
	return nil
}

func newPlain(ctx context.Context, e Engine, o Options) *plain {
	p := &plain{out: o.Stdout, msgs: make(chan tea.Msg, 256)}
	p.m = NewModel(ctx, e, o, theme.New(theme.Mono).ASCII(), func(msg tea.Msg) { p.msgs <- msg })
	p.m.w, p.m.h = plainWidth, plainHeight
	p.m.tick = func() tea.Cmd { return nil }
	return p
}

// backMsg is what a command came to.
type backMsg struct{ msg tea.Msg }

// do runs a command apart, for it may take time.
func (p *plain) do(cmd tea.Cmd) {
	if cmd != nil {
		p.open++
		go func() { p.msgs <- backMsg{cmd()} }()
	}
}

func (p *plain) take(msg tea.Msg) {
	switch msg := msg.(type) {
	case nil:
	case backMsg:
		p.open--
		p.take(msg.msg)
	case tea.QuitMsg:
		p.over = true
	case tea.BatchMsg:
		for _, c := range msg {
			p.do(c)
		}
	default:
		_, cmd := p.m.Update(msg)
		p.do(cmd)
	}
}

func (p *plain) say(format string, args ...any) { fmt.Fprintf(p.out, format+"\n", args...) }

// line does what a line says.
func (p *plain) line(text string) {
	m := p.m
	m.grace = time.Time{} // nothing opens under the fingers here
	m.toast = ""
	text = strings.TrimSpace(text)
	if holdsSecret(text) {
		m.say(true, "that is a secret, and what is typed here is seen: it is not used, and not kept")
		m.dirty = true
		return
	}
	if m.mode == modePrompt {
		p.answer(text)
		return
	}
	first, rest, _ := strings.Cut(text, " ")
	n, err := strconv.Atoi(first)
	a := m.action(first)
	switch {
	case text == "":
		p.do(m.run(m.action("page-down")))
	case err == nil && rest == "":
		onPage(m, scroller.Home)
		onPage(m, func(s scroller) { s.Move(n - 1) })
		p.do(m.run(m.action("open")))
	case first == "help":
		p.help(rest)
	case first == "filter":
		if f, ok := m.page.(filterer); ok {
			p.do(f.SetFilter(rest))
		}
	case m.views[first] != nil:
		p.do(m.goTo(first))
		if f, ok := m.page.(filterer); ok && rest != "" {
			p.do(f.SetFilter(rest))
		}
	case first == "incident":
		m.say(true, "what is typed here is seen: nhitop revoke --stdin takes a secret")
	case a != nil && a.id != "palette":
		p.do(m.run(a))
	default:
		m.say(true, "%q is no view, action or number; help lists them", inventory.Clean(first))
	}
	m.dirty = true
}

// answer gives a line to the question that is open. An empty line leaves it where a word is asked for.
func (p *plain) answer(text string) {
	if p.m.prompt.yes {
		key := "n"
		if text == "y" || text == "yes" {
			key = "y"
		}
		p.do(p.m.promptKey(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(key)}))
		return
	}
	if text == "esc" || p.m.prompt.paste != nil && text != "" {
		p.do(p.m.promptKey(tea.KeyMsg{Type: tea.KeyEsc}))
		if text != "esc" {
			p.m.say(true, "%s", plainPaste)
		}
		return
	}
	p.m.input.SetValue(text)
	p.do(p.m.promptKey(tea.KeyMsg{Type: tea.KeyEnter}))
}

const plainPaste = "What is typed here is seen, and no secret is taken: nhitop revoke --stdin takes it, with --resume or with --plan PLAN."

// help lists views and actions that have a word in them.
func (p *plain) help(word string) {
	p.say("views: %s", strings.Join(p.m.names, ", "))
	for i := range p.m.actions {
		a := &p.m.actions[i]
		if contextual[a.id] && !containsID(p.m.page.Actions(), a.id) || !strings.Contains(a.id+" "+a.help, word) {
			continue
		}
		p.say("%s: %s", a.id, a.help)
	}
	p.say("filter WORDS: only rows that have them; an empty line: the next rows; a number: open that row; back; quit")
}

func containsID(ids []string, id string) bool {
	for _, x := range ids {
		if x == id {
			return true
		}
	}
	return false
}

// print says where one is, what is there, and what is asked. A page that is as it was is not said again.
func (p *plain) print() {
	m := p.m
	var b strings.Builder
	write := func(frame string) {
		for _, l := range strings.Split(m.th.Spell(frame), "\n") {
			l = strings.TrimRight(l, " ")
			if strings.Trim(l, "- ") != "" {
				b.WriteString(l + "\n")
			}
		}
	}
	view := m.page.View(m.w, m.h-chrome) // the crumbs say which part of it is shown
	write(m.header() + "\n" + m.crumbs())
	write(view)
	if body := b.String(); body != p.last {
		p.last = body
		p.say("\n%s", strings.TrimRight(body, "\n"))
	}
	if m.toast != "" {
		p.say("%s", m.th.Spell(m.toast))
	}
	if m.mode == modePrompt {
		for _, l := range m.prompt.text {
			p.say("%s", m.th.Spell(l))
		}
		how := "esc leaves it"
		if m.prompt.paste != nil {
			p.say("%s", plainPaste)
		}
		if m.prompt.yes {
			how = "y or n"
		}
		p.say("%s (%s)", m.th.Spell(m.prompt.label), how)
	}
}
