package customrule

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"

	"nhitop/inventory"
	"nhitop/inventory/risk"
	"nhitop/inventory/strict"
)

const (
	maxNodes  = 200    // of one expression
	maxLength = 4000   // bytes of one expression
	memory    = 200000 // elements that lists made during one evaluation may have in all
)

// builtins are the functions of the language that are left in: each ends after one look at its arguments.
var builtins = []string{"all", "any", "none", "one", "filter", "map", "count", "find", "len", "sum", "min", "max", "lower", "upper", "trim",
	"split", "join", "keys", "values", "first", "last"}

// program is one compiled expression.
type program struct {
	env   *env
	code  *vm.Program
	names map[string]bool
	vms   sync.Pool
}

// envs are made when the first rule is read: most configurations have none.
var envs = sync.OnceValue(func() map[string]*env {
	m := map[string]*env{}
	for name, n := range nouns {
		m[name] = newEnv(n)
	}
	return m
})

// compile reads an expression about a noun that gives a value of a kind. The error says where in the expression, and what to
// do.
func compile(text, of string, kind reflect.Kind) (*program, error) {
	switch {
	case strings.TrimSpace(text) == "":
		return nil, errors.New("is empty; write an expression such as state == \"live\"")
	case len(text) > maxLength:
		return nil, fmt.Errorf("is longer than %d characters; make two rules of it", maxLength)
	}
	e := envs()[of]
	look := &inspector{names: map[string]bool{}}
	options := []expr.Option{expr.Env(reflect.New(e.typ).Elem().Interface()), expr.AsKind(kind), expr.MaxNodes(maxNodes), expr.Patch(look), expr.DisableAllBuiltins()}
	for _, b := range builtins {
		options = append(options, expr.EnableBuiltin(b))
	}
	code, err := expr.Compile(text, options...)
	if look.wrong != nil { // said by the one who knows more
		err = look.wrong.Bind(file.NewSource(text))
	}
	if err != nil {
		return nil, explain(err, e, kind)
	}
	return &program{env: e, code: code, names: look.names}, nil
}

// run evaluates the expression. It may be called from several goroutines.
func (p *program) run(m *risk.Matter) (out any, err error) {
	defer func() { // the engine recovers by itself; this is for what is filled in for it
		if x := recover(); x != nil {
			out, err = nil, fmt.Errorf("it crashed (%T)", x)
		}
	}()
	machine, _ := p.vms.Get().(*vm.VM)
	if machine == nil {
		machine = &vm.VM{MemoryBudget: memory}
	}
	defer p.vms.Put(machine)
	if out, err = machine.Run(p.code, p.env.of(m, p.names)); err != nil {
		return nil, errors.New(plain(err))
	}
	return out, nil
}

var (
	unknownName  = regexp.MustCompile(`^unknown name (\S+)$`)
	unknownField = regexp.MustCompile(`has no (?:field|method) (\S+)$`)
	sourcePlace  = regexp.MustCompile(`(?s) \(\d+:\d+\)\n.*$`)
	ownTime      = strings.NewReplacer("customrule.Time", "time", "interface {}", "any")
)

// explain says where an expression is wrong, with the nearest name for one that is not known.
func explain(err error, e *env, kind reflect.Kind) error {
	var at *file.Error
	if !errors.As(err, &at) {
		text := ownTime.Replace(records2words(err.Error()))
		if strings.HasPrefix(text, "expected ") {
			text = "must come to " + map[reflect.Kind]string{reflect.Bool: "true or false", reflect.String: "a text"}[kind] + "; " + strings.TrimPrefix(text, "expected "+kind.String()+", ")
		}
		return errors.New(text)
	}
	text := ownTime.Replace(records2words(at.Message))
	switch m, f := unknownName.FindStringSubmatch(at.Message), unknownField.FindStringSubmatch(at.Message); {
	case m != nil:
		text = fmt.Sprintf("unknown name %q; %s", inventory.Clean(m[1]), nearest(m[1], e.known(), "known here: "+strings.Join(e.known(), " ")))
	case f != nil:
		text = fmt.Sprintf("unknown field %q; %s", inventory.Clean(f[1]), nearest(f[1], allFields(), "the fields are those of nhitop scan --format json"))
	case strings.Contains(text, "mismatched types time") || strings.Contains(text, "and time)"):
		text += "; times are compared by days_since(...) and days_until(...)"
	case strings.HasPrefix(text, "array elements"):
		text += "; of a list, ask any(list, .field == \"...\")"
	}
	return errors.New(where(at) + text)
}

func where(at *file.Error) string {
	if at.Line > 1 {
		return fmt.Sprintf("line %d, column %d: ", at.Line, at.Column+1)
	}
	return fmt.Sprintf("column %d: ", at.Column+1)
}

// plain is an error of an evaluation on one line.
func plain(err error) string {
	var at *file.Error
	if errors.As(err, &at) {
		return where(at) + ownTime.Replace(records2words(sourcePlace.ReplaceAllString(at.Message, "")))
	}
	return ownTime.Replace(records2words(err.Error()))
}

// known are the names that an expression about the noun can begin with.
func (e *env) known() []string {
	var ks []string
	for i := range e.typ.NumField() {
		if n := e.typ.Field(i).Tag.Get("expr"); n != stepName {
			ks = append(ks, n)
		}
	}
	ks = append(ks, builtins...)
	slices.Sort(ks)
	return ks
}

var allFields = sync.OnceValue(func() []string {
	seen := map[string]bool{}
	var walk func(t reflect.Type)
	walk = func(t reflect.Type) {
		for t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
			t = t.Elem()
		}
		for i := 0; t.Kind() == reflect.Struct && i < t.NumField(); i++ {
			if n := t.Field(i).Tag.Get("expr"); n != "" && n != stepName {
				seen[n] = true
				walk(t.Field(i).Type)
			}
		}
	}
	for _, e := range envs() {
		walk(e.typ)
	}
	return inventory.SortedKeys(seen)
})

// nearest names the word that was meant, else what there is.
func nearest(name string, known []string, or string) string {
	if near := strict.Nearest(name, known); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return or
}

// records2words takes the types of records, which are long and say nothing to a person, out of a message.
func records2words(s string) string {
	for {
		at := strings.Index(s, "struct {")
		if at < 0 {
			return s
		}
		depth, end, quoted := 0, len(s), false
		for i := at; i < len(s) && end == len(s); i++ {
			switch c := s[i]; {
			case c == '\\':
				i++
			case c == '"':
				quoted = !quoted
			case quoted:
			case c == '{':
				depth++
			case c == '}':
				if depth--; depth == 0 {
					end = i + 1
				}
			}
		}
		s = s[:at] + "record" + s[end:]
	}
}
