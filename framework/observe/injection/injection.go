// Package injection observes the sidecar injector and what it makes of pods, and
// changes its policy. Pods are only tried (server-side dry run), which the
// webhook allows (sideEffects None): none is made. The package guarantees that a
// pod that the API server refuses for a reason of its own is an error, and not a
// pod without a sidecar, and that it changes nothing of the injector's rules but
// the policy.
package injection

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe"
)

// The namespaces of ours that pods are tried in, with and without a label.
const (
	LabelledNamespace = "meshcert-injection"
	PlainNamespace    = "meshcert-no-injection"
)

const (
	namespaceLabel = "istio-injection"
	// inject is the pod's label and the pod's annotation.
	inject = "sidecar.istio.io/inject"
	// webhooks end in this name; the API server's errors name the webhook.
	webhooks = "sidecar-injector.istio.io"
	// account is the ServiceAccount that Kubernetes makes in every namespace.
	account = "default"
	// App is the name of a tried pod's own container.
	App = "app"
)

// Observer asks the API server.
type Observer struct{ kube *kube.Client }

// New returns an observer of the cluster.
func New(client *kube.Client) *Observer { return &Observer{kube: client} }

// prepareLimit is how long Kubernetes may take for a new namespace.
const prepareLimit = 30 * time.Second

// Prepare makes the namespaces that Try needs. Not to be allowed to is unmet.
func (o *Observer) Prepare(ctx context.Context) error {
	for name, labels := range map[string]map[string]string{
		LabelledNamespace: {namespaceLabel: "enabled"}, PlainNamespace: nil,
	} {
		err := o.kube.EnsureNamespace(ctx, name, labels)
		if !apierrors.IsForbidden(err) {
			err = kube.Until(ctx, "namespace "+name, prepareLimit, func(ctx context.Context) error { return o.ready(ctx, name, labels) })
		}
		if err != nil {
			return observe.NeedsRights(err)
		}
	}
	return nil
}

// ready makes a namespace, and says what it still lacks.
func (o *Observer) ready(ctx context.Context, name string, labels map[string]string) error {
	if err := o.kube.EnsureNamespace(ctx, name, labels); err != nil {
		return err
	}
	namespace, err := o.kube.Set.CoreV1().Namespaces().Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return fmt.Errorf("read namespace %s: %w", name, err)
	}
	if namespace.DeletionTimestamp != nil {
		return errors.New("it is being deleted")
	}
	if _, err := o.kube.Set.CoreV1().ServiceAccounts(name).Get(ctx, account, metav1.GetOptions{}); err != nil {
		return fmt.Errorf("read ServiceAccount %s/%s: %w", name, account, err)
	}
	return nil
}

// Remove deletes both namespaces and waits until they are gone.
func (o *Observer) Remove(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, name := range []string{LabelledNamespace, PlainNamespace} {
		group.Go(func() error { return o.kube.DeleteNamespace(ctx, name, time.Minute) })
	}
	return group.Wait()
}

// Try observes the injector, and what the API server would make of a pod of each
// case. Not to be allowed to is unmet. Namespaces labelled other than "enabled" or not at all are not tried.
func (o *Observer) Try(ctx context.Context, cases []evidence.InjectionCase) (evidence.Injection, error) {
	seen := evidence.Injection{Observed: time.Now().UTC(), Tries: make([]evidence.InjectionTry, len(cases))}
	var err error
	if seen.Injector, err = o.injector(ctx); err != nil {
		return evidence.Injection{}, observe.NeedsRights(err)
	}
	group, ctx := errgroup.WithContext(ctx)
	for i, c := range cases {
		group.Go(func() error {
			var err error
			seen.Tries[i], err = o.try(ctx, c)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return evidence.Injection{}, observe.NeedsRights(err)
	}
	return seen, nil
}

func (o *Observer) try(ctx context.Context, c evidence.InjectionCase) (evidence.InjectionTry, error) {
	namespace := map[string]string{"enabled": LabelledNamespace, "": PlainNamespace}[c.NamespaceLabel]
	if namespace == "" {
		return evidence.InjectionTry{}, evidence.Absent(evidence.Final, fmt.Errorf("try a pod: no namespace of ours has label %s=%s", namespaceLabel, c.NamespaceLabel))
	}
	made, err := o.kube.Set.CoreV1().Pods(namespace).Create(ctx, pod(namespace, c), metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	if err != nil && strings.Contains(err.Error(), webhooks) {
		return evidence.InjectionTry{Case: c, Refused: err.Error()}, nil
	}
	if err != nil {
		return evidence.InjectionTry{}, fmt.Errorf("try a pod in namespace %s: %w", namespace, err)
	}
	return evidence.InjectionTry{Case: c, Containers: names(made.Spec.Containers), InitContainers: names(made.Spec.InitContainers)}, nil
}

// pod is a pod of the case, which is never made: its image only has to be a valid name.
func pod(namespace string, c evidence.InjectionCase) *corev1.Pod {
	no, yes := false, true
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "injector-probe", Namespace: namespace},
		Spec: corev1.PodSpec{ServiceAccountName: account, Containers: []corev1.Container{{
			Name: App, Image: "meshcert.local/injector-probe",
			SecurityContext: &corev1.SecurityContext{RunAsNonRoot: &yes, AllowPrivilegeEscalation: &no},
		}}},
	}
	if c.Label != "" {
		p.Labels = map[string]string{inject: c.Label}
	}
	if c.Annotation != "" {
		p.Annotations = map[string]string{inject: c.Annotation}
	}
	return p
}

func names(containers []corev1.Container) []string {
	all := make([]string, len(containers))
	for i, c := range containers {
		all[i] = c.Name
	}
	return all
}
