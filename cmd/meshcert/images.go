package main

import (
	"fmt"
	"io"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/onap/meshcert/framework/provision/image"
	"github.com/onap/meshcert/framework/run"
)

func imagesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "images",
		Short: "The images of an environment",
	}
	cmd.AddCommand(imagesListCommand(), imagesBuildCommand())
	return cmd
}

func imagesListCommand() *cobra.Command {
	var s settings
	var format string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Lists the images with a recipe, and whether the cache has them",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			conductor, err := s.conductor(cmd)
			if err != nil {
				return err
			}
			known, err := conductor.Images(cmd.Context())
			if err != nil {
				return err
			}
			return write(cmd.OutOrStdout(), format, known, func(out io.Writer) { imagesTable(out, known) })
		},
	}
	s.bind(cmd)
	outputFlag(cmd, &format)
	return cmd
}

func imagesTable(out io.Writer, known []image.Known) {
	t := table.NewWriter()
	t.SetOutputMirror(out)
	t.SetStyle(table.StyleLight)
	t.AppendHeader(table.Row{"Image", "Cached", "What it is"})
	for _, k := range known {
		t.AppendRow(table.Row{k.Ref, k.Cached, k.About})
	}
	t.Render()
}

func imagesBuildCommand() *cobra.Command {
	var s settings
	cmd := &cobra.Command{
		Use:   "build",
		Short: "Builds every image from packages into the cache; the node image too where a container engine is",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			conductor, err := s.conductor(cmd)
			if err != nil {
				return err
			}
			return ended(conductor.BuildImages(cmd.Context()))
		},
	}
	s.bind(cmd)
	return cmd
}

// buildNodeCommand is the process that kind's node-image builder gets for itself.
func buildNodeCommand() *cobra.Command {
	return &cobra.Command{
		Use:    run.BuildNodeCommand,
		Short:  "Builds the node image; for meshcert itself",
		Hidden: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := image.BuildNode(args); err != nil {
				return fmt.Errorf("build the node image: %w", err)
			}
			return nil
		},
	}
}
