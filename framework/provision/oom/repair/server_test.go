package repair_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/kube/kubetest"
	"github.com/onap/meshcert/framework/provision/oom/repair"
)

// TestRights asks a real API server what the accounts may do after the repair:
// they read what their programs read, and nothing else.
func TestRights(t *testing.T) {
	client := kubetest.Start(t).Client
	if err := client.EnsureNamespace(t.Context(), "onap", nil); err != nil {
		t.Fatal(err)
	}
	admin := `---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: onap-msb-binding}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}, subjects: [{kind: ServiceAccount, name: msb, namespace: onap}]}`
	objects, _, err := repair.Objects(parse(t, shared+admin))
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range objects {
		if o.GetKind() == "Deployment" { // what they ask for is not in question
			continue
		}
		if err := client.Apply(t.Context(), "onap", o); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		account, verb, group, resource string
		want                           bool
	}{
		{"msb-kube2msb", "list", "", "pods", true},
		{"msb-kube2msb", "watch", "", "services", true},
		{"msb-kube2msb", "delete", "", "pods", false},
		{"msb-kube2msb", "get", "", "secrets", false},
		{"msb-msb-iag", "list", "", "pods", true},
		{"msb-msb-iag", "list", "", "services", false},
		{"msb-msb-consul", "list", "", "pods", false},
		{"msb", "list", "", "pods", true},
		{"msb", "get", "apps", "statefulsets", true},
		{"msb", "create", "", "pods", false},
		{"default", "list", "", "pods", false},
	} {
		review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
			User:               "system:serviceaccount:onap:" + c.account,
			ResourceAttributes: &authorizationv1.ResourceAttributes{Namespace: "onap", Verb: c.verb, Group: c.group, Resource: c.resource},
		}}
		// The server sees a new binding after a moment.
		err := kube.Until(t.Context(), "the server knows the rights", 10*time.Second, func(ctx context.Context) error {
			answer, err := client.Set.AuthorizationV1().SubjectAccessReviews().Create(ctx, review, metav1.CreateOptions{})
			if err == nil && answer.Status.Allowed != c.want {
				err = fmt.Errorf("allowed: %t, want %t", answer.Status.Allowed, c.want)
			}
			return err
		})
		if err != nil {
			t.Errorf("%s may %s %s: %v", c.account, c.verb, c.resource, err)
		}
	}
}
