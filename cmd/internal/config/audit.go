package config

import (
	"path/filepath"
	"strings"

	"nhitop/inventory/audit"
	"nhitop/inventory/strict"
)

// Audit is the table [audit]: where the audit log goes besides the state folder.
type Audit struct {
	Syslog  string `toml:"syslog"`
	SignKey string `toml:"sign_key"`
}

func (a Audit) check(name string, lines strict.Lines) []error {
	var errs []error
	if a.Syslog != "" {
		if _, err := audit.ParseSyslog(a.Syslog); err != nil {
			errs = append(errs, lines.Error(name, strict.Path{"audit", "syslog"}, err.Error()))
		}
	}
	if a.SignKey != "" && !filepath.IsAbs(a.SignKey) && !strings.HasPrefix(a.SignKey, "~/") {
		errs = append(errs, lines.Error(name, strict.Path{"audit", "sign_key"}, `must be an absolute path, or begin with "~/"`))
	}
	return errs
}

// OpenAudit gives what the table [audit] names; nil for what it does not. home is what "~/" stands for. A key that cannot be used is an
// error: who asks for signatures is not to find out later that there are none.
func (c *Config) OpenAudit(home string) (*audit.Syslog, *audit.Key, error) {
	var to *audit.Syslog
	var key *audit.Key
	var err error
	if c.Audit.Syslog != "" {
		if to, err = audit.ParseSyslog(c.Audit.Syslog); err != nil {
			return nil, nil, c.wrong(strict.Path{"audit", "syslog"}, err.Error())
		}
	}
	if path := c.Audit.SignKey; path != "" {
		if rest, ok := strings.CutPrefix(path, "~/"); ok {
			path = filepath.Join(home, rest)
		}
		if key, err = audit.OpenKey(path); err != nil {
			return nil, nil, c.wrong(strict.Path{"audit", "sign_key"}, err.Error())
		}
	}
	return to, key, nil
}
