// Package schema holds the JSON Schemas of the documents. It imports nothing of
// meshcert, so that a tool that only reads reports can use it alone.
package schema

import _ "embed"

// ID is the schema's $id; every report names it in its field "schema".
const ID = "https://github.com/onap/meshcert/reports/schema/report.schema.json"

// SelftestID is the $id of the schema of selftest.json; it refers to the one of the report.
const SelftestID = "https://github.com/onap/meshcert/reports/schema/selftest.schema.json"

//go:embed report.schema.json
var report string

// Report returns the JSON Schema (draft 2020-12) of report.json.
func Report() string { return report }

//go:embed selftest.schema.json
var selftest string

// Selftest returns the JSON Schema (draft 2020-12) of selftest.json.
func Selftest() string { return selftest }

// DiffID is the $id of the schema of what diff -o json prints.
const DiffID = "https://github.com/onap/meshcert/reports/schema/diff.schema.json"

//go:embed diff.schema.json
var diff string

// Diff returns the JSON Schema (draft 2020-12) of what diff -o json prints.
func Diff() string { return diff }

// LiveID is the $id of the schema of a line of --output-format json; it refers to the one of the report.
const LiveID = "https://github.com/onap/meshcert/reports/schema/live.schema.json"

//go:embed live.schema.json
var live string

// Live returns the JSON Schema (draft 2020-12) of one line of --output-format json.
func Live() string { return live }
