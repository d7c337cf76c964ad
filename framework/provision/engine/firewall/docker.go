package firewall

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
)

// Footprint is what the packet filter looked like before an engine was
// started, as far as engines change it.
type Footprint struct {
	// Chains says that Docker's chains were there: another engine's, or one's that was there before.
	Chains bool `json:"chains"`
	// Policy is the filter table's FORWARD policy (ACCEPT or DROP) a program ("iptables", "ip6tables").
	Policy map[string]string `json:"policy"`
}

var programs = []string{"iptables", "ip6tables"}

// Look reads the footprint. A machine without iptables has an empty one.
func Look(ctx context.Context) (Footprint, error) {
	f := Footprint{Policy: map[string]string{}}
	for _, program := range programs {
		if _, err := exec.LookPath(program); err != nil {
			continue
		}
		text, err := run(ctx, program, "-S")
		if err != nil {
			if program == "ip6tables" {
				continue // a kernel without IPv6 has no table to list
			}
			return f, fmt.Errorf("look at the firewall: %w", err)
		}
		f.Policy[program] = policy(text)
		f.Chains = f.Chains || len(dockerChains(text)) > 0
	}
	return f, nil
}

// Restore removes the chains that an engine made, and its jumps to them, and
// gives FORWARD its former policy back. Where Docker's chains were there
// before, they stay: they are another's.
func Restore(ctx context.Context, before Footprint) error {
	if before.Chains {
		return nil
	}
	for _, program := range programs {
		former, known := before.Policy[program]
		if _, err := exec.LookPath(program); err != nil || !known {
			continue
		}
		for _, table := range []string{"nat", "filter"} {
			text, err := run(ctx, program, "-t", table, "-S")
			if err != nil {
				return fmt.Errorf("restore the firewall: %w", err)
			}
			for _, args := range removal(text) {
				if _, err := run(ctx, program, append([]string{"-t", table}, args...)...); err != nil {
					return fmt.Errorf("restore the firewall: %w", err)
				}
			}
		}
		if _, err := run(ctx, program, "-P", "FORWARD", former); err != nil {
			return fmt.Errorf("restore the firewall: %w", err)
		}
	}
	return nil
}

// removal turns a listing into the commands that remove Docker's chains: first
// the jumps from other chains, then the chains' content, then the chains.
func removal(text string) [][]string {
	chains := dockerChains(text)
	var commands [][]string
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) > 2 && words[0] == "-A" && !isDockerChain(words[1]) && isDockerChain(target(words)) {
			commands = append(commands, append([]string{"-D"}, unquoted(words[1:])...))
		}
	}
	for _, c := range chains {
		commands = append(commands, []string{"-F", c})
	}
	for _, c := range chains {
		commands = append(commands, []string{"-X", c})
	}
	return commands
}

func target(words []string) string {
	for i, w := range words[:len(words)-1] {
		if w == "-j" || w == "-g" {
			return words[i+1]
		}
	}
	return ""
}

func dockerChains(text string) []string {
	var chains []string
	for line := range strings.Lines(text) {
		if words := strings.Fields(line); len(words) == 2 && words[0] == "-N" && isDockerChain(words[1]) {
			chains = append(chains, words[1])
		}
	}
	return chains
}

// isDockerChain knows DOCKER, DOCKER-USER, DOCKER-ISOLATION-STAGE-1 and their like.
func isDockerChain(name string) bool {
	return name == "DOCKER" || strings.HasPrefix(name, "DOCKER-")
}

func policy(text string) string {
	for line := range strings.Lines(text) {
		if words := strings.Fields(line); len(words) == 3 && words[0] == "-P" && words[1] == "FORWARD" {
			return words[2]
		}
	}
	return "ACCEPT"
}
