package allowrule

import "testing"

func TestLets(t *testing.T) {
	for _, c := range []struct {
		rule, command string
		want          bool
	}{
		{"Bash(terraform destroy:*)", "terraform destroy -auto-approve", true},
		{"Bash(terraform plan:*)", "terraform destroy -auto-approve", false},
		{"Bash(git push --force)", "git push --force", true},
		{"Bash(*)", "rm -rf x", true},
		{"Read(**)", "rm -rf x", false},
	} {
		if got := Parse("claude-code", c.rule).Lets(c.command); got != c.want {
			t.Errorf("%s lets %q: %v", c.rule, c.command, got)
		}
	}
}
