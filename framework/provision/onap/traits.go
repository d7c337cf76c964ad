package onap

import "github.com/onap/meshcert/framework/provision/oom"

// Traits that show when charts are rendered.
const (
	// KeyTwice is a template that sets a key twice; the last value holds.
	KeyTwice oom.Kind = "key-twice"
	// HelmWarning is something Helm warned of.
	HelmWarning oom.Kind = "helm-warning"
	// GenericStandIn is an image without a role of its own: its stand-in serves
	// the ports and nothing else.
	GenericStandIn oom.Kind = "generic-stand-in"
)
