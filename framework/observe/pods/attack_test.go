package pods

import (
	"encoding/json"
	"errors"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
	"github.com/onap/meshcert/framework/internal/malform"
)

// listed is a pod as the API server writes it, and one it has only just taken.
const listed = `{"items":[
{"metadata":{"name":"msb-msb-iag-5d9c7b9f4c-8xk2p","namespace":"onap","labels":{"app":"msb-iag","pod-template-hash":"5d9c7b9f4c"},
 "ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"msb-msb-iag-5d9c7b9f4c","uid":"1","controller":true}]},
 "spec":{"nodeName":"node","serviceAccountName":"msb","initContainers":[{"name":"istio-init","image":"p"},{"name":"istio-proxy","image":"p","restartPolicy":"Always"}],
  "containers":[{"name":"msb-iag","image":"i:1"},{"name":"filebeat-onap","image":"f:1"}]},
 "status":{"phase":"Running","podIP":"10.244.0.7","conditions":[{"type":"Ready","status":"True"}],
  "initContainerStatuses":[{"name":"istio-proxy","ready":true,"restartCount":1,"state":{"running":{"startedAt":"2026-11-23T15:00:00Z"}}},
   {"name":"istio-init","ready":true,"state":{"terminated":{"exitCode":0,"reason":"Completed"}}}],
  "containerStatuses":[{"name":"msb-iag","ready":true,"imageID":"sha256:0a","restartCount":0,"state":{"running":{}}},
   {"name":"filebeat-onap","ready":false,"state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}},
{"metadata":{"name":"new","namespace":"onap"},"spec":{"containers":[{"name":"a","image":"b"}]},"status":{}}]}`

// observed reads pods as client-go decodes them: what has no status is not ready.
func observed(text string) (refused, broken error) {
	var list corev1.PodList
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return err, nil
	}
	for i := range list.Items {
		p := &list.Items[i]
		seen := read(p)
		switch {
		case len(seen.Containers) != len(p.Spec.Containers) || len(seen.InitContainers) != len(p.Spec.InitContainers):
			broken = errors.New("a container came or went")
		case len(p.Status.Conditions) == 0 && seen.Ready:
			broken = errors.New("a pod is ready that nobody says is")
		case len(p.Status.ContainerStatuses) == 0 && anyReady(seen.Containers):
			broken = errors.New("a container is ready that nobody says is")
		}
		broken = errors.Join(broken, attack.Storable(seen))
	}
	return nil, broken
}

func anyReady(all []evidence.Container) bool {
	for _, c := range all {
		if c.Ready || c.State != "" {
			return true
		}
	}
	return false
}

// TestPodsMalformed: refusing answers of somebody else is the API client's part.
func TestPodsMalformed(t *testing.T) {
	attack.Parser(t, observed, []string{listed}, malform.Foreign()...)
}

func FuzzPods(f *testing.F) { attack.FuzzParser(f, observed, listed) }
