package evidence

import "time"

// Offer is a Service of ours as it was made, changed or removed, and what MSB
// has to list because of it.
type Offer struct {
	// Service is its name in ONAP's namespace.
	Service string `json:"service"`
	// Made is when the API server had taken the change.
	Made time.Time `json:"made"`
	// Address is the Service's ClusterIP; of one that was removed the last it
	// had, empty when there was none.
	Address string `json:"address,omitempty"`
	// Annotation is the text of msb.onap.org/service-info.
	Annotation string `json:"annotation,omitempty"`
	// Wanted is what MSB has to list: nothing for a Service that was removed, or
	// whose annotation is wrong.
	Wanted []Registration `json:"wanted,omitempty"`
}

// Routing is what discovery lists and what the gateways answer at one moment.
type Routing struct {
	Observed      time.Time     `json:"observed"`
	Registrations Registrations `json:"registrations"`
	// Answers are msb-iag's, External msb-eag's, in the order asked; of a body
	// the first 4096 bytes are kept.
	Answers  []Response `json:"answers"`
	External []Response `json:"external,omitempty"`
}

// Registering is what discovery lists, and the pods of kube2msb, at one moment.
type Registering struct {
	Registrations Registrations `json:"registrations"`
	Pods          Pods          `json:"pods"`
}
