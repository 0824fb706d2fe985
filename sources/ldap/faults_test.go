package ldap

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"nhitop/inventory"
	"nhitop/sources"
	"nhitop/sources/internal/roster"
)

// answer builds one message of a server.
func answer(id int64, op *ber.Packet, controls ...*ber.Packet) []byte {
	p := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
	p.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, id, ""))
	p.AppendChild(op)
	if len(controls) > 0 {
		list := ber.Encode(ber.ClassContext, ber.TypeConstructed, 0, nil, "")
		for _, c := range controls {
			list.AppendChild(c)
		}
		p.AppendChild(list)
	}
	return p.Bytes()
}

func result(tag ber.Tag, code int64) *ber.Packet {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, tag, nil, "")
	op.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, code, ""))
	op.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, "", ""))
	op.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, "said of "+readerPw, ""))
	return op
}

func entry(dn string, attrs ...string) *ber.Packet {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationSearchResultEntry, nil, "")
	op.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, dn, ""))
	list := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
	for i := 0; i+1 < len(attrs); i += 2 {
		a := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSequence, nil, "")
		a.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, attrs[i], ""))
		set := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "")
		set.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, attrs[i+1], ""))
		a.AppendChild(set)
		list.AppendChild(a)
	}
	op.AppendChild(list)
	return op
}

// cookie is the control that leads to the next page.
func cookie(c string) *ber.Packet {
	p := ldap.NewControlPaging(1)
	p.SetCookie([]byte(c))
	return p.Encode()
}

var alice = entry("uid=alice,"+base, "mail", "alice@example.com", "cn", "Alice")

// serve runs a server that answers what a script says: to the nth request on a connection with its nth line.
func serve(t testing.TB, script ...func(id int64, w io.Writer)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				for n := 0; ; {
					p, err := ber.ReadPacket(c)
					if err != nil || len(p.Children) < 2 {
						return
					}
					if tag := p.Children[1].Tag; tag == ldap.ApplicationUnbindRequest || tag == ldap.ApplicationAbandonRequest {
						continue
					}
					id, _ := p.Children[0].Value.(int64)
					script[min(n, len(script)-1)](id, c)
					n++
				}
			}()
		}
	}()
	return "ldap://" + l.Addr().String()
}

func send(b ...[]byte) func(int64, io.Writer) {
	return func(_ int64, w io.Writer) { _, _ = w.Write(bytes.Join(b, nil)) }
}

func say(op *ber.Packet, controls ...*ber.Packet) func(int64, io.Writer) {
	return func(id int64, w io.Writer) { _, _ = w.Write(answer(id, op, controls...)) }
}

func both(fs ...func(int64, io.Writer)) func(int64, io.Writer) {
	return func(id int64, w io.Writer) {
		for _, f := range fs {
			f(id, w)
		}
	}
}

func nothing(int64, io.Writer) {}

func cut(_ int64, w io.Writer) { _ = w.(io.Closer).Close() }

