package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/onap/meshcert/framework/evidence"
)

// The pods of ours that requests are sent from (fixtures/addons/canary.yaml and
// client.yaml); both run the stand-in program.
var (
	canaryClient = place{namespace: "meshcert-canary", workload: "canary-client", container: "canary"}
	outsider     = place{namespace: "meshcert-client", workload: "client", container: "client"}
)

// standin is the program in both containers. It prints one JSON object, also
// when what it tried has failed.
const standin = "/usr/local/bin/standin"

// place is a container of a workload of ours.
type place struct{ namespace, workload, container string }

// insider is a place in a pod that is ready.
type insider struct {
	place
	observer *Observer
	pod      string
}

// enter finds a ready pod of the place.
func (o *Observer) enter(ctx context.Context, p place) (insider, error) {
	pods, err := o.pods.List(ctx, p.namespace)
	if err != nil {
		return insider{}, err
	}
	for _, pod := range pods.Items {
		if pod.Workload == p.workload && pod.Ready && !pod.Terminating {
			return insider{place: p, observer: o, pod: pod.Name}, nil
		}
	}
	return insider{}, evidence.Absent(evidence.Unmet,
		fmt.Errorf("find a ready pod of %s in namespace %s: none of %d pods is", p.workload, p.namespace, len(pods.Items)))
}

// run runs one command of the stand-in program and reads what it prints.
func (i insider) run(ctx context.Context, into any, command ...string) error {
	command = append([]string{standin}, command...)
	out, problem := i.observer.exec(ctx, i.namespace, i.pod, i.container, command...)
	if err := json.Unmarshal([]byte(out), into); err != nil {
		if problem != nil {
			return problem
		}
		return evidence.Absent(evidence.Final, fmt.Errorf("read the answer of %q in pod %s/%s: %w: %s", command, i.namespace, i.pod, err, out))
	}
	return nil
}

// ask looks up and dials everything of the probe from the client outside the mesh.
func (o *Observer) ask(ctx context.Context, probe Probe) (resolved, dialed map[string]string, err error) {
	client, err := o.enter(ctx, outsider)
	if err != nil {
		return nil, nil, err
	}
	return client.ask(ctx, probe)
}

// ask is (*Observer).ask from this pod.
func (i insider) ask(ctx context.Context, probe Probe) (resolved, dialed map[string]string, err error) {
	resolved, dialed = map[string]string{}, map[string]string{}
	for _, name := range probe.Names {
		var answer struct {
			Addresses []string `json:"addresses"`
			Error     string   `json:"error"`
		}
		if err := i.run(ctx, &answer, "lookup", name); err != nil {
			return nil, nil, err
		}
		if resolved[name], err = orError(strings.Join(answer.Addresses, ","), answer.Error); err != nil {
			return nil, nil, fmt.Errorf("look up %s in pod %s/%s: %w", name, i.namespace, i.pod, err)
		}
	}
	for _, address := range probe.Addresses {
		var answer struct {
			Connected bool   `json:"connected"`
			Error     string `json:"error"`
		}
		if err := i.run(ctx, &answer, "dial", address); err != nil {
			return nil, nil, err
		}
		text := ""
		if answer.Connected {
			text = "connected"
		}
		if dialed[address], err = orError(text, answer.Error); err != nil {
			return nil, nil, fmt.Errorf("dial %s in pod %s/%s: %w", address, i.namespace, i.pod, err)
		}
	}
	return resolved, dialed, nil
}

func orError(text, problem string) (string, error) {
	switch {
	case text != "":
		return text, nil
	case problem != "":
		return "error: " + problem, nil
	}
	return "", errors.New("the answer says neither what was found nor why nothing was")
}
