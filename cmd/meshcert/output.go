package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"github.com/onap/meshcert/framework/report/live"
)

// format is the value of -o: table or json.
type format string

func (f *format) String() string { return string(*f) }

func (f *format) Type() string { return "table|json" }

func (f *format) Set(value string) error {
	if value != "table" && value != "json" {
		return errors.New("must be table or json")
	}
	*f = format(value)
	return nil
}

// outputFormat is the value of --output-format: text or json.
type outputFormat live.Format

func (f *outputFormat) String() string { return string(*f) }

func (f *outputFormat) Type() string { return "text|json" }

func (f *outputFormat) Set(value string) error {
	if live.Format(value) != live.Text && live.Format(value) != live.JSON {
		return errors.New("must be text or json")
	}
	*f = outputFormat(value)
	return nil
}

// bindFormat adds --output-format text|json, for a run while it goes on.
func (s *settings) bindFormat(cmd *cobra.Command) {
	s.format = outputFormat(live.Text)
	cmd.Flags().Var(&s.format, "output-format", "what is printed while it runs: text for people; json: records and progress, one object a line")
	completeFlag(cmd, "output-format", oneOf(string(live.Text), string(live.JSON)))
}

// outputFlag adds -o table|json.
func outputFlag(cmd *cobra.Command, f *format) {
	*f = "table"
	cmd.Flags().VarP(f, "output", "o", "how to print it")
	completeFlag(cmd, "output", oneOf("table", "json"))
}

// write prints value as JSON, or calls table.
func write(out io.Writer, f format, value any, table func(io.Writer)) error {
	if f == "table" {
		table(out)
		return nil
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}

// tableWidth is the widest a table may be: a terminal of usual size shows it.
const tableWidth = 100

// newTable is a table with the given columns. A column with a width wraps at it;
// the widths are chosen so that the whole stays within tableWidth.
func newTable(out io.Writer, columns ...table.ColumnConfig) table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(out)
	t.SetStyle(table.StyleLight)
	t.Style().Format.Header = text.FormatDefault
	header := table.Row{}
	for i := range columns {
		header = append(header, columns[i].Name)
		columns[i].Number, columns[i].WidthMaxEnforcer = i+1, text.WrapSoft
		columns[i].Name = ""
	}
	t.AppendHeader(header)
	t.SetColumnConfigs(columns)
	return t
}
