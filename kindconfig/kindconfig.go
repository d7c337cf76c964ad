// Package kindconfig holds the configurations of the kind clusters that
// meshcert makes: NAME.yaml in the form of kind.x-k8s.io/v1alpha4. It holds
// data and nothing else.
package kindconfig

import "embed"

// Files are the configurations, "single.yaml" and "multi-node.yaml".
//
//go:embed *.yaml
var Files embed.FS
