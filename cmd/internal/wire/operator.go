package wire

import (
	"os"
	"os/user"
	"runtime"
	"strconv"
	"strings"
)

// operator is who acts, for journal and audit log, and to tell one operator from another: NAME@HOST. It is the account that
// logged in, where Linux keeps that (the login uid of the audit subsystem, proc(5), which no later sudo or su changes and
// only root can set); else the account that called sudo, as the processes show it and not an environment that anybody can
// write; else the account that the program runs as. It says who somebody is as far as the operating system does: whoever may
// become another account there may also sign as that.
func operator(getenv func(string) string) string {
	login := ""
	if data, err := os.ReadFile("/proc/self/loginuid"); err == nil {
		login = strings.TrimSpace(string(data))
	}
	if !isLogin(login) {
		login = sudoCaller(os.Getpid(), statusOf)
	}
	name := "unknown"
	if u, err := user.Current(); err == nil {
		sudo := ""
		if runtime.GOOS != "linux" { // which tells it by no process
			sudo = getenv("SUDO_USER")
		}
		name = accountOf(u, login, sudo, user.LookupId)
	}
	if host, err := os.Hostname(); err == nil {
		name += "@" + host
	}
	return name
}

// noLogin is the login uid of a process that nobody logged in for.
const noLogin = "4294967295"

func isLogin(uid string) bool {
	_, err := strconv.ParseUint(uid, 10, 32)
	return err == nil && uid != noLogin
}

// accountOf chooses among the account of the process, that of the login and that of sudo.
func accountOf(me *user.User, login, sudo string, lookup func(uid string) (*user.User, error)) string {
	if isLogin(login) {
		if u, err := lookup(login); err == nil {
			return u.Username
		}
	}
	if sudo != "" {
		return sudo
	}
	return me.Username
}

// status is what /proc/PID/status tells of a process.
type status struct {
	name   string
	parent int
	uid    string // real
	euid   string
}

func statusOf(pid int) (status, bool) {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	return parseStatus(string(data)), err == nil
}

func parseStatus(text string) (s status) {
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(line, ":")
		switch f := strings.Fields(value); {
		case len(f) == 0:
		case key == "Name":
			s.name = f[0]
		case key == "PPid":
			s.parent, _ = strconv.Atoi(f[0])
		case key == "Uid" && len(f) > 1:
			s.uid, s.euid = f[0], f[1]
		}
	}
	return s
}

// sudoCaller is the uid of the account that called the outermost sudo above a process; "" where none runs there. That a
// process is called sudo and runs as root only root can bring about, and who called it is the account of its parent.
func sudoCaller(pid int, look func(pid int) (status, bool)) (uid string) {
	const most = 64 // ancestors
	for range most {
		s, ok := look(pid)
		if !ok || s.parent <= 0 {
			return uid
		}
		above, ok := look(s.parent)
		if ok && s.name == "sudo" && s.euid == "0" && above.uid != "" && above.uid != "0" {
			uid = above.uid
		}
		pid = s.parent
	}
	return uid
}
