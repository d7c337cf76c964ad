package injection

import (
	"context"
	"fmt"
	"regexp"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/retry"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe"
)

// policyLine is the policy in the ConfigMap's entry config, beside templates
// that are left as they are to the letter.
var policyLine = regexp.MustCompile(`(?m)^policy:[ \t]*[a-z]+[ \t]*$`)

// SetPolicy changes the policy in the injector's ConfigMap, which istiod watches;
// the same policy changes nothing. Not to be allowed to is unmet. When it takes effect is for Try to see.
func (o *Observer) SetPolicy(ctx context.Context, policy catalogue.Policy) error {
	maps := o.kube.Set.CoreV1().ConfigMaps(observe.IstioNamespace)
	err := retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		rules, err := maps.Get(ctx, configMap, metav1.GetOptions{})
		if err != nil {
			return err
		}
		config, err := withPolicy(rules.Data["config"], policy)
		if err != nil || config == rules.Data["config"] {
			return err
		}
		rules.Data["config"] = config
		_, err = maps.Update(ctx, rules, metav1.UpdateOptions{FieldManager: kube.Manager})
		return err
	})
	if err != nil {
		return observe.NeedsRights(fmt.Errorf("set policy %s in ConfigMap %s/%s: %w", policy, observe.IstioNamespace, configMap, err))
	}
	return nil
}

// withPolicy is the rules' text with another policy.
func withPolicy(config string, policy catalogue.Policy) (string, error) {
	if n := len(policyLine.FindAllString(config, -1)); n != 1 {
		return "", evidence.Absent(evidence.Final, fmt.Errorf("entry config has %d lines \"policy: …\" at its beginning of line, not one: which one to change is not known", n))
	}
	return policyLine.ReplaceAllLiteralString(config, "policy: "+string(policy)), nil
}
