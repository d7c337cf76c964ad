// Package run is the conductor: it leads a run from a machine to a verdict.
//
// The parent process owns signals, lock, journal, container engine, records,
// report and exit status. The work that needs the engine in the process'
// environment (kind), or that may end the process (Ginkgo), is done by child
// processes of the same binary, one stage each; they append to the same
// records. Whatever happens to a child, the parent cleans and reports.
package run