// A server that fails or lies costs only itself: the source ends, says that it did not read all, and calls nobody active or
// departed of whom it was not told.
func TestFaults(t *testing.T) {
	welcome := say(result(ldap.ApplicationBindResponse, 0))
	done := say(result(ldap.ApplicationSearchResultDone, 0))
	flood := func(id int64, w io.Writer) {
		for range 100_000 {
			if _, err := w.Write(answer(id, alice)); err != nil {
				return
			}
		}
	}
	for name, c := range map[string]struct {
		script []func(int64, io.Writer)
		says   string // "": all is well
		people int
	}{
		"well":                          {[]func(int64, io.Writer){welcome, both(say(alice), done)}, "", 1},
		"the password is wrong":         {[]func(int64, io.Writer){say(result(ldap.ApplicationBindResponse, 49))}, "the name or the password is wrong", 0},
		"busy at the sign-in":           {[]func(int64, io.Writer){say(result(ldap.ApplicationBindResponse, 51))}, "Busy", 0},
		"silent at the sign-in":         {[]func(int64, io.Writer){nothing}, "sign in", 0},
		"cut at the sign-in":            {[]func(int64, io.Writer){cut}, "sign in", 0},
		"no answer at all":              {[]func(int64, io.Writer){send([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))}, "sign in", 0},
		"silent at the search":          {[]func(int64, io.Writer){welcome, nothing}, "no answer in time", 0},
		"cut at the search":             {[]func(int64, io.Writer){welcome, cut}, "search", 0},
		"cut after an entry":            {[]func(int64, io.Writer){welcome, both(say(alice), cut)}, "search", 1},
		"silent after an entry":         {[]func(int64, io.Writer){welcome, say(alice)}, "no answer in time", 1},
		"may not search":                {[]func(int64, io.Writer){welcome, say(result(ldap.ApplicationSearchResultDone, 50))}, "Insufficient Access Rights", 0},
		"size limit for one question":   {[]func(int64, io.Writer){welcome, say(result(ldap.ApplicationSearchResultDone, 4))}, "no more entries", 0},
		"time limit":                    {[]func(int64, io.Writer){welcome, say(result(ldap.ApplicationSearchResultDone, 3))}, "no answer in time", 0},
		"unavailable":                   {[]func(int64, io.Writer){welcome, say(result(ldap.ApplicationSearchResultDone, 52))}, "Unavailable", 0},
		"referral in place of a result": {[]func(int64, io.Writer){welcome, say(result(ldap.ApplicationSearchResultDone, 10))}, "Referral", 0},
		"a flood of entries":            {[]func(int64, io.Writer){welcome, flood}, "more than was asked for", 1},
		"the same page for ever":        {[]func(int64, io.Writer){welcome, both(say(alice), say(result(ldap.ApplicationSearchResultDone, 0), cookie("again")))}, "the same page again", 1},
		"a huge length":                 {[]func(int64, io.Writer){welcome, send([]byte{0x30, 0x84, 0x7f, 0xff, 0xff, 0xff})}, "search", 0},
		"nested for ever":               {[]func(int64, io.Writer){welcome, send(bytes.Repeat([]byte{0x30, 0x80}, 5000))}, "search", 0},
		"an entry without attributes":   {[]func(int64, io.Writer){welcome, both(say(entry("uid=x,"+base)), done)}, "", 0},
		"an entry that was not asked":   {[]func(int64, io.Writer){welcome, both(say(entry("uid=eve,"+base, "mail", "eve@example.com")), done)}, "", 0},
		"an answer of another kind":     {[]func(int64, io.Writer){welcome, say(result(ldap.ApplicationModifyResponse, 0))}, "search", 0},
		"an empty message":              {[]func(int64, io.Writer){welcome, send([]byte{0x30, 0x00})}, "search", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := Defaults()
			o.URL, o.StartTLS, o.BindDN, o.Base, o.Timeout = serve(t, c.script...), false, readerDN, base, 1
			o.Password.Env, o.Domains, o.Absent = "LDAP_PASSWORD", []string{"example.com"}, "departed"
			got, b, err := resolve(t, o, asked(t, "gitlab", "alice", "alice@example.com"))
			if c.says == "" {
				if err != nil {
					t.Fatal(err)
				}
			} else {
				if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), readerPw) {
					t.Errorf("error %v, want one with %q", err, c.says)
				}
				if len(got) != c.people || got["Alice"].Status == "departed" || got["alice"].Status == "departed" {
					t.Errorf("%+v", got)
				}
				if len(b.Ledger) == 0 || b.Ledger[0].State != inventory.LookedFailed {
					t.Errorf("ledger %+v", b.Ledger)
				}
				return
			}
			if is := got["Alice"].Status; c.people == 1 && is != "active" || c.people == 0 && got["alice"].Status != "departed" {
				t.Errorf("%+v", got)
			}
		})
	}
}

// StartTLS that is refused must not go on without it.
func TestStartTLSIsNotDropped(t *testing.T) {
	sent := make(chan []byte, 8)
	url := serve(t, func(id int64, w io.Writer) {
		sent <- nil
		_, _ = w.Write(answer(id, result(ldap.ApplicationExtendedResponse, 2)))
	})
	o := Defaults()
	o.URL, o.BindDN, o.Base, o.Timeout = url, readerDN, base, 1
	o.Password.Env = "LDAP_PASSWORD"
	_, _, err := resolve(t, o, asked(t, "gitlab", "alice", "alice@example.com"))
	if err == nil || !strings.Contains(err.Error(), "StartTLS") {
		t.Errorf("%v", err)
	}
	if len(sent) != 1 {
		t.Errorf("%d requests after StartTLS was refused", len(sent)-1)
	}
}

