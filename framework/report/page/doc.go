// Package page writes the report of a run as one HTML file. It guarantees that
// the file loads nothing (a Content-Security-Policy forbids it), that all text
// of a run is text and never markup, that it says which evidence could not be
// read, and that no workload is called good by a topic that did not look at it.
//
// Libraries others wrote are in assets, as assets/SOURCES.json says. The service
// graph is laid out by dagre when the page is written, so that a reader needs no
// script to see it; the plots are drawn by uPlot in the browser, from figures
// that are in a table beside them.
package page
