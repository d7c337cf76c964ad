// Package sidecar judges pods and proxies against a release's catalogue.
package sidecar

import (
	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/verdict"
)

// Row is one workload's line of the READY table.
type Row struct {
	Workload string `json:"workload"`
	// Ready and Want are READY columns: "2/3", "3/3".
	Ready string `json:"ready"`
	Want  string `json:"want"`
	// Containers are the names seen, the sidecar last.
	Containers []string `json:"containers"`
	OK         bool     `json:"ok"`
}

// Judge compares READY, container names and restarts of every workload.
func Judge(release *catalogue.Release, policy catalogue.Policy, pods evidence.Pods) []verdict.Finding {
	return nil
}

// JudgeProxies says whether every injected pod's proxy is connected, in sync and has the right certificate.
func JudgeProxies(release *catalogue.Release, policy catalogue.Policy, pods evidence.Pods, proxies evidence.Proxies) []verdict.Finding {
	return nil
}

// Rows is the READY table.
func Rows(release *catalogue.Release, policy catalogue.Policy, pods evidence.Pods) []Row { return nil }

// Matched counts the rows that are as the catalogue says: "26/26".
func Matched(release *catalogue.Release, policy catalogue.Policy, pods evidence.Pods) (ok, total int) {
	return 0, 0
}
