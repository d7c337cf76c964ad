// Package msb judges what MSB lists and serves against a release's catalogue.
package msb

import (
	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/verdict"
)

// JudgeRegistrations compares discovery's list with the catalogue's.
func JudgeRegistrations(release *catalogue.Release, registrations evidence.Registrations) []verdict.Finding {
	return nil
}

// JudgePortal compares the portal page's services with the catalogue's.
func JudgePortal(release *catalogue.Release, portal evidence.Portal) []verdict.Finding { return nil }

// JudgeEndpoints compares the answers, in the order of release.Endpoints, with what is expected.
func JudgeEndpoints(release *catalogue.Release, responses []evidence.Response) []verdict.Finding {
	return nil
}
