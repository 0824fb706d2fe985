package allowrule

// Lets reports whether a rule lets a command line run without asking.
func (r Rule) Lets(command string) bool {
	switch r.Class {
	case All:
		return true
	case Shell:
		return r.Any || r.matcher()(command)
	}
	return false
}
