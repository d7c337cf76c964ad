package kube

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

func TestRolledOut(t *testing.T) {
	three := int32(3)
	meta := metav1.ObjectMeta{Generation: 2}
	set := func(replicas *int32, observed int64, all, updated, available int32) runtime.Object {
		return &appsv1.StatefulSet{ObjectMeta: meta, Spec: appsv1.StatefulSetSpec{Replicas: replicas},
			Status: appsv1.StatefulSetStatus{ObservedGeneration: observed, Replicas: all, UpdatedReplicas: updated, AvailableReplicas: available}}
	}
	daemons := func(observed int64, desired, updated, available int32) runtime.Object {
		return &appsv1.DaemonSet{ObjectMeta: meta,
			Status: appsv1.DaemonSetStatus{ObservedGeneration: observed, DesiredNumberScheduled: desired, UpdatedNumberScheduled: updated, NumberAvailable: available}}
	}
	for name, c := range map[string]struct {
		object runtime.Object
		want   bool
	}{
		"one":                      {set(nil, 2, 1, 1, 1), true},
		"three":                    {set(&three, 2, 3, 3, 3), true},
		"nothing known yet":        {set(nil, 0, 0, 0, 0), false},
		"an older template":        {set(nil, 1, 1, 1, 1), false},
		"two of three":             {set(&three, 2, 2, 2, 2), false},
		"one of the old template":  {set(&three, 2, 3, 2, 3), false},
		"one is not available":     {set(&three, 2, 3, 3, 2), false},
		"on all nodes":             {daemons(2, 2, 2, 2), true},
		"on no node":               {daemons(2, 0, 0, 0), true},
		"on one of two":            {daemons(2, 2, 2, 1), false},
		"an old one on a node":     {daemons(2, 2, 1, 2), false},
		"an older set":             {daemons(1, 2, 2, 2), false},
		"a Deployment":             {&appsv1.Deployment{Status: appsv1.DeploymentStatus{Replicas: 1, UpdatedReplicas: 1, AvailableReplicas: 1}}, true},
		"a Deployment without pod": {&appsv1.Deployment{}, false},
		"something else":           {&appsv1.ReplicaSet{}, false},
	} {
		if got := rolledOut(c.object); got != c.want {
			t.Errorf("%s: got %t", name, got)
		}
	}
}
