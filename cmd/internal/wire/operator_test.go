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
