//go:build live

package tracing

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/fault"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/judge/tracing"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/tracer"
	"github.com/onap/meshcert/framework/traffic"
	"github.com/onap/meshcert/framework/verdict"
)

var (
	kubeconfig = flag.String("kubeconfig", "", "the cluster's kubeconfig file; that of meshcert up by default")
	protocol   = flag.String("trace-protocol", "", "how sidecars send their spans to Jaeger meanwhile: zipkin or opentelemetry; as they do by default")
	installed  = flag.String("release", "casablanca", "the ONAP release that is installed")
)

const (
	// forward is the stand-ins' setting of which headers they pass on.
	forward = "MESHCERT_FORWARD"
	// turn is how long another meshcert may take before it is this test's turn.
	turn = 15 * time.Minute
	// rollout bounds the change of some Deployments, routing what MSB and the mesh
	// then take to lead there.
	rollout = 4 * time.Minute
	routing = 2 * time.Minute
	// quiet is how long no span may come before traces are taken for whole: sidecars
	// send theirs every half second. growing bounds the wait for that.
	quiet   = 4 * time.Second
	growing = 2 * time.Minute
)

// bench is a cluster whose stand-ins pass on what they are told to.
type bench struct {
	env     *spec.Env
	release *catalogue.Release
	// provider is the tracer of the sidecars, as they name it.
	provider string
	// forwards is how each caller is set.
	forwards map[string]string
}

// newBench takes the lock of the cluster and makes every caller pass all headers on.
func newBench(t *testing.T) *bench {
	t.Helper()
	places, err := config.DefaultPlaces(".", "")
	must(t, err)
	waiting, stop := context.WithTimeout(t.Context(), turn)
	defer stop()
	lock := flock.New(filepath.Join(places.State, "lock"))
	if _, err := lock.TryLockContext(waiting, time.Second); err != nil {
		t.Fatalf("another meshcert is at work: %v", err)
	}
	t.Cleanup(func() { must(t, lock.Unlock()) })

	release, err := catalogue.Load(*installed)
	must(t, err)
	if *kubeconfig == "" {
		*kubeconfig = filepath.Join(places.State, "kubeconfig")
	}
	client, err := kube.New(*kubeconfig, "")
	must(t, err)
	b := &bench{release: release, env: &spec.Env{Release: release, Kube: client}, forwards: map[string]string{}}
	b.env.Tracing.Backend = backend(t, client)
	b.env.Eyes, err = spec.Open(t.Context(), client, b.env.Tracing.Backend)
	must(t, err)
	b.takeOver(t)
	must(t, kube.Until(t.Context(), "the sidecars to trace in one way", rollout, b.traced))
	return b
}

// providers are the names of the mesh's tracing providers.
var providers = map[string]string{zipkin: "zipkin", opentelemetry: "otel"}

// traced learns by which tracer the sidecars trace.
func (b *bench) traced(ctx context.Context) error {
	seen, err := around(ctx, b.env, b.release.Paths...)
	if err != nil {
		return err
	}
	b.provider = *protocol
	for _, one := range seen.Tracers.Items {
		if b.provider == "" {
			b.provider = one.Provider
		}
		if one.Provider == "" || one.Provider != b.provider {
			return fmt.Errorf("the sidecar of %s traces by %q, others by %q: %s", one.Pod, one.Provider, b.provider, one.Error)
		}
	}
	return nil
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// backend is the one that is installed.
func backend(t *testing.T, client *kube.Client) tracer.Backend {
	t.Helper()
	for _, one := range tracer.All() {
		_, err := client.Set.AppsV1().Deployments(observe.IstioNamespace).Get(t.Context(), string(one.Backend), metav1.GetOptions{})
		if err == nil {
			return one.Backend
		}
		if !apierrors.IsNotFound(err) {
			t.Fatal(err)
		}
	}
	t.Fatal("neither Jaeger nor Zipkin is installed: run meshcert up")
	return ""
}

// takeOver makes every caller pass all headers on, as a fault whose ledger on the
// cluster knows how they were, and puts that back at the end.
func (b *bench) takeOver(t *testing.T) {
	t.Helper()
	f := fault.Fault{ID: "callers-forward-all", Layer: fault.Application, Breaks: "every calling stand-in passes all headers on"}
	for _, app := range callersOf(b.release) {
		w, _ := b.release.Workload(app)
		f.Apply = append(f.Apply, fault.Action{
			Edit: w.Object(spec.Namespace), Until: fault.AtOnce,
			With: fmt.Sprintf(`(.spec.template.spec.containers[] | select(.name == %q) | .env) += [{name: %q, value: %q}]`, w.Containers[0].Name, forward, passAll),
		})
		b.forwards[app] = passAll
	}
	if *protocol != "" {
		f.Apply = append(f.Apply, fault.Action{
			Edit: "Telemetry istio-system/mesh-default", With: fmt.Sprintf(`.spec.tracing[0].providers = [{name: %q}]`, providers[*protocol]),
		})
	}
	breaker := fault.New(b.env.Kube, nil, func(string) {})
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		err := errors.Join(b.env.Registrar.Remove(ctx), breaker.Clear(ctx, f.ID))
		if err == nil {
			err = b.untilAnswered(ctx)
		}
		must(t, err)
	})
	must(t, breaker.Apply(t.Context(), f))
}

