package customrule

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"

	"nhitop/inventory"
	"nhitop/inventory/strict"
)

// inspector looks at every node of an expression: it notes the names that are used, refuses what could go on for long or can
// never hold, and puts the count of steps into conditions.
type inspector struct {
	names map[string]bool
	wrong *file.Error // the first thing that is
}

func (v *inspector) refuse(n ast.Node, format string, args ...any) {
	if v.wrong == nil || n.Location().From < v.wrong.From {
		v.wrong = &file.Error{Location: n.Location(), Message: fmt.Sprintf(format, args...)}
	}
}

// Visit is called for every node, the inner ones first.
func (v *inspector) Visit(p *ast.Node) {
	switch n := (*p).(type) {
	case *ast.IdentifierNode:
		if n.Value == "$env" {
			v.refuse(n, "$env is not there; name the field itself")
		}
		v.names[n.Value] = true
	case *ast.MemberNode:
		if s, ok := n.Property.(*ast.StringNode); ok {
			v.names[s.Value] = true
			v.capability(n, s)
		}
	case *ast.BuiltinNode:
		if !slices.Contains(builtins, n.Name) {
			v.refuse(n, "unknown name %s", n.Name)
		}
	case *ast.VariableDeclaratorNode:
		v.refuse(n, "variables are not there; write it out")
	case *ast.SequenceNode:
		if !counted(n) {
			v.refuse(n, "one expression is asked for, not several")
		}
	case *ast.PredicateNode:
		if s, ok := n.Node.(*ast.SequenceNode); !ok || !counted(s) {
			v.names[stepName] = true
			n.Node = &ast.SequenceNode{Nodes: []ast.Node{&ast.CallNode{Callee: &ast.IdentifierNode{Value: stepName}}, n.Node}}
		}
	case *ast.BinaryNode:
		v.binary(n)
	}
}

// counted reports whether a sequence is one that counts a step first.
func counted(n *ast.SequenceNode) bool {
	if len(n.Nodes) != 2 {
		return false
	}
	call, ok := n.Nodes[0].(*ast.CallNode)
	if !ok {
		return false
	}
	id, ok := call.Callee.(*ast.IdentifierNode)
	return ok && id.Value == stepName
}

func (v *inspector) binary(n *ast.BinaryNode) {
	left, right := text(n.Left), text(n.Right)
	switch n.Operator {
	case "..":
		v.refuse(n, "ranges are not there; a condition looks at records")
	case "<", ">", "<=", ">=":
		if left != nil || right != nil {
			v.refuse(n, "texts have no order here; write them out: autonomy in [\"auto\", \"unattended\"]")
		}
	case "matches":
		if right == nil {
			v.refuse(n, "matches needs its pattern in quotes")
		}
	case "==", "!=":
		v.value(n.Left, right)
		v.value(n.Right, left)
	case "in":
		if list, ok := n.Right.(*ast.ArrayNode); ok {
			for _, x := range list.Nodes {
				v.value(n.Left, text(x))
			}
		}
	}
}

func text(n ast.Node) *ast.StringNode {
	s, _ := n.(*ast.StringNode)
	return s
}

// value refuses a text that a field never has: the rule would be silent, and nobody would know.
func (v *inspector) value(of ast.Node, s *ast.StringNode) {
	if s == nil {
		return
	}
	name := ""
	switch n := of.(type) {
	case *ast.IdentifierNode:
		name = n.Value
	case *ast.MemberNode:
		if p := text(n.Property); p != nil {
			name = p.Value
		}
		if answers(n) {
			name = "answer"
		}
	}
	known := values[name]
	if len(known) == 0 || slices.Contains(known, s.Value) {
		return
	}
	v.refuse(s, "%s is never %q; %s", name, inventory.Clean(s.Value), strict.Advise(s.Value, known))
}

// answers reports whether a node is the answer of one capability.
func answers(n *ast.MemberNode) bool {
	switch of := n.Node.(type) {
	case *ast.IdentifierNode:
		return of.Value == "capabilities" || of.Value == "promised"
	case *ast.MemberNode:
		p := text(of.Property)
		return p != nil && (p.Value == "capabilities" || p.Value == "promised")
	}
	return false
}

func (v *inspector) capability(n *ast.MemberNode, s *ast.StringNode) {
	if !answers(n) {
		return
	}
	var known []string
	for _, c := range inventory.Capabilities() {
		known = append(known, string(c))
	}
	if !slices.Contains(known, s.Value) {
		v.refuse(s, "no capability is called %q; %s", inventory.Clean(s.Value), strict.Advise(s.Value, known))
	}
}

// values are the texts that a field of the interface can have, where these are fixed. One name may mean several fields.
var values = map[string][]string{
	"class":           {"text-only", "nhi", "unknown"},
	"autonomy":        {"suggest", "ask", "auto-edit", "auto", "unattended", "unknown"},
	"headless":        {"", "suggest", "ask", "auto-edit", "auto", "unattended", "unknown"},
	"sandbox":         {"none", "workspace", "container", "vm", "unknown"},
	"network":         {"open", "allowlist", "none", ""},
	"storage":         {"plaintext", "environment", "keyring", "secrets-manager", "ci-secret", "provider", "encrypted", ""},
	"exposure":        {"none", "local", "committed", "shared", "leaked", ""},
	"state":           strings.Fields("live disabled revoked expired unknown read absent denied too-large unparsed version not-opened link-out not-regular vanished skipped"),
	"gate":            {"open", "asks", "blocked", ""},
	"level":           {"read", "write", "admin", ""},
	"transport":       {"stdio", "http", "sse", "builtin", ""},
	"answer":          {"no", "asks", "yes", "unknown"},
	"pinned":          {"no", "yes", "unknown", ""},
	"private_data":    {"no", "asks", "yes", "unknown"},
	"untrusted_input": {"no", "asks", "yes", "unknown"},
	"way_out":         {"no", "asks", "yes", "unknown"},
}
