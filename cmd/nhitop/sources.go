package main

import (
	"github.com/spf13/cobra"

	"nhitop/inventory"
	"nhitop/inventory/report"
)

func (c *cli) sourcesVerb() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "sources",
		Short: "Each source: what it can read, what it may revoke, its last status",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(format, report.ActFormats()); err != nil {
				return err
			}
			app, err := c.open(cmd.Context())
			if err != nil {
				return err
			}
			last := map[string]inventory.SourceStatus{}
			ended, err := app.Service.LastStatus()
			if err != nil {
				return err
			}
			for _, s := range ended {
				last[s.Name] = s
			}
			var infos []report.SourceInfo
			for _, f := range app.Service.Feeds() {
				x := report.SourceInfo{Name: f.Name, Kind: f.Kind, Reads: f.Reads, Revokes: f.Revokes, Needs: f.Needs,
					MayRevoke: f.Revoker != nil && f.MayRevoke && !app.Service.ReadOnly(), Status: inventory.SourceNever}
				if s, ok := last[f.Name]; ok {
					x.Last, x.Status = s, s.Status
				}
				infos = append(infos, x)
			}
			return report.Sources(c.out, format, infos, c.layout())
		},
	}
	formatFlag(cmd, &format, report.ActFormats())
	return cmd
}
