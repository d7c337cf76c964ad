package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/onap/meshcert/framework/config"
)

// outputFlag adds -o table|json.
func outputFlag(cmd *cobra.Command, format *string) {
	cmd.Flags().StringVarP(format, "output", "o", "table", "table or json")
}

// write prints value as JSON, or calls table.
func write(out io.Writer, format string, value any, table func(io.Writer)) error {
	switch format {
	case "table":
		table(out)
		return nil
	case "json":
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(value); err != nil {
			return fmt.Errorf("write JSON: %w", err)
		}
		return nil
	}
	return &config.UsageError{Field: "--output", Text: config.Unknown(format, []string{"table", "json"})}
}
