package catalogue_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/internal/attack"
)

// small is a whole catalogue of two workloads.
const small = `name: small
title: two workloads
source: onap/oom 0a1b
policy: enabled
workloads:
- {name: msb-msb-iag, app: msb-iag, project: MSB, helmRelease: msb, annotation: "true", serviceAccount: msb,
   containers: [{name: msb-iag, image: "i:1", ports: [80]}], probes: {},
   initContainers: [{name: wait, image: "r:2", waitsFor: multicloud}],
   services: [{name: msb-iag, type: NodePort, ports: [{name: http, port: 80, nodePort: 30280}]}]}
- {name: multicloud-multicloud, app: multicloud, project: MultiCloud, helmRelease: multicloud, annotation: "", serviceAccount: multicloud,
   containers: [{name: multicloud, image: "m:1", ports: [9001]}], probes: {readiness: "tcp:9001 delay=1 period=1"},
   services: [{name: multicloud, type: ClusterIP, ports: [{name: http, port: 9001}]}],
   registrations: [{name: multicloud, version: v0, url: /api/multicloud/v0, port: 9001}]}
portal: [multicloud]
edges:
- {from: client, to: msb-iag, port: 80, protocol: http, when: identity}
- {from: msb-iag, to: multicloud, port: 9001, protocol: http, when: identity}
paths:
- {id: identity, text: an identity, method: GET, url: /api/multicloud/v0/x, status: 200, hops: [msb-iag, multicloud], dropsAt: multicloud, source: onap/multicloud}
endpoints:
- {url: /msb, status: 200, app: msb-iag}
gaps:
- {id: g, spec: tracing.identity, kind: headers-dropped, object: Deployment onap/multicloud-multicloud, text: drops, source: onap/multicloud}
`

// parse reads a catalogue; what it takes must answer all questions and be read again.
func parse(text string) (refused, broken error) {
	release, err := catalogue.Parse([]byte(text))
	if err != nil {
		return err, nil
	}
	for _, w := range release.Workloads {
		if names, _ := release.Expected(w, release.Policy); len(names) == 0 {
			broken = errors.Join(broken, errors.New("a workload without containers"))
		}
	}
	for _, p := range release.Paths {
		if _, known := release.Workload(p.Hops[0]); !known {
			broken = errors.Join(broken, errors.New("a path that begins nowhere"))
		}
	}
	again, err := yaml.Marshal(release)
	if err != nil {
		return nil, err
	}
	second, err := catalogue.Parse(again)
	if err != nil || !cmp.Equal(release, second) {
		return nil, errors.Join(broken, err, errors.New("written and read again it is another"))
	}
	return nil, broken
}

func TestCatalogueMalformed(t *testing.T) { attack.Parser(t, parse, []string{small}) }

func FuzzCatalogue(f *testing.F) { attack.FuzzParser(f, parse, small) }
