package cage

// restrict does nothing more here: the operating system offers a program no such way.
func restrict(Spec) error { return nil }

// members is not known here.
func members(int) int { return 0 }
