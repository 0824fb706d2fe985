package wire

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nhitop/inventory/posture"
)

// getenv is an environment of these variables only.
func getenv(kv ...string) func(string) string {
	return func(name string) string {
		for i := 0; i < len(kv); i += 2 {
			if kv[i] == name {
				return kv[i+1]
			}
		}
		return ""
	}
}

func TestStateDir(t *testing.T) {
	for name, c := range map[string]struct {
		o    Options
		want string
	}{
		"flag":             {Options{State: "/s", Getenv: getenv("NHITOP_STATE", "/e", "XDG_STATE_HOME", "/x", "HOME", "/h")}, "/s"},
		"variable":         {Options{Getenv: getenv("NHITOP_STATE", "/e", "XDG_STATE_HOME", "/x", "HOME", "/h")}, "/e"},
		"XDG":              {Options{Getenv: getenv("XDG_STATE_HOME", "/x", "HOME", "/h")}, "/x/nhitop"},
		"relative XDG":     {Options{Getenv: getenv("XDG_STATE_HOME", "x", "HOME", "/h")}, "/h/.local/state/nhitop"},
		"home":             {Options{Getenv: getenv("HOME", "/h")}, "/h/.local/state/nhitop"},
		"not that of scan": {Options{Home: "/other", Getenv: getenv("HOME", "/h")}, "/h/.local/state/nhitop"},
	} {
		if got, err := StateDir(c.o); err != nil || got != c.want {
			t.Errorf("%s: %s, %v; want %s", name, got, err, c.want)
		}
	}
}

func TestConfigFile(t *testing.T) {
	home := t.TempDir()
	file := filepath.Join(home, ".config", "nhitop", "config.toml")
	if got, err := configFile(Options{Getenv: getenv("HOME", home)}); err != nil || got != "" {
		t.Errorf("%q %v", got, err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for want, o := range map[string]Options{
		"/flag": {Config: "/flag", Getenv: getenv("NHITOP_CONFIG", "/env", "HOME", home)},
		"/env":  {Getenv: getenv("NHITOP_CONFIG", "/env", "HOME", home)},
		file:    {Getenv: getenv("HOME", home)},
	} {
		if got, err := configFile(o); err != nil || got != want {
			t.Errorf("%q %v, want %q", got, err, want)
		}
	}
}

func options(t *testing.T, config string) Options {
	t.Helper()
	dir := t.TempDir()
	o := Options{State: filepath.Join(dir, "state"), Home: filepath.Join(dir, "home"), Paths: []string{dir}, Getenv: getenv("HOME", filepath.Join(dir, "home"))}
	if err := os.Mkdir(o.Home, 0o700); err != nil {
		t.Fatal(err)
	}
	if config != "" {
		o.Config = filepath.Join(dir, "config.toml")
		if err := os.WriteFile(o.Config, []byte(config), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

func TestReadOnlyComesFromEitherSide(t *testing.T) {
	for name, c := range map[string]struct {
		config string
		flag   bool
		want   bool
	}{"neither": {"", false, false}, "flag": {"", true, true}, "file": {"read_only = true", false, true}, "the file cannot take the flag back": {"read_only = false", true, true}} {
		o := options(t, c.config)
		o.ReadOnly = c.flag
		app, err := Open(o)
		if err != nil || app.Service.ReadOnly() != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLocalRevokesUnlessSwitchedOff(t *testing.T) {
	for config, want := range map[string]bool{"": true, "[sources.local]\nrevoke = false": false, "[sources.local]\nrevoke = true": true} {
		app, err := Open(options(t, config))
		if err != nil {
			t.Fatal(err)
		}
		f := app.Service.Feeds()
		if len(f) != 2 || f[0].Name != "local" || f[0].Revoker == nil || f[0].MayRevoke != want {
			t.Errorf("%q: %+v", config, f)
		}
		if f[1].Name != "issuers" || f[1].MayRevoke { // it asks when the operator agrees, and ends nothing unless it is switched on
			t.Errorf("%q: %+v", config, f[1])
		}
	}
}

func TestSourcesHaveNamesOfTheirOwn(t *testing.T) {
	o := options(t, "[[sources.local]]\n[[sources.local]]\nrevoke = false")
	if _, err := Open(o); err == nil || !strings.Contains(err.Error(), o.Config+`:2: sources.local[2]: name: another table has the name "local"`) {
		t.Errorf("%v", err)
	}
}

func TestWhatSourcesGetOfTheProgram(t *testing.T) {
	o := options(t, "")
	app, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	for version, want := range map[string]string{"": "nhitop/dev", "1.2.3": "nhitop/1.2.3"} {
		o.Version = version
		env, err := environment(o, app.Config)
		if err != nil || env.UserAgent != want || env.Getenv == nil || env.Getenv("HOME") != o.Home {
			t.Errorf("%q %v", env.UserAgent, err)
		}
	}
}

func TestChoose(t *testing.T) {
	feeds := []posture.Feed{{Name: "local", Kind: "local"}, {Name: "forge:a", Kind: "forge"}, {Name: "forge:b", Kind: "forge"}}
	for words, want := range map[string]int{"": 3, "local": 1, "forge": 2, "forge:b": 1, "local forge:a": 2, "local local": 1} {
		if got, err := choose(feeds, strings.Fields(words)); err != nil || len(got) != want {
			t.Errorf("%q: %d, %v", words, len(got), err)
		}
	}
	if _, err := choose(feeds, []string{"local", "forgee"}); err == nil || !strings.Contains(err.Error(), "forgee") {
		t.Errorf("%v", err)
	}
}

func TestScopesAreKeptApart(t *testing.T) {
	seen := map[string]bool{}
	for _, change := range []func(*Options){
		func(*Options) {},
		func(o *Options) { o.Home = filepath.Dir(o.Home) },
		func(o *Options) { o.Paths = append(o.Paths, o.Home) },
	} {
		o := options(t, "")
		o.Home, o.Paths = os.TempDir(), []string{os.TempDir()}
		change(&o)
		app, err := Open(o)
		if err != nil {
			t.Fatal(err)
		}
		env, err := environment(o, app.Config)
		if err != nil {
			t.Fatal(err)
		}
		seen[scope(env, app.Config)] = true
	}
	if len(seen) != 3 {
		t.Errorf("%d scopes of 3", len(seen))
	}
}

func TestLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	log, closer, err := Log(path)
	if err != nil {
		t.Fatal(err)
	}
	log.Info("one")
	if err := closer.Close(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 || info.Size() == 0 {
		t.Errorf("%v %v", info, err)
	}
	if _, _, err := Log(t.TempDir()); err == nil {
		t.Error("a folder is taken for a log")
	}
	quiet, closer, err := Log("")
	if err != nil || closer.Close() != nil {
		t.Fatal(err)
	}
	quiet.Info("nothing")
}
