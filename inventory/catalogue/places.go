package catalogue

import "slices"

// Opened reports whether the file's content is ever read. Databases, keyrings and binary stores are named, never opened.
// Transcripts are not opened either: they are named as places where secrets may end.
func (f *File) Opened() bool { return opened(f.Format) && f.Role != "transcript" }

// Opened reports whether the file's content is ever read.
func (f *CredentialFile) Opened() bool { return opened(f.Format) }

func opened(format string) bool {
	return format != "sqlite" && format != "keyring" && format != "binary"
}

// AllPaths returns the paths of every system, in order and without doubles: the home that is scanned may come from
// another system than the one that scans.
func (f *File) AllPaths() []string { return union(f.Paths, f.Linux, f.MacOS, f.Windows) }

// AllPaths returns the paths of every system, in order and without doubles.
func (f *CredentialFile) AllPaths() []string { return union(f.Paths, f.Linux, f.MacOS, f.Windows) }

// PathsFor returns the paths that hold on one system (runtime.GOOS), where the absence of the file is worth a word.
func (f *File) PathsFor(goos string) []string {
	return union(f.Paths, system(goos, f.Linux, f.MacOS, f.Windows))
}

// PathsFor returns the paths that hold on one system (runtime.GOOS).
func (f *CredentialFile) PathsFor(goos string) []string {
	return union(f.Paths, system(goos, f.Linux, f.MacOS, f.Windows))
}

// Precedence returns the file's rank, or that of its scope.
func (f *File) Precedence() int {
	if f.Rank != 0 {
		return f.Rank
	}
	switch f.Scope {
	case "system":
		return 10
	case "user":
		return 20
	case "project":
		return 30
	case "local":
		return 40
	case "managed":
		return 90
	}
	return 0
}

// Exists reports whether the file's presence shows that the assistant is in use.
func (f *File) Exists() bool {
	if f.Proves != nil {
		return *f.Proves
	}
	return f.Role != "instructions" && f.Scope != "system"
}

// File returns the row with that id, or nil.
func (a *Assistant) File(id string) *File {
	for i := range a.Files {
		if a.Files[i].ID == id {
			return &a.Files[i]
		}
	}
	return nil
}

// expand fills the lists of rows that a file takes from another one.
func (a *Assistant) expand() {
	for i := range a.Files {
		f := &a.Files[i]
		from := a.File(f.As)
		if f.As == "" || from == nil || from.As != "" {
			continue
		}
		f.Accounts = orElse(f.Accounts, from.Accounts)
		f.Versions = orElse(f.Versions, from.Versions)
		f.Used = orElse(f.Used, from.Used)
		f.Projects = orElse(f.Projects, from.Projects)
		f.Servers = orElse(f.Servers, from.Servers)
		f.Secrets = orElse(f.Secrets, from.Secrets)
		f.Settings = orElse(f.Settings, from.Settings)
		f.Ignore = orElse(f.Ignore, from.Ignore)
		f.ProvesBy = orElse(f.ProvesBy, from.ProvesBy)
		if f.Schema.Pointer == "" {
			f.Schema = from.Schema
		}
	}
}

func orElse[T any](own, other []T) []T {
	if len(own) > 0 {
		return own
	}
	return other
}

// system picks the list of one system. Other Unix systems keep their files where Linux does.
func system(goos string, linux, macos, windows []string) []string {
	switch goos {
	case "windows":
		return windows
	case "darwin":
		return macos
	}
	return linux
}

func union(lists ...[]string) []string {
	var out []string
	for _, l := range lists {
		for _, s := range l {
			if !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
	}
	return out
}
