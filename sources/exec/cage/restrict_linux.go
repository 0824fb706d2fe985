package cage

import (
	"bytes"
	"os"
	"strconv"

	"github.com/landlock-lsm/go-landlock/landlock"
	"golang.org/x/sys/unix"
)

// system are the folders of the operating system, which every program needs to read.
var system = []string{"/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/etc", "/opt", "/nix/store", "/var/lib/ca-certificates", "/run/systemd/resolve"}

var devices = []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"}

// restrict leaves the process what is named, as far as the kernel can. It also takes the way to new privileges.
func restrict(s Spec) error {
	if s.Procs > 0 && os.Getuid() != 0 {
		if err := limit(unix.RLIMIT_NPROC, int64(mine()+s.Procs)); err != nil {
			return err
		}
	}
	rules := []landlock.Rule{
		landlock.RODirs(system...).IgnoreIfMissing(), landlock.RWFiles(devices...).IgnoreIfMissing(),
		landlock.ROFiles(s.Program), landlock.RWDirs(s.Dir), landlock.RWDirs(s.Write...).IgnoreIfMissing(),
	}
	for _, p := range s.Read {
		if st, err := os.Stat(p); err == nil && st.IsDir() {
			rules = append(rules, landlock.RODirs(p))
		} else if err == nil {
			rules = append(rules, landlock.ROFiles(p))
		}
	}
	for _, port := range s.Ports {
		rules = append(rules, landlock.ConnectTCP(uint16(port)))
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return err
	}
	return landlock.V6.BestEffort().Restrict(rules...)
}

// each calls f with the fields after the name of /proc/PID/stat of every process, the state first.
func each(f func(pid string, stat [][]byte)) {
	d, err := os.Open("/proc")
	if err != nil {
		return
	}
	defer func() { _ = d.Close() }()
	names, _ := d.Readdirnames(-1)
	for _, n := range names {
		if n[0] < '0' || n[0] > '9' {
			continue
		}
		text, err := os.ReadFile("/proc/" + n + "/stat")
		if err != nil {
			continue
		}
		if i := bytes.LastIndexByte(text, ')'); i >= 0 {
			f(n, bytes.Fields(text[i+1:]))
		}
	}
}

// members counts the processes of a group.
func members(pgid int) int {
	n, want := 0, strconv.Itoa(pgid)
	each(func(_ string, stat [][]byte) {
		if len(stat) > 2 && string(stat[2]) == want {
			n++
		}
	})
	return n
}

// mine counts the processes of this user.
func mine() int {
	n, uid := 0, uint32(os.Getuid())
	each(func(pid string, _ [][]byte) {
		var st unix.Stat_t
		if unix.Stat("/proc/"+pid, &st) == nil && st.Uid == uid {
			n++
		}
	})
	return n
}
