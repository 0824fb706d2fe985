package audit

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"nhitop/inventory"
)

// Syslog is a syslog that takes the entries of a log, each as one message of RFC 5424 (March 2009) whose text is the entry
// as it stands in the log. Over TCP messages are framed by their length (RFC 6587), over UDP and to a Unix datagram socket
// one message is one datagram, to a Unix stream socket one message is one line.
type Syslog struct {
	network, address string
	host             string

	mu   sync.Mutex
	conn net.Conn
}

const (
	sendTime  = time.Second      // for one attempt to reach a syslog, and for one message
	sendPause = 30 * time.Second // after a failure, so that what is at hand is not held up
	sendMost  = 1000             // entries that are made up for at once
	// maxDatagram bounds a message over UDP or to a Unix datagram socket, in bytes: what common receivers take.
	maxDatagram = 8 << 10
	// facility is "log audit" of RFC 5424; severities are its notice and warning.
	facility, notice, warning = 13, 5, 4
	// enterprise is the number that RFC 5612 keeps for examples: nhitop has none of its own.
	enterprise = "32473"
)

// ParseSyslog reads where a syslog is: unix:/dev/log, udp:HOST:PORT or tcp:HOST:PORT. It does not try to reach it.
func ParseSyslog(where string) (*Syslog, error) {
	network, address, _ := strings.Cut(where, ":")
	switch network {
	case "unix":
		if !filepath.IsAbs(address) {
			return nil, errors.New("after unix: give the path of a socket, as in unix:/dev/log")
		}
	case "udp", "tcp":
		host, port, err := net.SplitHostPort(address)
		if n, e := strconv.Atoi(port); err != nil || host == "" || e != nil || n < 1 || n > 65535 {
			return nil, fmt.Errorf("after %s: give a host and a port, as in %s:syslog.example.com:514", network, network)
		}
	default:
		return nil, errors.New("give unix:/dev/log, udp:HOST:PORT or tcp:HOST:PORT")
	}
	host, err := os.Hostname()
	if err != nil {
		host = ""
	}
	return &Syslog{network: network, address: address, host: host}, nil
}

// String is where it is, as the configuration says it.
func (s *Syslog) String() string { return s.network + ":" + s.address }

// send sends one entry within [sendTime].
func (s *Syslog) send(e Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != nil && s.hungUp() {
		_ = s.conn.Close()
		s.conn = nil
	}
	if s.conn == nil {
		conn, err := s.dial()
		if err != nil {
			return err
		}
		s.conn = conn
	}
	data, err := s.framed(e)
	if err != nil {
		return err
	}
	err = s.conn.SetWriteDeadline(time.Now().Add(sendTime))
	if err == nil {
		_, err = s.conn.Write(data)
	}
	if err != nil {
		err = errors.Join(err, s.conn.Close())
		s.conn = nil
	}
	return err
}

func (s *Syslog) dial() (net.Conn, error) {
	d := net.Dialer{Timeout: sendTime}
	if s.network != "unix" {
		return d.DialContext(context.Background(), s.network, s.address)
	}
	conn, err := d.DialContext(context.Background(), "unixgram", s.address)
	if err != nil {
		conn, err = d.DialContext(context.Background(), "unix", s.address)
	}
	return conn, err
}

// hungUp reports whether the other side has closed a stream: what is written then is taken by nobody, and without an error.
func (s *Syslog) hungUp() bool {
	if s.datagram() {
		return false
	}
	if s.conn.SetReadDeadline(time.Now().Add(time.Millisecond)) != nil {
		return true
	}
	_, err := s.conn.Read(make([]byte, 1))
	var t net.Error
	return err != nil && !(errors.As(err, &t) && t.Timeout())
}

func (s *Syslog) datagram() bool {
	n := s.conn.RemoteAddr().Network()
	return n == "udp" || n == "unixgram"
}

