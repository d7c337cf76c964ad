package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/report/certificate"
)

func keyCommand() *cobra.Command {
	cmd := group(&cobra.Command{Use: "key", Short: "Keys that sign certificates, and the files of those that are trusted"})
	cmd.AddCommand(keyNewCommand(), keyShowCommand(), keyListCommand(), keyTrustCommand(), keyRetireCommand(), keyRevokeCommand())
	return cmd
}

func keyNewCommand() *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "new",
		Short: "Makes an ed25519 key: a file for its owner alone, and its public half beside it",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			key, err := certificate.NewKey()
			if err != nil {
				return err
			}
			if err := key.Write(out); err != nil {
				return &config.UsageError{Field: "--out", Text: err.Error()}
			}
			public, err := key.Public(cmd.Context())
			fmt.Fprintf(cmd.OutOrStdout(), "key %s\nprivate half: %s (readable by you alone; it is not encrypted)\npublic half:  %s.pub\n", public.ID, out, out)
			return err
		},
	}
	cmd.Flags().StringVar(&out, "out", "meshcert.key", "file to write; its name with .pub holds the public half")
	completeFile(cmd, "out")
	return cmd
}

// shownKey is what key show prints.
type shownKey struct {
	ID     certificate.KeyID `json:"id"`
	Public string            `json:"public"`
}

func keyShowCommand() *cobra.Command {
	var out format
	cmd := &cobra.Command{
		Use:   "show FILE",
		Short: "Shows the id and the public half of a key",
		Args:  exactlyOne("FILE, a key or its public half"),

		ValidArgsFunction: first(paths),
		RunE: func(cmd *cobra.Command, args []string) error {
			public, err := readPublic(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			shown := shownKey{public.ID, string(public.PEM())}
			return write(cmd.OutOrStdout(), out, shown, func(w io.Writer) { fmt.Fprintf(w, "%s\n%s", shown.ID, shown.Public) })
		},
	}
	outputFlag(cmd, &out)
	return cmd
}

// readPublic reads the public half of a key, from its own file or from the key's.
func readPublic(ctx context.Context, path string) (certificate.PublicKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return certificate.PublicKey{}, &config.UsageError{Field: "FILE", Text: err.Error()}
	}
	if !bytes.Contains(text, []byte("PRIVATE KEY")) {
		public, err := certificate.ParsePublic(text)
		if err != nil {
			err = &config.UsageError{Field: "FILE", Text: path + ": " + err.Error()}
		}
		return public, err
	}
	key, err := certificate.ReadKey(path)
	if err != nil {
		return certificate.PublicKey{}, &config.UsageError{Field: "FILE", Text: err.Error()}
	}
	return key.Public(ctx)
}

func keyListCommand() *cobra.Command {
	var trusted string
	var out format
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Lists the keys that are trusted",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			keys, err := readTrusted(trusted)
			if err != nil {
				return err
			}
			return write(cmd.OutOrStdout(), out, keys.List(), func(w io.Writer) { keyTable(w, keys.List()) })
		},
	}
	trustedFlag(cmd, &trusted)
	outputFlag(cmd, &out)
	return cmd
}

func keyTable(out io.Writer, keys []certificate.TrustedKey) {
	t := newTable(out, table.ColumnConfig{Name: "Key, owner", WidthMax: 71}, table.ColumnConfig{Name: "Signs", WidthMax: 22})
	t.Style().Options.SeparateRows = true
	for _, k := range keys {
		about, signs := string(k.ID)+"\n"+k.Owner, "from "+k.From.Format(time.DateOnly)
		if !k.Until.IsZero() {
			signs += "\nuntil " + k.Until.Format(time.DateOnly)
		}
		if !k.Revoked.IsZero() {
			signs += "\nREVOKED " + k.Revoked.Format(time.DateOnly)
			about += "\nrevoked: " + k.Reason
		}
		t.AppendRow(table.Row{about, signs})
	}
	t.Render()
}

func trustedFlag(cmd *cobra.Command, trusted *string) {
	cmd.Flags().StringVar(trusted, "trusted-keys", "", "file of the keys that are trusted")
	completeFile(cmd, "trusted-keys")
}

// readTrusted reads the file of --trusted-keys.
func readTrusted(path string) (certificate.TrustedKeys, error) {
	if path == "" {
		return certificate.TrustedKeys{}, &config.UsageError{Field: "--trusted-keys", Text: "is missing; name the file of the keys that are trusted"}
	}
	keys, err := certificate.ReadTrusted(path)
	if err != nil {
		return keys, &config.UsageError{Field: "--trusted-keys", Text: err.Error()}
	}
	return keys, nil
}

