// Package firewall puts single rules into the filter table of this machine's
// IPv4 packet filter, counts what they matched and takes exactly them out
// again. A rule is the list of arguments after "iptables -I": the chain, then
// the match and the target. It needs root and the iptables program.
package firewall

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
)

// Available says why rules cannot be set by this process; nil when they can.
func Available() error {
	if os.Geteuid() != 0 {
		return errors.New("firewall rules need root")
	}
	if _, err := exec.LookPath("iptables"); err != nil {
		return errors.New("firewall rules need the program iptables (package iptables)")
	}
	return nil
}

// Insert puts the rule first in its chain; one that is there already stays where it is.
func Insert(ctx context.Context, rule []string) error {
	there, err := Present(ctx, rule)
	if err != nil || there {
		return err
	}
	_, err = iptables(ctx, append([]string{"-I"}, rule...)...)
	return err
}

// Present says whether the rule is in its chain; a chain that does not exist holds none.
func Present(ctx context.Context, rule []string) (bool, error) {
	_, err := iptables(ctx, append([]string{"-C"}, rule...)...)
	var exit *exec.ExitError
	if errors.As(err, &exit) && (exit.ExitCode() == 1 || exit.ExitCode() == 2) {
		return false, nil
	}
	return err == nil, err
}

// Remove takes every copy of the rule out of its chain. None being there is no error.
func Remove(ctx context.Context, rule []string) error {
	for {
		there, err := Present(ctx, rule)
		if err != nil || !there {
			return err
		}
		if _, err := iptables(ctx, append([]string{"-D"}, rule...)...); err != nil {
			return err
		}
	}
}

// Packets returns how many packets the rule of the chain with the comment has
// matched since it was set; found is false when no rule carries the comment.
func Packets(ctx context.Context, chain, comment string) (packets int, found bool, err error) {
	text, err := iptables(ctx, "-v", "-S", chain)
	if err != nil {
		return 0, false, err
	}
	return parsePackets(text, comment)
}

// parsePackets reads the listing of "iptables -v -S": rules as arguments, counters as "-c PACKETS BYTES".
func parsePackets(text, comment string) (packets int, found bool, err error) {
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		c, n := slices.Index(words, "--comment"), slices.Index(words, "-c")
		if c < 0 || c+1 >= len(words) || strings.Trim(words[c+1], `"`) != comment {
			continue
		}
		if n < 0 || n+1 >= len(words) {
			return 0, false, fmt.Errorf("firewall rule without counter: %s", strings.TrimSpace(line))
		}
		more, err := strconv.Atoi(words[n+1])
		if err != nil {
			return 0, false, fmt.Errorf("counter of firewall rule %s: %w", comment, err)
		}
		packets, found = packets+more, true
	}
	return packets, found, nil
}

// Forget removes every rule of the filter and nat tables that names the
// network interface. It is for what a container engine that was killed could
// not take back itself.
func Forget(ctx context.Context, link string) error {
	for _, table := range []string{"filter", "nat"} {
		text, err := iptables(ctx, "-t", table, "-S")
		if err != nil {
			return err
		}
		for _, rule := range naming(text, link) {
			if _, err := iptables(ctx, append([]string{"-t", table, "-D"}, rule...)...); err != nil {
				return err
			}
		}
	}
	return nil
}

// naming returns the rules of a listing that name the interface, each as the arguments after -A.
func naming(text, link string) [][]string {
	var rules [][]string
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) < 2 || words[0] != "-A" {
			continue
		}
		for i, w := range words[:len(words)-1] {
			if (w == "-i" || w == "-o") && words[i+1] == link {
				rules = append(rules, unquoted(words[1:]))
				break
			}
		}
	}
	return rules
}

func unquoted(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = strings.Trim(w, `"`)
	}
	return out
}

// iptables waits for the lock that other users of the packet filter may hold.
func iptables(ctx context.Context, args ...string) (string, error) {
	return run(ctx, "iptables", args...)
}

func run(ctx context.Context, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, append([]string{"-w", "10"}, args...)...)
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", program, strings.Join(args, " "), err, strings.TrimSpace(complaint.String()))
	}
	return out.String(), nil
}
