//go:build e2e

// The specs for people who work with ginkgo or go test on an environment that
// meshcert up has made:
//
//	go test -tags e2e ./suites -kubeconfig ~/.local/state/meshcert/kubeconfig -release casablanca -focus tracing
package suites_test

import (
	"context"
	"flag"
	"path/filepath"
	"testing"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence/store"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe"
	"github.com/onap/meshcert/framework/observe/dump"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/tracer"
	"github.com/onap/meshcert/framework/verdict"
	"github.com/onap/meshcert/suites/all"
)

var (
	kubeconfig  = flag.String("kubeconfig", "", "the cluster's kubeconfig file")
	kubecontext = flag.String("context", "", "context in it; its current one by default")
	release     = flag.String("release", "casablanca", "the ONAP release that is installed")
	focus       = flag.String("focus", "", "topics, spec ids or globs over ids, separated by commas")
	closed      = flag.Bool("egress-closed", true, "the cluster has no way out")
)

func TestSpecs(t *testing.T) {
	if *kubeconfig == "" {
		t.Fatal("-kubeconfig is not set: run meshcert up, then name its kubeconfig")
	}
	ctx := context.Background()
	client, err := kube.New(*kubeconfig, *kubecontext)
	if err != nil {
		t.Fatal(err)
	}
	wanted, err := catalogue.Load(*release)
	if err != nil {
		t.Fatal(err)
	}
	selected, err := spec.Select(all.Specs(), spec.Selection{Focus: *focus})
	if err != nil {
		t.Fatal(err)
	}
	eyes, err := spec.Open(ctx, client, tracer.All()[0].Backend)
	if err != nil {
		t.Fatal(err)
	}
	artifacts := t.ArtifactDir()
	dumper := dump.New(client, spec.Namespace, observe.IstioNamespace)
	waivers, err := verdict.WaiversOf(*release, spec.Waivable(all.Specs()))
	if err != nil {
		t.Fatal(err)
	}
	tracing := tracer.All()[0]
	env := &spec.Env{
		Tracing: tracing, Waivers: waivers, Today: verdict.DayOf(time.Now()),
		Release: wanted, Policy: wanted.Policy, EgressClosed: *closed, Kube: client, Eyes: eyes,
		Store: func(id string) *store.Store { return store.Open(filepath.Join(artifacts, id)) },
		Dump: func(ctx context.Context, id string, objects []string) {
			if err := dumper.Dump(ctx, filepath.Join(artifacts, id), objects); err != nil {
				t.Log(err)
			}
		},
	}
	spec.Run("meshcert "+*release, spec.Cases(selected, env), func(r spec.Result) {
		if r.Verdict == verdict.Pass || r.Verdict == verdict.Skip {
			return
		}
		for _, f := range r.Findings {
			t.Error(report.FailureText(report.Spec{ID: r.Spec.ID, Topic: r.Spec.Topic(), Artifacts: filepath.Join(artifacts, r.Spec.ID)}, f))
		}
	})
}
