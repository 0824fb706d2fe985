package wire

import (
	"os"
	"os/user"
	"strconv"
	"strings"
)

// operator is who acts, for journal and audit log, and to tell one operator from another: NAME@HOST. It is the account that
// logged in, where Linux keeps that (the login uid of the audit subsystem, proc(5), which no later sudo or su changes and
// only root can set); else the account that called sudo; else the account that the program runs as. It says who somebody is
// as far as the operating system does: whoever may become another account there may also sign as that.
func operator(getenv func(string) string) string {
	login := ""
	if data, err := os.ReadFile("/proc/self/loginuid"); err == nil {
		login = strings.TrimSpace(string(data))
	}
	name := "unknown"
	if u, err := user.Current(); err == nil {
		name = accountOf(u, login, getenv("SUDO_USER"), user.LookupId)
	}
	if host, err := os.Hostname(); err == nil {
		name += "@" + host
	}
	return name
}

// noLogin is the login uid of a process that nobody logged in for.
const noLogin = "4294967295"

// accountOf chooses among the account of the process, that of the login and that of sudo.
func accountOf(me *user.User, login, sudo string, lookup func(uid string) (*user.User, error)) string {
	if _, err := strconv.ParseUint(login, 10, 32); err == nil && login != noLogin {
		if u, err := lookup(login); err == nil {
			return u.Username
		}
	}
	if sudo != "" {
		return sudo
	}
	return me.Username
}
