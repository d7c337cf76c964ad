package msb

import (
	"cmp"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

// Bound is how soon MSB must have followed a change of a Service: kube2msb
// watches, and a gateway keeps a route for 5 seconds at most (onap/msb-apigateway).
const Bound = 30 * time.Second

// The parts of MSB that findings name.
const (
	registrar = "Deployment onap/msb-kube2msb"
	discovery = "Deployment onap/msb-msb-discovery"
	consul    = "Deployment onap/msb-msb-consul"
	internal  = "Deployment onap/msb-msb-iag"
	external  = "Deployment onap/msb-msb-eag"
)

// judgeListed compares what discovery lists under a name with what Services of
// ours ask for; nodes of several Services are one registration's.
func judgeListed(name string, offers []evidence.Offer, seen evidence.Registrations) []verdict.Finding {
	if len(seen.Items) == 0 {
		return []verdict.Finding{nothing(verdict.Finding{
			Object: discovery, Summary: "MSB discovery lists no service at all",
			Want: "the services of the release, and ours", Where: list,
			Why:  "an empty list does not tell that one service is registered or taken back: msb-consul may have been emptied",
			Next: "see the logs of kube2msb and msb-discovery, and whether msb-consul was started anew",
		})}
	}
	wanted := wantedOf(name, offers)
	var findings []verdict.Finding
	for _, version := range slices.Sorted(maps.Keys(wanted)) {
		findings = append(findings, judgeWanted(wanted[version], offers, seen)...)
	}
	for _, got := range seen.Items {
		if want := wanted[got.Version]; got.Name == name {
			findings = append(findings, judgeNodes(want.Nodes, got, offers)...)
		}
	}
	return findings
}

// wantedOf are the registrations of the name that the Services ask for, by version.
func wantedOf(name string, offers []evidence.Offer) map[string]evidence.Registration {
	wanted := map[string]evidence.Registration{}
	for _, o := range offers {
		for _, w := range o.Wanted {
			if w.Name != name {
				continue
			}
			w.Nodes = append(slices.Clone(wanted[w.Version].Nodes), w.Nodes...)
			wanted[w.Version] = w
		}
	}
	return wanted
}

// newest is the offer that was made last.
func newest(offers []evidence.Offer) evidence.Offer {
	if len(offers) == 0 {
		return evidence.Offer{}
	}
	return slices.MaxFunc(offers, func(a, b evidence.Offer) int {
		return cmp.Or(a.Made.Compare(b.Made), cmp.Compare(a.Service, b.Service))
	})
}

// recordsOf are discovery's records of a name and version; it has one, or none.
func recordsOf(name, version string, seen evidence.Registrations) []evidence.Registration {
	return slices.DeleteFunc(slices.Clone(seen.Items), func(r evidence.Registration) bool { return r.Name != name || r.Version != version })
}

// judgeWanted finds one name and version in discovery's list.
func judgeWanted(want evidence.Registration, offers []evidence.Offer, seen evidence.Registrations) []verdict.Finding {
	found := recordsOf(want.Name, want.Version, seen)
	service := object.Service(object.Namespace, newest(offers).Service)
	f := verdict.Finding{Verdict: verdict.Fail, Object: registrar, Want: place(want), Where: list}
	switch {
	case len(found) == 0:
		f.Kind, f.Summary, f.Got = "not-registered", fmt.Sprintf("MSB does not list %s %s, which %s asks for", want.Name, want.Version, service), "not listed"
		f.Why = fmt.Sprintf("discovery answers and lists %s, and not this one: kube2msb is not there, does not watch Services, or cannot reach msb-discovery",
			object.Count(len(seen.Items), "registration"))
		f.Next = "see that kube2msb runs, its log, and whether its account may list and watch Services"
		return []verdict.Finding{f}
	case len(found) > 1:
		return []verdict.Finding{twice(f, found)}
	}
	got := found[0]
	missing := slices.ContainsFunc(want.Nodes, func(n string) bool { return !slices.Contains(got.Nodes, n) })
	if !missing && got.URL == want.URL && got.Range == want.Range && got.Protocol == want.Protocol {
		return nil
	}
	f.Kind, f.Got = "not-followed", place(got)
	f.Summary = fmt.Sprintf("MSB lists %s %s otherwise than %s asks for", want.Name, want.Version, service)
	f.Why = "the name is listed, so kube2msb has seen the Service: what is listed is an older annotation, or only one Service's of those with this name and version"
	f.Next = "compare the Service's annotation msb.onap.org/service-info with the list, and see kube2msb's log"
	return []verdict.Finding{f}
}

// twice completes a finding about several records of one name and version.
func twice(f verdict.Finding, found []evidence.Registration) verdict.Finding {
	var places []string
	for _, r := range found {
		places = append(places, place(r))
	}
	slices.Sort(places)
	f.Kind, f.Object, f.Got = "listed-twice", discovery, fmt.Sprintf("%d records: %s", len(found), strings.Join(places, "; "))
	f.Summary = fmt.Sprintf("MSB lists %s %s in %d records", found[0].Name, found[0].Version, len(found))
	f.Why = "a service is its name and version; several nodes are one record, or a gateway takes one record and leaves the other out"
	f.Next = "compare the records: what differs in them besides the nodes"
	return f
}

// judgeNodes finds the nodes that a record has and should not have.
func judgeNodes(wanted []string, got evidence.Registration, offers []evidence.Offer) []verdict.Finding {
	if len(got.Nodes) == 0 && len(wanted) == 0 {
		got.Nodes = []string{""}
	}
	var findings []verdict.Finding
	for _, node := range got.Nodes {
		if slices.Contains(wanted, node) {
			continue
		}
		f := verdict.Finding{
			Verdict: verdict.Fail, Want: "only " + object.Text(strings.Join(wanted, ", ")), Got: place(got), Where: list,
		}
		if ours(node, offers) || node == "" {
			f.Kind, f.Object = "not-withdrawn", registrar
			f.Summary = fmt.Sprintf("MSB still lists %s %s at %s", got.Name, got.Version, object.Text(node))
			f.Why = "the address is that of a Service of ours that no longer asks for it: kube2msb did not take the registration back, and msb-iag sends requests there"
			f.Next = "see kube2msb's log for the deregistration, and whether msb-discovery refused it"
		} else {
			f.Kind, f.Object = "foreign-node", discovery
			f.Summary = fmt.Sprintf("MSB lists %s %s at %s, which is no Service of ours", got.Name, got.Version, node)
			f.Why = "somebody else registered an address under this name and version, and msb-iag sends a part of the requests there"
			f.Next = "see which Service's annotation or which program registers it, or what an earlier run left behind"
		}
		findings = append(findings, f)
	}
	return findings
}

// ours tells whether the node is at the address of one of our Services.
func ours(node string, offers []evidence.Offer) bool {
	host, _, err := net.SplitHostPort(node)
	return err == nil && slices.ContainsFunc(offers, func(o evidence.Offer) bool { return o.Address == host })
}

// place is a registration in words.
func place(r evidence.Registration) string {
	return fmt.Sprintf("%s %s at %s, protocol %s, visualRange %s, nodes %s", r.Name, r.Version,
		object.Text(r.URL), object.Text(r.Protocol), object.Text(r.Range), object.Text(strings.Join(r.Nodes, ", ")))
}