// moment reads a flag's date, or date and time; without one it is now.
func moment(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Now(), nil
	}
	for _, form := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(form, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, &config.UsageError{Field: flag, Text: fmt.Sprintf("%q is no date; write it like 2027-12-31, or 2027-12-31T12:00:00Z", text)}
}

func keyTrustCommand() *cobra.Command {
	var trusted, owner, from, until string
	cmd := &cobra.Command{
		Use:   "trust FILE",
		Short: "Adds the public half of a key to those that are trusted; the file is made when it is not there",
		Args:  exactlyOne("FILE, the public half of a key"),

		ValidArgsFunction: first(paths),
		RunE: func(cmd *cobra.Command, args []string) error {
			public, err := readPublic(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			keys := certificate.TrustedKeys{}
			if _, err := os.Stat(trusted); trusted == "" || !errors.Is(err, fs.ErrNotExist) {
				if keys, err = readTrusted(trusted); err != nil {
					return err
				}
			}
			begins, err := moment("--from", from)
			if err != nil {
				return err
			}
			var ends time.Time
			if until != "" {
				if ends, err = moment("--until", until); err != nil {
					return err
				}
			}
			if keys, err = keys.Trust(public, owner, begins, ends); err != nil {
				return &config.UsageError{Field: "key", Text: err.Error()}
			}
			return changedKeys(cmd.OutOrStdout(), keys, trusted, fmt.Sprintf("key %s is trusted from %s", public.ID, begins.UTC().Format(time.RFC3339)))
		},
	}
	trustedFlag(cmd, &trusted)
	cmd.Flags().StringVar(&owner, "owner", "", "who signs with the key")
	cmd.Flags().StringVar(&from, "from", "", "since when the key signs (default now)")
	cmd.Flags().StringVar(&until, "until", "", "until when the key signs (default no end)")
	return cmd
}

// changedKeys writes the file of trusted keys and says what was done.
func changedKeys(out io.Writer, keys certificate.TrustedKeys, path, said string) error {
	if err := keys.Write(path); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s\n%s: %d keys\n", said, path, len(keys.List()))
	return nil
}

func keyRetireCommand() *cobra.Command {
	var trusted, until string
	cmd := &cobra.Command{
		Use:   "retire ID",
		Short: "Ends the time of a key: what it signed until then stays trusted",
		Args:  exactlyOne("ID, that of a trusted key"),

		ValidArgsFunction: first(trustedIDs),
		RunE: func(cmd *cobra.Command, args []string) error {
			keys, err := readTrusted(trusted)
			if err != nil {
				return err
			}
			at, err := moment("--until", until)
			if err != nil {
				return err
			}
			if keys, err = keys.Retire(certificate.KeyID(args[0]), at); err != nil {
				return &config.UsageError{Field: "ID", Text: err.Error()}
			}
			return changedKeys(cmd.OutOrStdout(), keys, trusted, fmt.Sprintf("key %s signs until %s", args[0], at.UTC().Format(time.RFC3339)))
		},
	}
	trustedFlag(cmd, &trusted)
	cmd.Flags().StringVar(&until, "until", "", "the last moment that it signs at (default now)")
	return cmd
}

func keyRevokeCommand() *cobra.Command {
	var trusted, reason string
	cmd := &cobra.Command{
		Use:   "revoke ID",
		Short: "Gives a key up: nothing that it signed is trusted any more",
		Args:  exactlyOne("ID, that of a trusted key"),

		ValidArgsFunction: first(trustedIDs),
		RunE: func(cmd *cobra.Command, args []string) error {
			keys, err := readTrusted(trusted)
			if err != nil {
				return err
			}
			if keys, err = keys.Revoke(certificate.KeyID(args[0]), time.Now(), reason); err != nil {
				return &config.UsageError{Field: "ID", Text: err.Error()}
			}
			return changedKeys(cmd.OutOrStdout(), keys, trusted, "key "+args[0]+" is revoked")
		},
	}
	trustedFlag(cmd, &trusted)
	cmd.Flags().StringVar(&reason, "reason", "", "why it is given up, for those who meet its certificates")
	return cmd
}

// trustedIDs completes the id of a key of --trusted-keys.
func trustedIDs(cmd *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
	keys, err := certificate.ReadTrusted(cmd.Flag("trusted-keys").Value.String())
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var ids []cobra.Completion
	for _, k := range keys.List() {
		ids = append(ids, cobra.CompletionWithDesc(string(k.ID), k.Owner))
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}
