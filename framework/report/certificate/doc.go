// Package certificate makes a run's report into a signed statement that others
// can check without a cluster and without a network, and checks it.
//
// A certificate is an in-toto statement with a test-result predicate
// (https://github.com/in-toto/attestation) in a DSSE envelope
// (https://github.com/secure-systems-lab/dsse), signed with ed25519. Its subjects
// are the report and, by digest, the images and charts that were judged.
//
// It guarantees that nothing is believed that is not signed by a trusted key:
// every text must have its one canonical form (RFC 8785), the statement must be
// the one that follows from the report, and the report's counts and verdict those
// that follow from its specs. A run that was not of a profile's whole spec list,
// judged where and when it was run, on the release's own charts, has no
// certificate. One with stand-ins for ONAP's images is never called certified.
package certificate

// Names of what belongs to a certificate, beside the report it is about.
const (
	// File holds the envelope.
	File = "certificate.intoto.json"
	// KeyFile holds the public half of the key that signed.
	KeyFile = "key.pub"
	// TrustedFile holds the keys that are trusted, where such a file lies beside a
	// certificate. It is never read unless the caller names it.
	TrustedFile = "trusted-keys.json"
)
