package migrate

import (
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// served are the API groups built into Kubernetes 1.34 with the versions it
// serves unless told otherwise; for extensions there is none left.
func served() map[string]map[string]bool {
	v1 := map[string]bool{"v1": true}
	return map[string]map[string]bool{
		"":                             v1,
		"admissionregistration.k8s.io": v1,
		"apiextensions.k8s.io":         v1,
		"apiregistration.k8s.io":       v1,
		"apps":                         v1,
		"authentication.k8s.io":        v1,
		"authorization.k8s.io":         v1,
		"autoscaling":                  {"v1": true, "v2": true},
		"batch":                        v1,
		"certificates.k8s.io":          v1,
		"coordination.k8s.io":          v1,
		"discovery.k8s.io":             v1,
		"events.k8s.io":                v1,
		"extensions":                   {},
		"flowcontrol.apiserver.k8s.io": v1,
		"networking.k8s.io":            v1,
		"node.k8s.io":                  v1,
		"policy":                       v1,
		"rbac.authorization.k8s.io":    v1,
		"resource.k8s.io":              v1,
		"scheduling.k8s.io":            v1,
		"storage.k8s.io":               v1,
	}
}

// successor is the API that took the place of one that is gone, where the
// fields are the same or a rule of this package moves them.
func successor(old schema.GroupVersionKind) (schema.GroupVersion, bool) {
	group, found := map[schema.GroupVersionKind]string{
		{Group: "extensions", Version: "v1beta1", Kind: "Deployment"}:                        "apps",
		{Group: "extensions", Version: "v1beta1", Kind: "DaemonSet"}:                         "apps",
		{Group: "apps", Version: "v1beta1", Kind: "Deployment"}:                              "apps",
		{Group: "apps", Version: "v1beta1", Kind: "StatefulSet"}:                             "apps",
		{Group: "apps", Version: "v1beta2", Kind: "DaemonSet"}:                               "apps",
		{Group: "apps", Version: "v1beta2", Kind: "Deployment"}:                              "apps",
		{Group: "apps", Version: "v1beta2", Kind: "StatefulSet"}:                             "apps",
		{Group: "batch", Version: "v1beta1", Kind: "CronJob"}:                                "batch",
		{Group: "extensions", Version: "v1beta1", Kind: "Ingress"}:                           "networking.k8s.io",
		{Group: "networking.k8s.io", Version: "v1beta1", Kind: "Ingress"}:                    "networking.k8s.io",
		{Group: "policy", Version: "v1beta1", Kind: "PodDisruptionBudget"}:                   "policy",
		{Group: "rbac.authorization.k8s.io", Version: "v1beta1", Kind: "ClusterRole"}:        "rbac.authorization.k8s.io",
		{Group: "rbac.authorization.k8s.io", Version: "v1beta1", Kind: "ClusterRoleBinding"}: "rbac.authorization.k8s.io",
		{Group: "rbac.authorization.k8s.io", Version: "v1beta1", Kind: "Role"}:               "rbac.authorization.k8s.io",
		{Group: "rbac.authorization.k8s.io", Version: "v1beta1", Kind: "RoleBinding"}:        "rbac.authorization.k8s.io",
	}[old]
	return schema.GroupVersion{Group: group, Version: "v1"}, found
}

// clusterScoped are the built-in kinds that are in no namespace.
func clusterScoped() map[schema.GroupKind]bool {
	kinds := map[schema.GroupKind]bool{}
	for group, names := range map[string][]string{
		"": {"Namespace", "Node", "PersistentVolume"},
		"admissionregistration.k8s.io": {
			"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration",
			"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding",
		},
		"apiextensions.k8s.io":         {"CustomResourceDefinition"},
		"apiregistration.k8s.io":       {"APIService"},
		"certificates.k8s.io":          {"CertificateSigningRequest"},
		"flowcontrol.apiserver.k8s.io": {"FlowSchema", "PriorityLevelConfiguration"},
		"networking.k8s.io":            {"IngressClass", "IPAddress", "ServiceCIDR"},
		"node.k8s.io":                  {"RuntimeClass"},
		"rbac.authorization.k8s.io":    {"ClusterRole", "ClusterRoleBinding"},
		"resource.k8s.io":              {"DeviceClass", "ResourceSlice"},
		"scheduling.k8s.io":            {"PriorityClass"},
		"storage.k8s.io":               {"CSIDriver", "CSINode", "StorageClass", "VolumeAttachment", "VolumeAttributesClass"},
	} {
		for _, kind := range names {
			kinds[schema.GroupKind{Group: group, Kind: kind}] = true
		}
	}
	return kinds
}

// Namespaced tells whether the kind is built in and its objects are in namespaces.
func Namespaced(kind schema.GroupVersionKind) bool {
	return BuiltIn(kind.Group) && !clusterScoped()[kind.GroupKind()]
}

// BuiltIn tells whether Kubernetes itself serves the API group.
func BuiltIn(group string) bool {
	_, builtIn := served()[group]
	return builtIn
}
