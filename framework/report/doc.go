// Package report tells what happened in a run. Records are appended to one
// file while the run goes on; Assemble makes one document of them at the end,
// or later when the run was killed; JUnit, the summary and the exit status are
// made from that document alone. It guarantees that the same records give the
// same bytes, and that a run in which nothing was judged, or not everything
// that was selected, is never green.
package report

// Names of what a run's folder holds.
const (
	// RecordsFile holds the records, one JSON object a line.
	RecordsFile = "records.jsonl"
	// ReportFile holds the document, JSON by reports/schema.
	ReportFile = "report.json"
	// JUnitFile holds the same as JUnit XML.
	JUnitFile = "junit.xml"
	// PageFile holds the same for people, as one page.
	PageFile = "index.html"
	// ArtifactsFolder holds the evidence and what was collected of failures.
	ArtifactsFolder = "artifacts"
)
