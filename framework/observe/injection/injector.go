package injection

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe"
)

const (
	// configMap holds the injector's rules ("config") and the chart's values ("values").
	configMap = "istio-sidecar-injector"
	istiod    = "istiod"
	// nativeSetting is the variable of istiod that decides the sidecars' form.
	nativeSetting = "ENABLE_NATIVE_SIDECARS"
)

// Injector observes the injector's webhooks, their rules and istiod's setting.
func (o *Observer) Injector(ctx context.Context) (evidence.Injector, error) {
	seen, err := o.injector(ctx)
	return seen, observe.Absent(err)
}

// injector observes the webhooks, their rules and istiod's setting.
func (o *Observer) injector(ctx context.Context) (evidence.Injector, error) {
	rules, err := o.kube.Set.CoreV1().ConfigMaps(observe.IstioNamespace).Get(ctx, configMap, metav1.GetOptions{})
	if err != nil {
		return evidence.Injector{}, fmt.Errorf("read the injector's rules, ConfigMap %s/%s: %w", observe.IstioNamespace, configMap, err)
	}
	seen, err := decodeRules(rules.Data["config"], rules.Data["values"])
	if err != nil {
		return evidence.Injector{}, evidence.Absent(evidence.Final, fmt.Errorf("read the injector's rules, ConfigMap %s/%s: %w", observe.IstioNamespace, configMap, err))
	}
	webhooks, err := o.kube.Set.AdmissionregistrationV1().MutatingWebhookConfigurations().List(ctx, metav1.ListOptions{LabelSelector: "app=sidecar-injector"})
	if err != nil {
		return evidence.Injector{}, fmt.Errorf("list the injection webhooks: %w", err)
	}
	if seen.Webhooks, err = decodeWebhooks(webhooks.Items); err != nil {
		return evidence.Injector{}, evidence.Absent(evidence.Final, err)
	}
	deployment, err := o.kube.Set.AppsV1().Deployments(observe.IstioNamespace).Get(ctx, istiod, metav1.GetOptions{})
	if err != nil {
		return evidence.Injector{}, fmt.Errorf("read Deployment %s/%s: %w", observe.IstioNamespace, istiod, err)
	}
	seen.NativeSidecars = variable(deployment.Spec.Template.Spec.Containers, nativeSetting)
	nodes, err := o.kube.Set.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return evidence.Injector{}, fmt.Errorf("list nodes: %w", err)
	}
	for _, n := range nodes.Items {
		seen.Kubelets = append(seen.Kubelets, n.Status.NodeInfo.KubeletVersion)
	}
	slices.Sort(seen.Kubelets)
	seen.Kubelets = slices.Compact(seen.Kubelets)
	return seen, nil
}

// rules are what judges read of the ConfigMap's entry "config".
type rules struct {
	Policy string                 `json:"policy"`
	Always []metav1.LabelSelector `json:"alwaysInjectSelector"`
	Never  []metav1.LabelSelector `json:"neverInjectSelector"`
}

// values are what judges read of the ConfigMap's entry "values".
type values struct {
	Global struct {
		Hub string `json:"hub"`
		// A tag may be written as a number.
		Tag     any    `json:"tag"`
		Variant string `json:"variant"`
		Proxy   struct {
			Image string `json:"image"`
		} `json:"proxy"`
	} `json:"global"`
}

// decodeRules reads both entries of the ConfigMap.
func decodeRules(config, chart string) (evidence.Injector, error) {
	var r rules
	if err := yaml.Unmarshal([]byte(config), &r); err != nil {
		return evidence.Injector{}, fmt.Errorf("entry config: %w", err)
	}
	var v values
	if err := json.Unmarshal([]byte(chart), &v); err != nil {
		return evidence.Injector{}, fmt.Errorf("entry values: %w", err)
	}
	seen := evidence.Injector{Policy: r.Policy, Hub: v.Global.Hub, Image: v.Global.Proxy.Image, Variant: v.Global.Variant}
	if v.Global.Tag != nil {
		seen.Tag = fmt.Sprint(v.Global.Tag)
	}
	for _, list := range []struct {
		name      string
		selectors []metav1.LabelSelector
	}{{"alwaysInjectSelector", r.Always}, {"neverInjectSelector", r.Never}} {
		for _, s := range list.selectors {
			text, err := json.Marshal(s)
			if err != nil {
				return evidence.Injector{}, fmt.Errorf("write %s: %w", list.name, err)
			}
			seen.Selectors = append(seen.Selectors, list.name+": "+string(text))
		}
	}
	return seen, nil
}

func decodeWebhooks(all []admissionv1.MutatingWebhookConfiguration) ([]evidence.InjectionWebhook, error) {
	var seen []evidence.InjectionWebhook
	for _, c := range all {
		for _, w := range c.Webhooks {
			namespaces, err := metav1.LabelSelectorAsSelector(w.NamespaceSelector)
			if err != nil {
				return nil, fmt.Errorf("read the namespaceSelector of webhook %s/%s: %w", c.Name, w.Name, err)
			}
			objects, err := metav1.LabelSelectorAsSelector(w.ObjectSelector)
			if err != nil {
				return nil, fmt.Errorf("read the objectSelector of webhook %s/%s: %w", c.Name, w.Name, err)
			}
			seen = append(seen, evidence.InjectionWebhook{
				Configuration: c.Name, Name: w.Name, Calls: calls(w.ClientConfig), Namespaces: namespaces.String(), Objects: objects.String(),
			})
		}
	}
	slices.SortFunc(seen, func(a, b evidence.InjectionWebhook) int {
		return cmp.Or(cmp.Compare(a.Configuration, b.Configuration), cmp.Compare(a.Name, b.Name))
	})
	return seen, nil
}

func calls(c admissionv1.WebhookClientConfig) string {
	if c.Service != nil {
		return c.Service.Namespace + "/" + c.Service.Name
	}
	if c.URL != nil {
		return *c.URL
	}
	return ""
}

// variable is the plain value of an environment variable, "" when it has none.
func variable(containers []corev1.Container, name string) string {
	for _, c := range containers {
		for _, v := range c.Env {
			if v.Name == name {
				return v.Value
			}
		}
	}
	return ""
}
