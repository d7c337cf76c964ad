package injection

import (
	"encoding/json"
	"errors"
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
	"github.com/onap/meshcert/framework/internal/malform"
)

const listedPods = `{"items":[{"metadata":{"name":"vio-1","annotations":{"sidecar.istio.io/inject":"true"}},"spec":{
"initContainers":[{"name":"istio-init","image":"p"},{"name":"istio-proxy","image":"p","restartPolicy":"Always","resources":{"limits":{"cpu":"2","memory":"256Mi"}},
 "env":[{"name":"ISTIO_KUBE_APP_PROBERS","value":"{\"/app-health/vio/livez\":{\"httpGet\":{\"path\":\"/a\",\"port\":9004,\"scheme\":\"HTTP\"},\"timeoutSeconds\":10}}"}]}],
"containers":[{"name":"vio","image":"i","livenessProbe":{"httpGet":{"path":"/app-health/vio/livez","port":15020,"scheme":"HTTP"},"timeoutSeconds":10,"periodSeconds":10}}]}}]}`

// pods reads pods as client-go decodes them: no container comes or goes.
func pods(text string) (refused, broken error) {
	var list corev1.PodList
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return err, nil
	}
	for _, p := range list.Items {
		shape, err := decodeShape("vio", p.Name, p.Annotations, p.Spec)
		if err != nil {
			return err, nil
		}
		if len(shape.Containers) != len(p.Spec.Containers) || len(shape.InitContainers) != len(p.Spec.InitContainers) {
			broken = errors.New("a container came or went")
		}
		broken = errors.Join(broken, attack.Storable(shape))
	}
	return nil, broken
}

const listedWebhooks = `{"items":[{"metadata":{"name":"istio-sidecar-injector"},"webhooks":[
{"name":"namespace.sidecar-injector.istio.io","clientConfig":{"service":{"namespace":"istio-system","name":"istiod"}},
 "namespaceSelector":{"matchExpressions":[{"key":"istio-injection","operator":"In","values":["enabled"]}]},"objectSelector":{}},
{"name":"object.sidecar-injector.istio.io","clientConfig":{"url":"https://a/inject"},
 "namespaceSelector":{"matchLabels":{"a":"b"}},"objectSelector":{"matchExpressions":[{"key":"c","operator":"DoesNotExist"}]}}]}]}`

func webhooksOf(text string) (refused, broken error) {
	var list admissionv1.MutatingWebhookConfigurationList
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return err, nil
	}
	seen, err := decodeWebhooks(list.Items)
	if err != nil {
		return err, nil
	}
	return nil, attack.Storable(evidence.Injector{Webhooks: seen})
}

func rulesOf(text string) (refused, broken error) {
	seen, err := decodeRules(text, chartValues)
	if err != nil {
		return err, nil
	}
	return nil, attack.Storable(seen)
}

func valuesOf(text string) (refused, broken error) {
	seen, err := decodeRules(config, text)
	if err != nil {
		return err, nil
	}
	return nil, attack.Storable(seen)
}

// TestMalformed: refusing answers of somebody else is the API client's part.
func TestMalformed(t *testing.T) {
	attack.Parser(t, pods, []string{listedPods}, malform.Foreign()...)
	attack.Parser(t, webhooksOf, []string{listedWebhooks}, malform.Foreign()...)
	attack.Parser(t, rulesOf, []string{config}, malform.Foreign()...)
	attack.Parser(t, valuesOf, []string{chartValues}, malform.Foreign()...)
}

func FuzzPods(f *testing.F)     { attack.FuzzParser(f, pods, listedPods) }
func FuzzWebhooks(f *testing.F) { attack.FuzzParser(f, webhooksOf, listedWebhooks) }
func FuzzRules(f *testing.F)    { attack.FuzzParser(f, rulesOf, config) }
