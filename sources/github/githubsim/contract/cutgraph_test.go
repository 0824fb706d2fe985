package contract

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
	"github.com/vektah/gqlparser/v2/parser"
)

var publishedGraph = flag.String("graphql", "", "folder of the published package @octokit/graphql-schema: compare the cut with it")

// The cut is what the published schema says. The published file cannot be used as it is: it defines a field twice
// (EnterpriseOwnerInfo.repositoryDeployKeySetting), which a schema must not.
func TestCutIsOfThePublishedSchema(t *testing.T) {
	if *publishedGraph == "" {
		t.Skip("give -graphql FOLDER with the published package @octokit/graphql-schema")
	}
	text, err := os.ReadFile(filepath.Join(*publishedGraph, "schema.graphql"))
	if err != nil {
		t.Fatal(err)
	}
	full, gerr := parser.ParseSchema(&ast.Source{Input: string(text)})
	if gerr != nil {
		t.Fatal(gerr)
	}
	var b bytes.Buffer
	formatter.NewFormatter(&b, formatter.WithIndent("  ")).FormatSchemaDocument(cutGraph(t, full))
	same(t, graphFile, b.Bytes())
}

const (
	graphFile = "testdata/schema.graphql"
	typesFile = "testdata/types.txt"
)

// cutter keeps the types that are named, and those that their arguments and fields need.
type cutter struct {
	t    *testing.T
	full *ast.SchemaDocument
	keep map[string][]string
	out  map[string]*ast.Definition
}

func cutGraph(t *testing.T, full *ast.SchemaDocument) *ast.SchemaDocument {
	t.Helper()
	c := &cutter{t, full, map[string][]string{}, map[string]*ast.Definition{}}
	for _, l := range lines(t, typesFile) {
		name, fields, _ := strings.Cut(l, ":")
		c.keep[name] = strings.Fields(fields)
	}
	for name := range c.keep {
		c.named(name)
	}
	doc := &ast.SchemaDocument{}
	for _, d := range c.out {
		doc.Definitions = append(doc.Definitions, d)
	}
	slices.SortFunc(doc.Definitions, func(a, b *ast.Definition) int { return strings.Compare(a.Name, b.Name) })
	return doc
}

func (c *cutter) named(name string) {
	builtin := []string{"Int", "Float", "String", "Boolean", "ID"}
	if c.out[name] != nil || slices.Contains(builtin, name) {
		return
	}
	d := c.full.Definitions.ForName(name)
	if d == nil {
		c.t.Fatalf("%s is not in the schema", name)
	}
	cut := &ast.Definition{Kind: d.Kind, Name: name}
	c.out[name] = cut
	for _, v := range d.EnumValues {
		cut.EnumValues = append(cut.EnumValues, &ast.EnumValueDefinition{Name: v.Name})
	}
	if d.Kind == ast.Object || d.Kind == ast.Interface {
		if c.keep[name] == nil {
			c.t.Fatalf("%s is needed and not among the types that are kept", name)
		}
		for _, i := range d.Interfaces {
			if c.has(name, c.keep[i]) {
				cut.Interfaces = append(cut.Interfaces, i)
			}
		}
	}
	for _, m := range d.Types {
		if c.keep[m] != nil {
			cut.Types = append(cut.Types, m)
		}
	}
	c.fields(d, cut)
}

// has reports whether a type keeps all fields of an interface; it cannot be one without them.
func (c *cutter) has(name string, fields []string) bool {
	for _, f := range fields {
		if !slices.Contains(c.keep[name], f) {
			return false
		}
	}
	return len(fields) > 0
}

// fields takes over the fields that are kept; an input type keeps all.
func (c *cutter) fields(d, cut *ast.Definition) {
	for _, want := range c.keep[d.Name] {
		if d.Fields.ForName(want) == nil {
			c.t.Fatalf("%s.%s is not in the schema", d.Name, want)
		}
	}
	for _, f := range d.Fields {
		if d.Kind != ast.InputObject && !slices.Contains(c.keep[d.Name], f.Name) {
			continue
		}
		g := &ast.FieldDefinition{Name: f.Name, Type: f.Type, DefaultValue: f.DefaultValue}
		for _, a := range f.Arguments {
			g.Arguments = append(g.Arguments, &ast.ArgumentDefinition{Name: a.Name, Type: a.Type, DefaultValue: a.DefaultValue})
			c.named(a.Type.Name())
		}
		c.named(f.Type.Name())
		cut.Fields = append(cut.Fields, g)
	}
}
