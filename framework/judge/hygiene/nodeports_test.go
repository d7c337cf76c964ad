package hygiene_test

import (
	"testing"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/hygiene"
	"github.com/onap/meshcert/framework/judge/internal/sample"
)

// ports is what a cluster shows of the catalogue's NodePorts, each with TLS.
func ports(release *catalogue.Release) evidence.NodePorts {
	all := evidence.NodePorts{Namespace: "onap", Observed: sample.Now}
	for _, w := range release.Workloads {
		for _, s := range w.Services {
			all.Services++
			for _, p := range s.Ports {
				if p.NodePort != 0 {
					all.Items = append(all.Items, evidence.NodePort{
						Service: s.Name, Name: p.Name, Port: p.Port, Number: p.NodePort, TLS: evidence.TLSSpoken,
						Certificate: &evidence.Certificate{Subject: "CN=" + s.Name, Issuer: "CN=ONAP", NotBefore: sample.Now.Add(-time.Hour), NotAfter: sample.Now.Add(hygiene.Soon + time.Hour)},
					})
				}
			}
		}
	}
	return all
}

// door is a NodePort of the evidence, to be changed.
func door(t *testing.T, all *evidence.NodePorts, name string) *evidence.NodePort {
	t.Helper()
	for i := range all.Items {
		if all.Items[i].Name == name {
			return &all.Items[i]
		}
	}
	t.Fatalf("no NodePort %s", name)
	return nil
}

func TestNodePorts(t *testing.T) {
	release := sample.Release(t, "casablanca")
	for name, c := range map[string]struct {
		port   string
		change func(*evidence.NodePort)
		want   []string
	}{
		"nothing":               {"http-msb-iag", func(*evidence.NodePort) {}, nil},
		"plain HTTP":            {"http-msb-iag", func(p *evidence.NodePort) { p.TLS = evidence.TLSRefused }, []string{"fail node-port-without-tls " + ofIAG}},
		"HTTPS without":         {"https-msb-iag", func(p *evidence.NodePort) { p.TLS = evidence.TLSRefused }, []string{"fail https-without-tls " + ofIAG}},
		"nobody answers":        {"http-msb-iag", func(p *evidence.NodePort) { p.TLS, p.Error = "", "EOF" }, []string{"inconclusive not-asked " + ofIAG}},
		"another port":          {"http-msb-iag", func(p *evidence.NodePort) { p.Port = 81 }, []string{"fail unknown-node-port " + ofIAG}},
		"another number":        {"http-msb-iag", func(p *evidence.NodePort) { p.Number = 31999 }, []string{"fail unknown-node-port " + ofIAG, "inconclusive node-port-not-seen " + ofIAG}},
		"a Service of nobody's": {"http-msb-iag", func(p *evidence.NodePort) { p.Service = "door" }, []string{"fail unknown-node-port Service onap/door", "inconclusive node-port-not-seen " + ofIAG}},
	} {
		all := ports(release)
		c.change(door(t, &all, c.port))
		sample.Judged(t, name, hygiene.JudgeNodePorts(release, all), c.want...)
	}
	// Beijing says the protocol at the end of a port's name.
	beijing := sample.Release(t, "beijing")
	all := ports(beijing)
	door(t, &all, "msb-iag-https").TLS = evidence.TLSRefused
	sample.Judged(t, "HTTPS without, in Beijing", hygiene.JudgeNodePorts(beijing, all), "fail https-without-tls "+ofIAG)
	sample.Judged(t, "no Services", hygiene.JudgeNodePorts(release, evidence.NodePorts{Namespace: "onap"}), "inconclusive no-evidence Namespace onap")
}

func TestCertificates(t *testing.T) {
	release := sample.Release(t, "casablanca")
	ends := func(in time.Duration) func(*evidence.NodePort) {
		return func(p *evidence.NodePort) { p.Certificate.NotAfter = sample.Now.Add(in) }
	}
	for name, c := range map[string]struct {
		change func(*evidence.NodePort)
		want   []string
	}{
		"nothing":          {func(*evidence.NodePort) {}, nil},
		"ends in 30 days":  {ends(hygiene.Soon), nil},
		"ends sooner":      {ends(hygiene.Soon - time.Second), []string{"fail certificate-ends-soon " + ofIAG}},
		"has ended":        {ends(-time.Second), []string{"fail certificate-expired " + ofIAG}},
		"not yet":          {func(p *evidence.NodePort) { p.Certificate.NotBefore = sample.Now.Add(time.Minute) }, []string{"fail certificate-expired " + ofIAG}},
		"its own issuer":   {func(p *evidence.NodePort) { p.Certificate.Issuer = p.Certificate.Subject }, []string{"fail certificate-self-signed " + ofIAG}},
		"no TLS":           {func(p *evidence.NodePort) { p.TLS, p.Certificate = evidence.TLSRefused, nil }, []string{"inconclusive certificate-not-seen " + ofIAG}},
		"none presented":   {func(p *evidence.NodePort) { p.Certificate = nil }, []string{"inconclusive certificate-not-seen " + ofIAG}},
		"nobody answers":   {func(p *evidence.NodePort) { p.TLS, p.Certificate = "", nil }, []string{"inconclusive not-asked " + ofIAG}},
		"the port is gone": {func(p *evidence.NodePort) { p.Number = 1 }, []string{"inconclusive node-port-not-seen " + ofIAG}},
	} {
		all := ports(release)
		c.change(door(t, &all, "https-msb-iag"))
		sample.Judged(t, name, hygiene.JudgeCertificates(release, all), c.want...)
	}
	plain := ports(release)
	door(t, &plain, "http-msb-iag").TLS = evidence.TLSRefused
	sample.Judged(t, "a port that is not for TLS", hygiene.JudgeCertificates(release, plain))
	plain = evidence.NodePorts{Namespace: "onap", Observed: sample.Now, Services: 1}
	if findings := hygiene.JudgeCertificates(&catalogue.Release{}, plain); len(findings) != 1 || findings[0].Kind != "no-certificate" {
		t.Errorf("that no certificate was judged is not said: %+v", findings)
	}
	undated := ports(release)
	undated.Observed = time.Time{}
	sample.Judged(t, "seen at no time", hygiene.JudgeCertificates(release, undated), "inconclusive no-evidence Namespace onap")
}
