package wire

import (
	"errors"
	"os/user"
	"strings"
	"testing"
)

func TestWhoTheOperatorIs(t *testing.T) {
	lookup := func(uid string) (*user.User, error) {
		if uid == "1000" {
			return &user.User{Uid: uid, Username: "alice"}, nil
		}
		return nil, errors.New("no such account")
	}
	me := &user.User{Uid: "990", Username: "nhitop"}
	for _, c := range []struct{ login, sudo, want string }{
		{"1000", "bob", "alice"}, // what the kernel keeps is more than a variable
		{noLogin, "bob", "bob"},
		{"", "bob", "bob"},
		{noLogin, "", "nhitop"},
		{"", "", "nhitop"},
		{"2000", "bob", "bob"},
		{"x", "", "nhitop"},
	} {
		if got := accountOf(me, c.login, c.sudo, lookup); got != c.want {
			t.Errorf("login %q, sudo %q: %s, want %s", c.login, c.sudo, got, c.want)
		}
	}
	if got := operator(func(string) string { return "" }); !strings.Contains(got, "@") {
		t.Errorf("%q", got)
	}
}

// Who called sudo is told by the processes: a variable that anybody can write tells nothing.
func TestWhoCalledSudo(t *testing.T) {
	shell := func(parent int, uid string) status { return status{name: "bash", parent: parent, uid: uid, euid: uid} }
	sudo := func(parent int) status { return status{name: "sudo", parent: parent, uid: "0", euid: "0"} }
	for name, c := range map[string]struct {
		ps   map[int]status
		want string
	}{
		"no sudo":                        {map[int]status{9: shell(8, "990"), 8: shell(1, "990"), 1: shell(0, "0")}, ""},
		"sudo":                           {map[int]status{9: shell(8, "990"), 8: sudo(7), 7: shell(1, "1000"), 1: shell(0, "0")}, "1000"},
		"sudo with a terminal":           {map[int]status{9: shell(8, "990"), 8: sudo(7), 7: sudo(6), 6: shell(1, "1000"), 1: shell(0, "0")}, "1000"},
		"first root, then the account":   {map[int]status{9: shell(8, "990"), 8: sudo(7), 7: shell(6, "0"), 6: sudo(5), 5: shell(1, "1000"), 1: shell(0, "0")}, "1000"},
		"one that only is called so":     {map[int]status{9: shell(8, "990"), 8: {name: "sudo", parent: 7, uid: "990", euid: "990"}, 7: shell(1, "1000"), 1: shell(0, "0")}, ""},
		"whoever called it is gone":      {map[int]status{9: shell(8, "990"), 8: sudo(1), 1: shell(0, "0")}, ""},
		"processes of others are hidden": {map[int]status{9: shell(8, "990")}, ""},
		"in a circle":                    {map[int]status{9: shell(8, "990"), 8: shell(9, "990")}, ""},
	} {
		look := func(pid int) (status, bool) { s, ok := c.ps[pid]; return s, ok }
		if got := sudoCaller(9, look); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if s := parseStatus("Name:\tsudo\nPPid:\t7\nUid:\t1000\t0\t0\t0\n"); s != (status{"sudo", 7, "1000", "0"}) {
		t.Errorf("%+v", s)
	}
}
