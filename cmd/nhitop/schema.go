package main

import (
	"github.com/spf13/cobra"

	jsonform "nhitop/inventory/schema"
)

func (c *cli) schemaVerb() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "The JSON Schema of the records: what scan prints, and what file and exec sources take",
		Long: `Prints the JSON Schema (2020-12) of the interface nhitop/v1, made from the program's own types: of the document that
scan --format json prints, and under #/$defs/line of one line of --format jsonl. The same records are what the file source
reads and what a plugin writes.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return jsonform.Write(c.out) },
	}
}