// FuzzAnswers gives the source what a server might send.
func FuzzAnswers(f *testing.F) {
	for _, seed := range [][]byte{
		answer(1, alice), append(answer(1, alice), answer(1, result(ldap.ApplicationSearchResultDone, 0))...),
		answer(1, entry("uid=x,"+base, "mail", "alice@example.com", "userAccountControl", "514", "accountExpires", "1", "shadowExpire", "-1", "manager", "cn=\\")),
		answer(1, result(ldap.ApplicationSearchResultDone, 0), cookie("x")), {0x30, 0x84, 0xff, 0xff, 0xff, 0xff}, {0x30, 0x80, 0x30, 0x80}, {},
	} {
		f.Add(seed)
	}
	o := Defaults()
	o.URL, o.StartTLS, o.Base, o.Timeout = "ldap://127.0.0.1", false, base, 1
	made, err := New(o, env())
	if err != nil {
		f.Fatal(err)
	}
	s := made.(*Source)
	who := asked(f, "gitlab", "alice", "alice@example.com")
	f.Fuzz(func(t *testing.T, data []byte) {
		ours, theirs := net.Pipe()
		go func() { _, _ = io.Copy(io.Discard, theirs) }()
		go func() {
			_, _ = theirs.Write(data)
			_ = theirs.Close()
		}()
		conn := ldap.NewConn(ours, false)
		conn.SetTimeout(time.Second)
		conn.Start()
		l := &link{s: s, conn: conn, stop: func() bool { return true }}
		defer l.close()
		sink := inventory.NewSink("ldap", inventory.Key{1}, func() time.Time { return today })
		q := &inquiry{s: s, sink: sink, now: today, persons: map[string]*roster.Person{}, led: map[*roster.Person]string{}, bosses: map[string]string{}}
		qs := s.rules.Questions([]inventory.Owner{who})
		_ = q.ask(t.Context(), l, qs)
		s.rules.Deliver(sink, qs, s.url(base), true, false)
		for _, x := range sink.Batch().Records.Owners {
			if x.Status == "" || len(x.Evidence) == 0 || x.ID.Noun() != inventory.NounOwner {
				t.Errorf("%+v", x)
			}
		}
	})
}

// FuzzSigns gives every sign what might stand in its attribute.
func FuzzSigns(f *testing.F) {
	for _, v := range []string{"514", "0", "-1", "20700", "000001010000Z", "20261101093000Z", "20261101093000.5+0130", "9223372036854775807", "TRUE", "2026-10-31", "", "99999999999999999999"} {
		f.Add(v)
	}
	o := Defaults()
	o.URL, o.Base, o.LastDay, o.Departed = "ldaps://x", base, "employeeEndDate", map[string][]string{"employeeType": {"gone"}}
	made, err := New(o, sources.Env{})
	if err != nil {
		f.Fatal(err)
	}
	s := made.(*Source)
	f.Fuzz(func(t *testing.T, v string) {
		for _, g := range s.signs {
			d := g.says(v, today)
			if d.status != "" && d.why == "" || d.status == "" && d.why != "" {
				t.Errorf("%s %q: %+v", g.attr, v, d)
			}
			if d.status == inventory.OwnerDeparted && d.since.After(today) {
				t.Errorf("%s %q: departed since %s, which is to come", g.attr, v, d.since)
			}
		}
	})
}

// Whichever clock runs out first, ours or the library's, it is one word.
func TestTheLibrarysTimeoutIsOne(t *testing.T) {
	for text, want := range map[string]bool{"ldap: connection timed out": true, "ldap: connection closed": false} {
		err := fmt.Errorf("search: %w", ldap.NewError(ldap.ErrorNetwork, errors.New(text)))
		if libraryTimeout(err) != want {
			t.Errorf("%s: %v", text, !want)
		}
	}
}
