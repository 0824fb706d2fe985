package githubsim

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// conn is a list of which a query gets a page. at makes the node, edge what stands beside it.
type conn struct {
	n    int
	at   func(i int) gobj
	edge func(i int) obj
}

// connections are the fields that a page must be asked of.
var connections = set("organizations repositories membersWithRole teams rulesets branchProtectionRules bypassPullRequestAllowances bypassForcePushAllowances pushAllowances " +
	"reviewDismissalAllowances deployKeys environments protectionRules reviewers bypassActors rules collaborators repositoryTopics refs members")

func set(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}

func cursor(i int) string {
	return base64.StdEncoding.EncodeToString([]byte("cursor:" + strconv.Itoa(i)))
}

// behind is the index that a cursor points behind or before; -1 for a cursor that is none.
func behind(cursor any) int {
	text, isText := cursor.(string)
	if !isText {
		return -1
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return -1
	}
	i, err := strconv.Atoi(strings.TrimPrefix(string(raw), "cursor:"))
	if err != nil {
		return -1
	}
	return i
}

// page is the part of a connection that is asked for.
func (x conn) page(args map[string]any) (from, to int) {
	from, to = 0, x.n
	if a, given := args["after"]; given {
		from = min(behind(a)+1, x.n)
	}
	if b, given := args["before"]; given && behind(b) >= 0 {
		to = min(behind(b), x.n)
	}
	to = max(to, from)
	if first, given := whole(args["first"]); given {
		to = min(to, from+first)
	} else if last, given := whole(args["last"]); given {
		from = max(from, to-last)
	}
	return from, to
}

func (g *graph) connection(x conn, f *ast.Field, path []any) any {
	from, to := x.page(g.args(f))
	out := obj{}
	for _, sub := range g.fields(f.SelectionSet, "") {
		key := orText(sub.Alias, sub.Name)
		here := append(path[:len(path):len(path)], key)
		switch sub.Name {
		case "totalCount":
			out[key] = x.n
		case "pageInfo":
			out[key] = g.pageInfo(x.n, from, to, sub)
		case "nodes":
			list := make([]any, 0, to-from)
			for i := from; i < to; i++ {
				list = append(list, g.object(x.at(i), sub.SelectionSet, append(here[:len(here):len(here)], i-from)))
			}
			out[key] = list
		case "edges":
			out[key] = g.edges(x, from, to, sub, here)
		default:
			g.fail(&gerr{message: fmt.Sprintf("Field '%s' doesn't exist on the connection '%s'", sub.Name, f.Name)}, here)
		}
	}
	return out
}

func (g *graph) pageInfo(n, from, to int, f *ast.Field) obj {
	full := obj{"hasNextPage": to < n, "hasPreviousPage": from > 0, "startCursor": nil, "endCursor": nil}
	if to > from {
		full["startCursor"], full["endCursor"] = cursor(from), cursor(to-1)
	}
	out := obj{}
	for _, sub := range g.fields(f.SelectionSet, "") {
		out[orText(sub.Alias, sub.Name)] = full[sub.Name]
	}
	return out
}

func (g *graph) edges(x conn, from, to int, f *ast.Field, path []any) []any {
	list := make([]any, 0, to-from)
	for i := from; i < to; i++ {
		full := obj{}
		if x.edge != nil {
			full = x.edge(i)
		}
		full["cursor"] = cursor(i)
		one := obj{}
		for _, sub := range g.fields(f.SelectionSet, "") {
			key := orText(sub.Alias, sub.Name)
			if sub.Name == "node" {
				one[key] = g.object(x.at(i), sub.SelectionSet, append(path[:len(path):len(path)], i-from, key))
				continue
			}
			one[key] = full[sub.Name]
		}
		list = append(list, one)
	}
	return list
}
