package main

import (
	"github.com/spf13/cobra"
)

func downCommand() *cobra.Command {
	var s settings
	var cache bool
	cmd := &cobra.Command{
		Use:   "down",
		Short: "Removes what up made, also after a crash, and nothing else",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			conductor, err := s.conductor(cmd)
			if err != nil {
				return err
			}
			return ended(conductor.Down(cmd.Context(), cache))
		},
	}
	s.bind(cmd)
	cmd.Flags().BoolVar(&cache, "cache", false, "remove also what was built: images, and the private engine's data")
	return cmd
}
