package repair

import (
	"fmt"
	"regexp"
	"strings"
)

const (
	injectKey = "sidecar.istio.io/inject"
	// frameworkImage is what the image of MultiCloud's framework is called.
	frameworkImage = "/multicloud/framework:"
)

// portAndMore is a port with what belongs to the address: "80.onap".
var portAndMore = regexp.MustCompile(`^([0-9]+)(\..+)$`)

// msbPort moves the namespace from the port of MSB to its address.
func (r *repair) msbPort(w workload) {
	for i, container := range mappings(w.spec(), "containers") {
		env := mappings(container, "env")
		for j, variable := range env {
			parts := portAndMore.FindStringSubmatch(text(variable, "value"))
			if variable["name"] != "MSB_PORT" || parts == nil {
				continue
			}
			at := fmt.Sprintf("%s.spec.containers[%d].env", w.field, i)
			r.change(w.object, MSBPort, fmt.Sprintf("%s[%d].value", at, j), variable["value"], parts[1])
			variable["value"] = parts[1]
			for k, address := range env {
				value := text(address, "value")
				if address["name"] == "MSB_ADDR" && !strings.HasSuffix(value, parts[2]) {
					r.change(w.object, MSBPort, fmt.Sprintf("%s[%d].value", at, k), value, value+parts[2])
					address["value"] = value + parts[2]
				}
			}
		}
	}
}

// frameworkAnnotation gives MultiCloud's framework the annotation, in a release
// whose other workloads have it.
func (r *repair) frameworkAnnotation(workloads []workload) {
	asked := false
	for _, w := range workloads {
		asked = asked || w.inject() == "true"
	}
	for _, w := range workloads {
		if !asked || w.inject() != "" || !runs(w, frameworkImage) {
			continue
		}
		metadata := child(w.template, "metadata")
		child(metadata, "annotations")[injectKey] = "true"
		r.change(w.object, FrameworkAnnotation, fmt.Sprintf("%s.metadata.annotations[%s]", w.field, injectKey), nil, "true")
	}
}

// runs tells whether one of the workload's containers is made from such an image.
func runs(w workload, image string) bool {
	for _, container := range mappings(w.spec(), "containers") {
		if strings.Contains("/"+text(container, "image"), image) {
			return true
		}
	}
	return false
}

// child is the mapping below a key, made when there is none.
func child(of map[string]any, key string) map[string]any {
	below, ok := of[key].(map[string]any)
	if !ok {
		below = map[string]any{}
		of[key] = below
	}
	return below
}