// framed is a message as it goes over this connection.
func (s *Syslog) framed(e Entry) ([]byte, error) {
	text, err := s.message(e, false)
	if err != nil {
		return nil, err
	}
	switch s.conn.RemoteAddr().Network() {
	case "tcp":
		return []byte(strconv.Itoa(len(text)) + " " + text), nil
	case "unix":
		return []byte(text + "\n"), nil
	}
	if over := len(text) - maxDatagram; over > 0 {
		e.Detail = strings.ToValidUTF8(e.Detail[:max(0, len(e.Detail)-2*over)], "")
		if text, err = s.message(e, true); err == nil && len(text) > maxDatagram {
			e.Detail, e.Subject = "", ""
			text, err = s.message(e, true)
		}
	}
	return []byte(text), err
}

// message is an entry as a message of RFC 5424. cut says that its detail is not whole.
func (s *Syslog) message(e Entry, cut bool) (string, error) {
	severity := notice
	if strings.HasSuffix(e.Action, "refused") {
		severity = warning
	}
	text, err := json.Marshal(e)
	if err != nil {
		return "", err
	}
	more := ""
	if cut {
		more = ` cut="yes"`
	}
	return fmt.Sprintf("<%d>1 %s %s nhitop %d %s [entry@%s seq=\"%d\" hash=\"%s\"%s] %s", facility*8+severity, e.At.UTC().Format("2006-01-02T15:04:05.000000Z"),
		headerWord(s.host, 255), os.Getpid(), headerWord(e.Action, 32), enterprise, e.Seq, e.Hash, more, text), nil
}

// headerWord is a text as a field of the header: printable ASCII without blanks, "-" for none.
func headerWord(s string, most int) string {
	var b strings.Builder
	for _, r := range s {
		if r <= ' ' || r > '~' {
			r = '-'
		}
		if b.Len() < most {
			b.WriteRune(r)
		}
	}
	return cmp.Or(b.String(), "-")
}

// close gives the connection back.
func (s *Syslog) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil {
		return nil
	}
	err := s.conn.Close()
	s.conn = nil
	return err
}

// sent remembers beside the log which entry syslog has last: what it missed is sent when it is back. An entry may come
// twice, when two processes write or one dies in between; its number tells.
type sent struct {
	To  string `json:"to"`
	Seq int    `json:"seq"`
}

func (l *Log) sentPath() string { return l.path + ".syslog" }

// forward sends on what syslog lacks, up to an entry that was just written. The caller holds l.mu.
func (l *Log) forward(e Entry) {
	if l.to == nil || time.Now().Before(l.retry) {
		return
	}
	at := sent{To: l.to.String(), Seq: e.Seq - 1}
	var was sent
	if data, err := os.ReadFile(l.sentPath()); err == nil && json.Unmarshal(data, &was) == nil && was.To == at.To {
		at.Seq = min(was.Seq, e.Seq-1)
	}
	missed := []Entry{e}
	if at.Seq < e.Seq-1 {
		all, err := l.List()
		if err != nil {
			l.unsent = err
			return
		}
		missed = missed[:0]
		for _, x := range all {
			if x.Seq > at.Seq && len(missed) < sendMost {
				missed = append(missed, x)
			}
		}
	}
	l.unsent = nil
	for _, x := range missed {
		if err := l.to.send(x); err != nil {
			l.unsent, l.retry = err, time.Now().Add(sendPause)
			break
		}
		at.Seq = x.Seq
	}
	data, err := json.Marshal(at)
	if err == nil {
		err = replaceFile(l.sentPath(), data, false)
	}
	if l.unsent == nil {
		l.unsent = err
	}
}

// Trouble says what of the log is not where the operator wants it: not sent on, or not signed. "" if there is nothing. The
// log itself is whole all the same.
func (l *Log) Trouble() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var parts []string
	if l.unsent != nil {
		parts = append(parts, fmt.Sprintf("audit log: syslog %s does not have all of it (%s); it is sent when it can be reached", l.to, inventory.Clean(l.unsent.Error())))
	}
	if l.signErr != nil {
		parts = append(parts, "audit log: not signed: "+inventory.Clean(l.signErr.Error()))
	}
	return strings.Join(parts, "; ")
}

// Close gives the connection to syslog back. What was not signed is not signed then: see [Log.Sign].
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.to == nil {
		return nil
	}
	return l.to.close()
}
