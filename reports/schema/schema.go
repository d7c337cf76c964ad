// Package schema holds the JSON Schema of the report. It imports nothing of
// meshcert, so that a tool that only reads reports can use it alone.
package schema

import _ "embed"

// ID is the schema's $id; every report names it in its field "schema".
const ID = "https://github.com/onap/meshcert/reports/schema/report.schema.json"

//go:embed report.schema.json
var report string

// Report returns the JSON Schema (draft 2020-12) of report.json.
func Report() string { return report }
