package audit

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

func forwarded(t *testing.T, where string) *Log {
	t.Helper()
	s, err := ParseSyslog(where)
	if err != nil {
		t.Fatal(err)
	}
	l := Open(filepath.Join(t.TempDir(), "audit.jsonl"), clock())
	l.Forward(s, nil)
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func mustAppend(t *testing.T, l *Log, action, detail string) Entry {
	t.Helper()
	e, err := l.Append("ana", action, "sec-1", detail)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

var rfc5424 = regexp.MustCompile(`^<(\d+)>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) (\S+) nhitop (\d+) (\S{1,32}) \[entry@32473 seq="(\d+)" hash="([0-9a-f]{64})"( cut="yes")?\] (.*)$`)

func parsed(t *testing.T, text string) (priority, msgID string, cut bool, e Entry) {
	t.Helper()
	m := rfc5424.FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("no message of RFC 5424: %q", text)
	}
	if err := json.Unmarshal([]byte(m[9]), &e); err != nil {
		t.Fatal(err)
	}
	if strconv.Itoa(e.Seq) != m[6] || e.Hash != m[7] {
		t.Errorf("the header tells of another entry: %s", text)
	}
	return m[1], m[5], m[8] != "", e
}

func TestSyslogUDP(t *testing.T) {
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Skip("no UDP on loopback here:", err)
	}
	defer pc.Close()
	l := forwarded(t, "udp:"+pc.LocalAddr().String())
	long := strings.Repeat(`"`, maxDatagram) // twice as long as JSON
	for _, c := range []struct{ action, detail, priority, id string }{
		{"arm", "until noon", "109", "arm"}, {"revoke refused", "not armed", "108", "revoke-refused"}, {"note", long, "109", "note"},
	} {
		want := mustAppend(t, l, c.action, c.detail)
		buf := make([]byte, 64<<10)
		_ = pc.SetReadDeadline(time.Now().Add(10 * time.Second))
		n, _, err := pc.ReadFrom(buf)
		if err != nil {
			t.Fatal(err)
		}
		priority, id, cut, e := parsed(t, string(buf[:n]))
		if priority != c.priority || id != c.id || e.Seq != want.Seq || e.Hash != want.Hash || n > maxDatagram {
			t.Errorf("%s: %s %s %d bytes %+v", c.action, priority, id, n, e)
		}
		if cut != (c.detail == long) || !cut && e != want {
			t.Errorf("%s: cut %v, detail of %d bytes", c.action, cut, len(e.Detail))
		}
	}
	if l.Trouble() != "" {
		t.Error(l.Trouble())
	}
}

// octets reads messages that are framed by their length.
func octets(t *testing.T, r *bufio.Reader) string {
	t.Helper()
	size, err := r.ReadString(' ')
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(strings.TrimSpace(size))
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, n)
	if _, err := io.ReadFull(r, buf); err != nil {
		t.Fatal(err)
	}
	return string(buf)
}

// A syslog that is down holds nothing up and is named; what it missed it gets when it is back, once and in order.
func TestSyslogTCPIsDownAndComesBack(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skip("no TCP on loopback here:", err)
	}
	where := ln.Addr().String()
	l := forwarded(t, "tcp:"+where)
	mustAppend(t, l, "arm", "")
	conn, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, e := parsed(t, octets(t, bufio.NewReader(conn))); e.Seq != 1 {
		t.Fatalf("%+v", e)
	}
	_ = conn.Close()
	_ = ln.Close()
	mustAppend(t, l, "plan", "")
	mustAppend(t, l, "confirm", "")
	if got := l.Trouble(); !strings.Contains(got, "tcp:"+where) {
		t.Errorf("that it is down is not told: %q", got)
	}
	if n, err := l.Verify(); n != 3 || err != nil {
		t.Error(n, err)
	}
	if ln, err = net.Listen("tcp", where); err != nil {
		t.Skip("the port is taken by another:", err)
	}
	defer ln.Close()
	l.retry = time.Time{}
	mustAppend(t, l, "disarm", "")
	if conn, err = ln.Accept(); err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	r := bufio.NewReader(conn)
	for seq := 2; seq <= 4; seq++ {
		if _, _, _, e := parsed(t, octets(t, r)); e.Seq != seq {
			t.Errorf("entry %d came, not %d", e.Seq, seq)
		}
	}
	if l.Trouble() != "" {
		t.Error(l.Trouble())
	}
}

func TestSyslogUnix(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	pc, err := net.ListenPacket("unixgram", path)
	if err != nil {
		t.Skip("no Unix datagram sockets here:", err)
	}
	defer pc.Close()
	l := forwarded(t, "unix:"+path)
	mustAppend(t, l, "arm", "")
	buf := make([]byte, 64<<10)
	n, _, err := pc.ReadFrom(buf)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, e := parsed(t, string(buf[:n])); e.Seq != 1 {
		t.Errorf("%+v", e)
	}
}

func TestParseSyslog(t *testing.T) {
	for _, ok := range []string{"unix:/dev/log", "udp:syslog.example.com:514", "tcp:[::1]:601"} {
		if s, err := ParseSyslog(ok); err != nil || s.String() != ok {
			t.Errorf("%s: %v", ok, err)
		}
	}
	for _, bad := range []string{"", "/dev/log", "unix:log", "udp:host", "tcp::514", "udp:host:0", "tls:host:6514"} {
		if _, err := ParseSyslog(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func FuzzMessage(f *testing.F) {
	f.Add("arm", "until noon", "host")
	f.Add("a\x00b refused", "ü\u2028\"]", "hö st")
	f.Fuzz(func(t *testing.T, action, detail, host string) {
		l := Open(filepath.Join(t.TempDir(), "audit.jsonl"), clock())
		e := l.entry(1, genesis, "ana", action, "sec-1", detail)
		s := &Syslog{network: "udp", address: "x:1", host: host}
		text, err := s.message(e, false)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, _, got := parsed(t, text); got != e {
			t.Errorf("%+v is not %+v", got, e)
		}
	})
}

func TestTail(t *testing.T) {
	l := filled(t)
	long := strings.Repeat("x", 200<<10) // longer than what is read at once
	mustAppend(t, l, "note", long)
	if e := mustAppend(t, l, "note", "after it"); e.Seq != 5 {
		t.Errorf("%+v", e)
	}
	if n, err := l.Verify(); n != 5 || err != nil {
		t.Error(n, err)
	}
	if _, err := os.Stat(l.sentPath()); err == nil {
		t.Error("without a syslog it is remembered what one has")
	}
}
