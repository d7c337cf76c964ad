package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/onap/meshcert/framework/provision/istio/canary"
)

// insider is a container with the stand-in program, which can look up and dial.
type insider struct {
	observer       *Observer
	namespace, pod string
	container      string
}

// clientPod finds the ready pod of the client outside the mesh.
func (o *Observer) clientPod(ctx context.Context) (insider, error) {
	from := canary.Outside()
	pods, err := o.pods.List(ctx, from.Namespace)
	if err != nil {
		return insider{}, err
	}
	for _, p := range pods.Items {
		if p.Workload == from.Workload && p.Ready && !p.Terminating {
			return insider{observer: o, namespace: from.Namespace, pod: p.Name, container: from.Container}, nil
		}
	}
	return insider{}, fmt.Errorf("find the client pod: no ready pod of %s in namespace %s", from.Workload, from.Namespace)
}

// run runs one command of the stand-in program, which prints one JSON object
// also when what it tried has failed.
func (i insider) run(ctx context.Context, into any, command ...string) error {
	command = append([]string{"/usr/local/bin/standin"}, command...)
	out, problem := i.observer.exec(ctx, i.namespace, i.pod, i.container, command...)
	if err := json.Unmarshal([]byte(out), into); err != nil {
		if problem != nil {
			return problem
		}
		return fmt.Errorf("read the answer of %q in pod %s/%s: %w: %s", command, i.namespace, i.pod, err, out)
	}
	return nil
}

// ask looks up and dials everything of the probe from the client pod.
func (o *Observer) ask(ctx context.Context, probe Probe) (resolved, dialed map[string]string, err error) {
	client, err := o.clientPod(ctx)
	if err != nil {
		return nil, nil, err
	}
	resolved, dialed = map[string]string{}, map[string]string{}
	for _, name := range probe.Names {
		var answer struct {
			Addresses []string `json:"addresses"`
			Error     string   `json:"error"`
		}
		if err := client.run(ctx, &answer, "lookup", name); err != nil {
			return nil, nil, err
		}
		resolved[name] = orError(strings.Join(answer.Addresses, ","), answer.Error)
	}
	for _, address := range probe.Addresses {
		var answer struct {
			Connected bool   `json:"connected"`
			Error     string `json:"error"`
		}
		if err := client.run(ctx, &answer, "dial", address); err != nil {
			return nil, nil, err
		}
		text := ""
		if answer.Connected {
			text = "connected"
		}
		dialed[address] = orError(text, answer.Error)
	}
	return resolved, dialed, nil
}

func orError(text, problem string) string {
	if text != "" {
		return text
	}
	return "error: " + problem
}
