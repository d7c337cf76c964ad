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
	cmd := group(&cobra.Command{Use: "images", Short: "The images of an environment"})
	cmd.AddCommand(imagesListCommand(), imagesBuildCommand())
	return cmd
}

func imagesListCommand() *cobra.Command {
	var s settings
	var out format
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
			return write(cmd.OutOrStdout(), out, known, func(w io.Writer) { imagesTable(w, known) })
		},
	}
	s.bind(cmd)
	outputFlag(cmd, &out)
	return cmd
}

func imagesTable(out io.Writer, known []image.Known) {
	t := newTable(out, table.ColumnConfig{Name: "Image"}, table.ColumnConfig{Name: "Cached"}, table.ColumnConfig{Name: "What it is", WidthMax: 44})
	for _, k := range known {
		cached := "no"
		if k.Cached {
			cached = "yes"
		}
		t.AppendRow(table.Row{k.Ref, cached, k.About})
	}
	t.Render()
}

func imagesBuildCommand() *cobra.Command {
	return leading("build", "Builds every image from packages into the cache, the node image included", false, (*run.Conductor).BuildImages)
}

// buildNodeCommand is the process that kind's node-image builder gets for itself.
func buildNodeCommand() *cobra.Command {
	return &cobra.Command{
		Use:    run.BuildNodeCommand,
		Short:  "Builds the node image; for meshcert itself",
		Hidden: true,
		RunE: func(_ *cobra.Command, args []string) error {
			if err := image.BuildNode(args); err != nil {
				return fmt.Errorf("build the node image: %w", err)
			}
			return nil
		},
	}
}
