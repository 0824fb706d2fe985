// Package allowrule reads the rules by which products let an action run without asking, and says which are too wide.
//
// It is: a small normal form of rules as different as Bash(npm run *), shell(git:*), mcp__github, /^git/, execute_bash and
// "npm", and one table of the programs that make a rule wide.
//
// It is not: an evaluation of one product's precedence (sources/local/mode), or a promise: a rule that is not wide by this
// table may still be unwise.
package allowrule
