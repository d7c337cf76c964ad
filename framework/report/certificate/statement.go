package certificate

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	testresult "github.com/in-toto/attestation/go/predicates/test_result/v0"
	intoto "github.com/in-toto/attestation/go/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/gowebpki/jcs"

	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/verdict"
)

// The types of what is signed.
const (
	PayloadType   = "application/vnd.in-toto+json"
	PredicateType = "https://in-toto.io/attestation/test-result/v0.1"
)

// Words of the predicate's field result.
const (
	passed = "PASSED"
	warned = "WARNED"
	failed = "FAILED"
)

// madeBy is the entry of the configuration that says what made the certificate, and
// certifiedAt its annotation that says when.
const (
	madeBy      = "meshcert"
	certifiedAt = "certified"
)

var digestForm = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

func isDigest(text string) bool { return digestForm.MatchString(text) }

// statementOf is the statement that follows from a report, in canonical form.
// Nothing but the moment is not in the report.
func statementOf(r *report.Report, reportText []byte, at time.Time) ([]byte, error) {
	predicate, err := predicateOf(r, at)
	if err != nil {
		return nil, fmt.Errorf("state what run %s came to: %w", r.Run.ID, err)
	}
	s := &intoto.Statement{
		Type: intoto.StatementTypeUri, Subject: subjects(r, reportText), PredicateType: PredicateType, Predicate: predicate,
	}
	if err := s.Validate(); err != nil {
		return nil, fmt.Errorf("state what run %s came to: %w", r.Run.ID, err)
	}
	return encode(s)
}

// encode is the canonical JSON of a message.
func encode(m proto.Message) ([]byte, error) {
	text, err := protojson.Marshal(m)
	if err != nil {
		return nil, err
	}
	return jcs.Transform(text)
}

// resource is a thing by its digest, "sha256:…".
func resource(name, digest string) *intoto.ResourceDescriptor {
	return &intoto.ResourceDescriptor{Name: name, Digest: map[string]string{"sha256": strings.TrimPrefix(digest, "sha256:")}}
}

// subjects are the report and, for each stage, the images and charts whose digests
// are known. No name is there twice.
func subjects(r *report.Report, reportText []byte) []*intoto.ResourceDescriptor {
	out := []*intoto.ResourceDescriptor{resource(report.ReportFile, report.Digest(reportText))}
	seen := map[string]bool{}
	add := func(name, digest string) {
		if isDigest(digest) && !seen[name] {
			seen[name] = true
			out = append(out, resource(name, digest))
		}
	}
	for _, e := range r.Environments {
		for _, i := range e.Images {
			add(e.Release+"/image/"+i.Ref, i.Digest)
		}
		for _, n := range e.Nodes {
			add(e.Release+"/node/"+n.Name, n.ImageDigest)
		}
		for _, c := range e.Charts {
			add(e.Release+"/chart/"+c.Namespace+"/"+c.Release, c.Digest)
			add(e.Release+"/values/"+c.Namespace+"/"+c.Release, c.ValuesDigest)
		}
	}
	return out
}

func predicateOf(r *report.Report, at time.Time) (*structpb.Struct, error) {
	configuration, err := configurationOf(r, at)
	if err != nil {
		return nil, err
	}
	result := &testresult.TestResult{Result: passed, Configuration: configuration}
	for _, s := range r.Specs {
		name := s.Release + "/" + s.ID
		switch {
		case s.Verdict == verdict.Skip:
		case s.Verdict != verdict.Pass:
			result.FailedTests = append(result.FailedTests, name)
		case slices.ContainsFunc(s.Findings, verdict.Finding.Excused):
			result.WarnedTests = append(result.WarnedTests, name)
		default:
			result.PassedTests = append(result.PassedTests, name)
		}
	}
	switch {
	case len(result.FailedTests) > 0:
		result.Result = failed
	case len(result.WarnedTests) > 0 || len(standins(r)) > 0:
		result.Result = warned
	}
	text, err := protojson.Marshal(result)
	if err != nil {
		return nil, err
	}
	predicate := &structpb.Struct{}
	return predicate, protojson.Unmarshal(text, predicate)
}

// configurationOf says what the run was asked to do, by digest, and what made the
// certificate when.
func configurationOf(r *report.Report, at time.Time) ([]*intoto.ResourceDescriptor, error) {
	var out []*intoto.ResourceDescriptor
	for _, part := range []struct {
		name  string
		value any
		about map[string]any
	}{
		{"profile", r.Run.Stages, map[string]any{"name": r.Run.Profile}},
		{"spec-list", r.Run.SpecList, map[string]any{"specs": len(r.Run.SpecList)}},
		{"settings", r.Run.Settings, map[string]any{"standins": len(standins(r)) > 0}},
	} {
		text, err := canonical(part.value)
		if err != nil {
			return nil, err
		}
		d := resource(part.name, report.Digest(text))
		if d.Annotations, err = structpb.NewStruct(part.about); err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	about, err := structpb.NewStruct(map[string]any{
		"version": r.Run.Version, "run": r.Run.ID, certifiedAt: second(at).Format(time.RFC3339),
	})
	return append(out, &intoto.ResourceDescriptor{Name: madeBy, Annotations: about}), err
}

// standins are the images in whose place programs of ours ran, each once. A run
// that was asked for with stand-ins has one at least, whatever its images say.
func standins(r *report.Report) []string {
	var refs []string
	for _, e := range r.Environments {
		refs = append(refs, e.Standins()...)
	}
	if len(refs) == 0 && r.Run.Settings.ONAPImages != ownImages {
		refs = []string{fmt.Sprintf("ONAP's images (asked for as %q)", r.Run.Settings.ONAPImages)}
	}
	slices.Sort(refs)
	return slices.Compact(refs)
}

// ownImages is the setting by which ONAP's own images run.
const ownImages = "real"