// set makes the culprits pass on as they are told, and all others everything, and
// waits until that is how the paths are served.
func (b *bench) set(t *testing.T, culprits []string, how ...string) {
	t.Helper()
	for app, was := range b.forwards {
		want := passAll
		if slices.Contains(culprits, app) {
			want = how[0]
		}
		if want == was {
			continue
		}
		w, _ := b.release.Workload(app)
		patch, err := json.Marshal(map[string]any{"spec": map[string]any{"template": map[string]any{"spec": map[string]any{
			"containers": []any{map[string]any{"name": w.Containers[0].Name, "env": []any{map[string]any{"name": forward, "value": want}}}},
		}}}})
		must(t, err)
		_, err = b.env.Kube.Set.AppsV1().Deployments(spec.Namespace).Patch(t.Context(), w.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{FieldManager: kube.Manager})
		must(t, err)
		b.forwards[app] = want
	}
	must(t, kube.Until(t.Context(), "the callers to be as they are set", rollout, b.asSet))
	must(t, b.untilAnswered(t.Context()))
}

// asSet says which caller has not one ready pod of its setting.
func (b *bench) asSet(ctx context.Context) error {
	pods, err := b.env.Kube.Set.CoreV1().Pods(spec.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	for app, want := range b.forwards {
		w, _ := b.release.Workload(app)
		number := 0
		for _, p := range pods.Items {
			if kube.WorkloadOf(&p) != w.Name {
				continue
			}
			number++
			if states := kube.ContainerStates(&p); p.DeletionTimestamp != nil || len(states) > 0 || setting(p, w.Containers[0].Name) != want {
				return fmt.Errorf("pod %s is set to %q, ending %t, %q; wanted is %q", p.Name, setting(p, w.Containers[0].Name), p.DeletionTimestamp != nil, states, want)
			}
		}
		if number != 1 {
			return fmt.Errorf("%s has %d pods", w.Name, number)
		}
	}
	return nil
}

func setting(p corev1.Pod, container string) string {
	for _, c := range p.Spec.Containers {
		for _, e := range c.Env {
			if c.Name == container && e.Name == forward {
				return e.Value
			}
		}
	}
	return ""
}

// untilAnswered waits until each request is answered as it should be, thrice in a row.
func (b *bench) untilAnswered(ctx context.Context) error {
	for _, path := range b.release.Requests() {
		good := 0
		if err := kube.Until(ctx, "path "+path.ID+" to be served", routing, func(ctx context.Context) error {
			sent, err := b.env.Traffic.Send(ctx, path, traffic.Traced())
			if err != nil {
				return err
			}
			if good++; len(answered(path, sent)) > 0 {
				good = 0
			}
			if good < 3 {
				return fmt.Errorf("status %d", sent.Response.Status)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// asked is one request over a path, and what was said of it.
type asked struct {
	path     catalogue.Path
	sent     traffic.Sent
	seen     tracing.Seen
	findings []verdict.Finding
	// accused are the programs, or other objects, of findings that fail.
	accused []string
}

// over sends the requests of the paths, one after the other, and judges them when
// their traces are whole. Registrations, of which each has to end before the next
// begins, go on in the meantime.
func (b *bench) over(t *testing.T, paths ...catalogue.Path) []asked {
	t.Helper()
	var requests, registrations []asked
	for _, path := range paths {
		for range each {
			if one := (asked{path: path}); path.Requested() {
				requests = append(requests, one)
			} else {
				registrations = append(registrations, one)
			}
		}
	}
	group, ctx := errgroup.WithContext(t.Context())
	group.Go(func() error { return b.request(ctx, requests) })
	group.Go(func() error { return b.register(ctx, registrations) })
	must(t, group.Wait())
	all := slices.Concat(requests, registrations)
	for i := range all {
		b.judge(&all[i])
	}
	return all
}

// request sends each request and waits for all their traces.
func (b *bench) request(ctx context.Context, all []asked) error {
	for i := range all {
		var err error
		if all[i].sent, err = b.env.Traffic.Send(ctx, all[i].path, traffic.Options{Headers: traffic.Both, Sampled: true}); err != nil {
			return err
		}
		if wrong := answered(all[i].path, all[i].sent); len(wrong) > 0 {
			return fmt.Errorf("%s: want %s, got %s", wrong[0].Where, wrong[0].Want, wrong[0].Got)
		}
	}
	if len(all) == 0 {
		return nil
	}
	common, err := around(ctx, b.env, b.release.Requests()...)
	if err != nil {
		return err
	}
	for i := range all {
		all[i].seen = common
		all[i].seen.Parent = all[i].sent.SpanID
	}
	return untilQuiet(ctx, func(ctx context.Context) (int, error) { return b.find(ctx, all) })
}

// register makes kube2msb register something, and waits for the trace of that,
// time and again.
func (b *bench) register(ctx context.Context, all []asked) error {
	for i := range all {
		start := time.Now().UTC()
		if err := b.env.Registrar.Touch(ctx); err != nil {
			return err
		}
		if err := untilQuiet(ctx, func(ctx context.Context) (int, error) {
			var err error
			all[i].seen, err = registered(ctx, b.env, all[i].path, start)
			if err == nil && all[i].seen.Traces.Wanted == nil {
				err = errors.New("kube2msb has not registered anything yet")
			}
			return spans(all[i].seen), err
		}); err != nil {
			return err
		}
	}
	return nil
}

// find looks the traces of all requests up and counts their spans.
func (b *bench) find(ctx context.Context, all []asked) (int, error) {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(4)
	for i := range all {
		group.Go(func() error {
			var err error
			all[i].seen.Traces, err = find(ctx, b.env, all[i].path, all[i].sent)
			return err
		})
	}
	err := group.Wait()
	number := 0
	for _, one := range all {
		number += spans(one.seen)
	}
	return number, err
}

func spans(seen tracing.Seen) int {
	number := 0
	if seen.Traces.Wanted != nil {
		number = len(seen.Traces.Wanted.Spans)
	}
	for _, other := range seen.Traces.Others {
		number += len(other.Spans)
	}
	return number
}

// untilQuiet looks until there are spans and no more come.
func untilQuiet(ctx context.Context, look func(context.Context) (int, error)) error {
	number, since := 0, time.Now()
	return kube.Until(ctx, "no more spans to come", growing, func(ctx context.Context) error {
		now, err := look(ctx)
		if err != nil {
			return err
		}
		if now != number {
			number, since = now, time.Now()
		}
		if number == 0 || time.Since(since) < quiet {
			return fmt.Errorf("%d spans, the last %s ago", number, time.Since(since).Round(time.Second))
		}
		return nil
	})
}

// judge says what the specs say of a request where no gap is known.
func (b *bench) judge(one *asked) {
	one.findings = tracing.Judge(b.release, one.path, one.seen)
	if one.path.Requested() {
		header, value := one.seen.Untraced(b.release, one.path, one.sent.TraceID, one.sent.Traceparent)
		one.findings = append(one.findings, tracing.JudgeCarried(b.release, one.path, one.seen, header, value)...)
	}
	for _, f := range one.findings {
		if f.Verdict == verdict.Fail {
			one.accused = append(one.accused, b.name(f.Object))
		}
	}
	slices.Sort(one.accused)
	one.accused = slices.Compact(one.accused)
}

// name is the app whose workload the object is, else the object itself.
func (b *bench) name(of string) string {
	for _, w := range b.release.Workloads {
		if object.App(b.release, spec.Namespace, w.App) == of {
			return w.App
		}
	}
	return of
}
