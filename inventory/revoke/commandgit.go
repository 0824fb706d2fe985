package revoke

import (
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"

	"nhitop/inventory"
)

// InGit says that a step is about a file that Git tracks, for [Step.Command]. The names are as Git has them, not as a screen
// shows them.
type InGit struct {
	Root    string `json:"root,omitempty"`    // the work tree, absolute; "": there is none here
	Clone   string `json:"clone,omitempty"`   // then the address to clone from
	Branch  string `json:"branch,omitempty"`  // to be cloned; "": the default one
	File    string `json:"file"`              // below the work tree, with slashes
	Says    string `json:"says,omitempty"`    // of the commit; "": that a secret is taken out
	History bool   `json:"history,omitempty"` // what the history keeps, and not what stands in the file now
}

// git is Git on a folder, which takes no name for a pattern. folder is one word of a shell.
func git(folder string) string { return "git --literal-pathspecs -C " + folder + " " }

// commit are the commands behind a change of the file in a work tree.
func (g *InGit) commit(folder string) string {
	file := literal(g.File)
	return git(folder) + "add -- " + file + " &&\n" + git(folder) + "commit -m " + literal(inventory.Clean(cmp.Or(g.Says, "Take a secret out of "+g.File))) + " -- " + file
}

// command is what is done about the file: to the history, in a clone that is made for it, or in the work tree behind change.
func (g *InGit) command(change string) string {
	switch {
	case g.Root == "" && g.Clone == "":
		return change
	case g.History:
		return g.history()
	case g.Root == "":
		if g.Says == "" {
			return g.clone() + g.keeps()
		}
		return g.clone()
	}
	lines := strings.Split(strings.TrimSuffix(change, "\n"), "\n")
	if last := &lines[len(lines)-1]; !strings.HasPrefix(*last, "#") {
		*last += " &&"
	}
	text := strings.Join(lines, "\n") + "\n" + g.commit(literal(g.Root)) + "\n"
	if g.Says == "" {
		text += Comment("git push comes then. What the history has already stays in it:") + g.log()
	}
	return text
}

func (g *InGit) log() string {
	return git(literal(g.Root)) + "log --oneline --all -- " + literal(g.File) + "\n"
}

// history shows where the file's history is, and says what rewriting it comes to. That is not done by a paste.
func (g *InGit) history() string {
	if g.Root == "" {
		return g.keeps()
	}
	return Comment("the commits that touched the file; each of them may hold the secret") + g.log() + g.keeps()
}

// keeps says how a history is rewritten, and at what cost. The name is shown here, and not meant to be run as it stands.
func (g *InGit) keeps() string {
	var b strings.Builder
	for _, line := range []string{
		"The history keeps it: end the credential at its issuer, whatever is done here. To rewrite the history, in a fresh clone (git clone",
		"--mirror), with the value in a file of mode 600 that holds the one line literal:VALUE==>REMOVED, and not on the command line:",
		"  git filter-repo --replace-text THAT-FILE",
		"or, to take the whole file out of every commit:",
		"  git filter-repo --invert-paths --path FILE, which is " + g.File,
		"  git push --force --mirror",
		"Every commit since gets another id: open branches and pull requests must be made anew, signatures are lost, everybody clones again.",
		"Forks, other clones and what the server keeps of old commits (pull requests, caches) still have it.",
	} {
		b.WriteString(Comment(line))
	}
	return b.String()
}

// branch is what the change is pushed on.
const branch = "take-a-secret-out"

// clone changes a file of which there is no work tree here, on a branch of its own: Git refuses an empty commit, and then
// nothing is pushed.
func (g *InGit) clone() string {
	from := ""
	if g.Branch != "" {
		from = "--branch=" + literal(g.Branch) + " "
	}
	return fmt.Sprintf("WORK=$(mktemp -d) &&\ngit clone %s-- %s \"$WORK\" &&\ngit -C \"$WORK\" checkout -b %s\n", from, literal(g.Clone), branch) +
		Comment("now change "+g.File+" in the folder that echo $WORK names; then:") +
		g.commit(`"$WORK"`) + " &&\n" + `git -C "$WORK" push -u origin ` + branch + "\n" + Comment("and open a pull request for it")
}

// literal is a text as one word of a shell in which nothing is filled in. What a terminal would obey, or nobody would see, is
// written as the numbers of its bytes.
func literal(s string) string {
	if body := strings.TrimRight(s, "\n"); body != s { // a shell drops line ends at the end of what a command printed
		return literal(body) + "'" + s[len(body):] + "'"
	}
	if len(s) < 4<<10 && inventory.Clean(s) != s {
		var b strings.Builder
		for len(s) > 0 {
			_, n := utf8.DecodeRuneInString(s)
			if c := s[:n]; inventory.Clean(c) == c && c != `\` && c != "'" {
				b.WriteString(c)
			} else {
				for _, x := range []byte(c) {
					fmt.Fprintf(&b, `\0%03o`, x)
				}
			}
			s = s[n:]
		}
		return `"$(printf %b '` + b.String() + `')"`
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
