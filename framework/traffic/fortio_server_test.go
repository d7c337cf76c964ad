package traffic_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/kube/kubetest"
	"github.com/onap/meshcert/framework/traffic"
)

// TestLoadPods makes and removes the load's pods on a real API server, whose
// controllers the test is.
func TestLoadPods(t *testing.T) {
	client := kubetest.Start(t).Client
	if err := client.EnsureNamespace(t.Context(), traffic.CanaryNamespace, nil); err != nil {
		t.Fatal(err)
	}
	fortio := traffic.NewFortio(client)
	t.Run("made", func(t *testing.T) { prepared(t, client, fortio) })
	t.Run("removed", func(t *testing.T) { removed(t, client, fortio) })
	t.Run("not allowed", func(t *testing.T) {
		config := rest.CopyConfig(client.Config)
		config.Impersonate = rest.ImpersonationConfig{UserName: "nobody"}
		nobody, err := kube.FromConfig(config)
		if err != nil {
			t.Fatal(err)
		}
		if err := traffic.NewFortio(nobody).Prepare(t.Context()); evidence.AbsenceOf(err) != evidence.Unmet {
			t.Errorf("%v, want one that is unmet", err)
		}
	})
}

func prepared(t *testing.T, client *kube.Client, fortio *traffic.Fortio) {
	group, ctx := errgroup.WithContext(t.Context())
	group.Go(func() error { return fortio.Prepare(ctx) })
	made := deployments(ctx, t, client, 4)
	for _, d := range made {
		wanted := "true"
		if strings.HasSuffix(d.Name, "-plain") {
			wanted = "false"
		}
		template := d.Spec.Template
		if got := template.Annotations["sidecar.istio.io/inject"]; got != wanted || template.Spec.Containers[0].Image != traffic.LoadImage || d.Labels[kube.ManagedBy] != kube.Manager {
			t.Errorf("%s: inject %s, image %s, labels %v", d.Name, got, template.Spec.Containers[0].Image, d.Labels)
		}
		d.Status = appsv1.DeploymentStatus{ObservedGeneration: d.Generation, Replicas: 1, UpdatedReplicas: 1, ReadyReplicas: 1, AvailableReplicas: 1}
		if _, err := client.Set.AppsV1().Deployments(d.Namespace).UpdateStatus(ctx, &d, metav1.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := group.Wait(); err != nil {
		t.Errorf("all are available: %v", err)
	}
}

// deployments waits until there are so many.
func deployments(ctx context.Context, t *testing.T, client *kube.Client, n int) []appsv1.Deployment {
	t.Helper()
	var seen []appsv1.Deployment
	err := kube.Until(ctx, "deployments", time.Minute, func(ctx context.Context) error {
		list, err := client.Set.AppsV1().Deployments(traffic.CanaryNamespace).List(ctx, metav1.ListOptions{})
		if err == nil && len(list.Items) != n {
			err = errors.New("another number of them")
		}
		if err == nil {
			seen = list.Items
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

// removed: a pod that is left is waited for and named.
func removed(t *testing.T, client *kube.Client, fortio *traffic.Fortio) {
	pods := client.Set.CoreV1().Pods(traffic.CanaryNamespace)
	left := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "load-server-plain-1", Labels: map[string]string{"part": "load"}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "fortio", Image: traffic.LoadImage}}},
	}
	if _, err := pods.Create(t.Context(), left, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if err := fortio.Remove(short); err == nil || !strings.Contains(err.Error(), "load-server-plain-1") {
		t.Errorf("%v, want the name of the pod that is left", err)
	}
	now := int64(0)
	if err := pods.Delete(t.Context(), left.Name, metav1.DeleteOptions{GracePeriodSeconds: &now}); err != nil {
		t.Fatal(err)
	}
	if err := fortio.Remove(t.Context()); err != nil {
		t.Error(err)
	}
	deployments(t.Context(), t, client, 0)
	services, err := client.Set.CoreV1().Services(traffic.CanaryNamespace).List(t.Context(), metav1.ListOptions{})
	if err != nil || len(services.Items) != 0 {
		t.Errorf("%d services are left, %v", len(services.Items), err)
	}
}

// TestLoadImage: the recipe makes the image that the pods run.
func TestLoadImage(t *testing.T) {
	text, err := os.ReadFile("../../fixtures/images/fortio/recipe.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Split(string(text), "\n"); !slices.Contains(lines, "image: "+traffic.LoadImage) {
		t.Errorf("the recipe does not make %s:\n%s", traffic.LoadImage, text)
	}
}
