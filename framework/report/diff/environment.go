package diff

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/onap/meshcert/framework/report"
)

// wayOf tells how something changed that is nil on the side that has none.
func wayOf[T any](a, b *T) Way {
	switch {
	case a == nil:
		return New
	case b == nil:
		return Gone
	}
	return Changed
}

// environments calls compare for the environments that are compared with each
// other: that of the whole run, and those of the stages.
func (c comparison) environments(topic Topic, compare func(release string, a, b report.Environment) []Change) Section {
	s := Section{Topic: topic}
	if len(c.a.env) == 0 || len(c.b.env) == 0 {
		for _, one := range []side{c.a, c.b} {
			if len(one.env) == 0 {
				s.Unknown = append(s.Unknown, one.name+" does not tell its environment")
			}
		}
		return s
	}
	s.Changes = compare("", c.a.env[""], c.b.env[""])
	for _, at := range c.stages {
		a, inA := c.a.env[at.a]
		b, inB := c.b.env[at.b]
		if inA != inB {
			s.Unknown = append(s.Unknown, fmt.Sprintf("%s: only one of the runs tells its environment", at.name))
			continue
		}
		s.Changes = append(s.Changes, compare(at.name, a, b)...)
	}
	return s
}

// images compares reference, digest and source of each image. Another tag of the
// same repository is the same image with another reference.
func (c comparison) images() Section {
	return c.environments(Images, func(release string, a, b report.Environment) []Change {
		var out []Change
		key := func(i report.Image) string { return repository(i.Ref) }
		match(a.Images, b.Images, key, whole[report.Image], func(x, y *report.Image) {
			change := Change{Way: wayOf(x, y), Release: release}
			switch {
			case x == nil:
				change.Subject, change.To = y.Ref, imageText(*y)
			case y == nil:
				change.Subject, change.From = x.Ref, imageText(*x)
			default:
				out = append(out, fields(release, repository(x.Ref), []property{
					{"reference", x.Ref, y.Ref}, {"digest", x.Digest, y.Digest}, {"source", x.Source, y.Source}, {"program", program(*x), program(*y)},
				})...)
				return
			}
			out = append(out, change)
		})
		return out
	})
}

// repository is a reference without its tag and digest.
func repository(ref string) string {
	ref, _, _ = strings.Cut(ref, "@")
	if i := strings.LastIndex(ref, ":"); i > strings.LastIndex(ref, "/") {
		return ref[:i]
	}
	return ref
}

func imageText(i report.Image) string {
	return strings.Join([]string{i.Digest, i.Source, program(i)}, ", ")
}

func program(i report.Image) string {
	if i.Standin {
		return "stand-in"
	}
	return "the original"
}

// property is one property of something, on both sides.
type property struct{ name, from, to string }

// fields are the properties that differ.
func fields(release, subject string, all []property) []Change {
	var out []Change
	for _, p := range all {
		if p.from != p.to {
			out = append(out, Change{Way: Changed, Release: release, Subject: subject, Field: p.name, From: p.from, To: p.to})
		}
	}
	return out
}

// charts compares what Helm installed, and with which values.
func (c comparison) charts() Section {
	return c.environments(Charts, func(release string, a, b report.Environment) []Change {
		var out []Change
		key := func(h report.Chart) string { return h.Namespace + "/" + h.Release }
		match(a.Charts, b.Charts, key, whole[report.Chart], func(x, y *report.Chart) {
			switch {
			case x == nil:
				out = append(out, Change{Way: New, Release: release, Subject: key(*y), To: y.Name + " " + y.Version})
			case y == nil:
				out = append(out, Change{Way: Gone, Release: release, Subject: key(*x), From: x.Name + " " + x.Version})
			default:
				out = append(out, fields(release, key(*x), []property{
					{"chart", x.Name, y.Name}, {"version", x.Version, y.Version}, {"digest", x.Digest, y.Digest}, {"values", x.ValuesDigest, y.ValuesDigest},
				})...)
			}
		})
		return out
	})
}

// rendering compares in what the installed objects differ from what the charts render to.
func (c comparison) rendering() Section {
	return c.environments(Rendering, func(release string, a, b report.Environment) []Change {
		var out []Change
		key := func(h report.Change) string { return strings.Join([]string{h.Object, h.By, h.Rule, h.Field}, "\x00") }
		match(a.Changes, b.Changes, key, whole[report.Change], func(x, y *report.Change) {
			one := cmp.Or(y, x)
			change := Change{Way: wayOf(x, y), Release: release, Subject: one.Object, Field: strings.TrimSpace(one.By + " " + one.Rule + " " + one.Field)}
			if x != nil {
				change.From = fmt.Sprintf("%q → %q", x.From, x.To)
			}
			if y != nil {
				change.To = fmt.Sprintf("%q → %q", y.From, y.To)
			}
			out = append(out, change)
		})
		return out
	})
}

// environment compares versions, nodes and the machine, whose load is no part of it.
func (c comparison) environment() Section {
	return c.environments(Environment, func(release string, a, b report.Environment) []Change {
		var out []Change
		for _, p := range []property{
			{"Kubernetes", a.Kubernetes, b.Kubernetes}, {"Istio", a.Istio, b.Istio}, {"injector policy", a.Policy, b.Policy},
			{"sidecars", a.Sidecars, b.Sidecars}, {"tracer", a.Tracer, b.Tracer}, {"egress", a.Egress, b.Egress},
			{"source of images", a.ImageSource, b.ImageSource},
		} {
			out = append(out, fields(release, p.name, []property{{"", p.from, p.to}})...)
		}
		match(a.Nodes, b.Nodes, func(n report.Node) string { return n.Name }, whole[report.Node], func(x, y *report.Node) {
			switch {
			case x == nil:
				out = append(out, Change{Way: New, Release: release, Subject: "node " + y.Name, To: "kubelet " + y.Kubelet})
			case y == nil:
				out = append(out, Change{Way: Gone, Release: release, Subject: "node " + x.Name, From: "kubelet " + x.Kubelet})
			default:
				out = append(out, fields(release, "node "+x.Name, []property{
					{"kubelet", x.Kubelet, y.Kubelet}, {"system", x.OS, y.OS}, {"runtime", x.Runtime, y.Runtime}, {"image", x.ImageDigest, y.ImageDigest},
				})...)
			}
		})
		if a.Host != nil && b.Host != nil {
			out = append(out, fields(release, "machine", []property{
				{"CPUs", fmt.Sprint(a.Host.CPUs), fmt.Sprint(b.Host.CPUs)}, {"memory", memory(a.Host), memory(b.Host)},
				{"system", a.Host.OS, b.Host.OS}, {"kernel", a.Host.Kernel, b.Host.Kernel},
			})...)
		}
		return out
	})
}

// memory is what the machine has, in GiB, as what it says of it varies by some bytes.
func memory(h *report.Host) string { return fmt.Sprintf("%d GiB", (h.MemoryBytes+1<<29)>>30) }
