package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/onap/meshcert/framework/config"
)

// exactlyOne refuses a command line without just one argument; what says which.
func exactlyOne(what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return &config.UsageError{Field: "arguments", Text: fmt.Sprintf("want one, %s; got %d", what, len(args))}
		}
		return nil
	}
}

// atLeastOne refuses a command line without an argument; what says which.
func atLeastOne(what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return &config.UsageError{Field: "arguments", Text: "want one or more, " + what}
		}
		return nil
	}
}

// atMost refuses more than n arguments; what says which there may be.
func atMost(n int, what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) > n {
			return &config.UsageError{Field: "arguments", Text: fmt.Sprintf("want at most %d, %s; got %d", n, what, len(args))}
		}
		return nil
	}
}

// group makes a command that only holds others: alone it shows its help, with a
// word that is none of them it is wrong use.
func group(cmd *cobra.Command) *cobra.Command {
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		var names []string
		for _, c := range cmd.Commands() {
			if !c.Hidden {
				names = append(names, c.Name())
			}
		}
		return &config.UsageError{Field: "command", Text: config.Unknown(args[0], names)}
	}
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	return cmd
}

// refuseFlag makes wrong use of what the flag library says, with the nearest flags.
func refuseFlag(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) || unknown.GetSpecifiedShortnames() != "" {
		return &config.UsageError{Field: "flags", Text: err.Error()}
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
	return &config.UsageError{Field: "flags", Text: config.Unknown("--"+unknown.GetSpecifiedName(), names)}
}
