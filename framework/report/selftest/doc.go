// Package selftest tells what came of a selftest: which faults the suite
// noticed, which survived, and which specs were red on a healthy system.
// Records are appended to one file while it runs; Assemble makes one document
// of them, also when it was killed; text and exit status are made from that
// document alone. It guarantees that the same records give the same bytes, and
// that a fault nobody judged, a healthy system nobody looked at and a selftest
// that did not reach its end are never green.
package selftest

// Names of what a selftest leaves in its folder.
const (
	// RecordsFile holds the records, one JSON object a line.
	RecordsFile = "selftest.jsonl"
	// DocumentFile holds the document, JSON by reports/schema.
	DocumentFile = "selftest.json"
	// TextFile holds the same for people, with the whole matrix.
	TextFile = "selftest.txt"
)
