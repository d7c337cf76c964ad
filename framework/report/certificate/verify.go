package certificate

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"time"

	intoto "github.com/in-toto/attestation/go/v1"

	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/verdict"
)

// Papers are what is to be believed, as bytes that nobody has looked at.
type Papers struct {
	// Envelope is the certificate, Report the report that it is about.
	Envelope, Report []byte
	// Trusted is the file of trusted keys. It is the one thing that is believed as it is.
	Trusted []byte
	// Folder is the run's folder, for its evidence; nil leaves that out.
	Folder fs.FS
}

// State is what a certificate comes to.
type State string

// The states there are.
const (
	// Certified: ONAP's own images conform.
	Certified State = "certified"
	// WithStandins: what conforms has programs of ours in the place of ONAP's images.
	WithStandins State = "conforms-with-stand-ins"
	// Failed: the certificate is in order, and says that a spec failed.
	Failed State = "does-not-conform"
	// Refused: the certificate is not believed, or says too little.
	Refused State = "refused"
)

// Result is what verification came to. What it holds beside State and Refusals is
// signed by all of Keys; of a certificate that no trusted key has signed there is nothing.
type Result struct {
	State    State     `json:"state"`
	Refusals []Refusal `json:"refusals,omitempty"`
	// Keys are those that signed, CertifiedAt when they say they did.
	Keys        []TrustedKey `json:"keys,omitempty"`
	CertifiedAt time.Time    `json:"certifiedAt,omitzero"`
	// Standins are the images in whose place programs of ours ran.
	Standins []string `json:"standins,omitempty"`
	Subjects int      `json:"subjects,omitempty"`
	Evidence Looked   `json:"evidence,omitzero"`
	// Report is the signed report, its verdict and counts worked out anew.
	Report *report.Report `json:"-"`
}

// clockSkew is how far the clocks of who made a certificate and of who checks it
// may be apart.
const clockSkew = 10 * time.Minute

// Verify looks at a certificate without a network. It always has a result: what is
// not as it must be is in its refusals. It goes on after the first only where what
// it reads is signed.
func Verify(ctx context.Context, p Papers, now time.Time, demands Demands) *Result {
	out := &Result{State: Refused}
	statement, at, keys, refusal := open(ctx, p)
	if refusal != nil {
		out.Refusals = []Refusal{*refusal}
		return out
	}
	if refusal := inTime(keys, at, now); refusal != nil {
		out.Refusals = []Refusal{*refusal}
		return out
	}
	r, refusal := signedReport(p.Report, statement, at)
	if refusal != nil {
		out.Refusals = []Refusal{*refusal}
		return out
	}
	out.Keys, out.CertifiedAt, out.Report = keys, at, r
	out.Standins, out.Subjects = standins(r), len(statement.GetSubject())
	out.Refusals = contents(r, at, demands)
	var changed []Refusal
	out.Evidence, changed = lookAt(r, p.Folder)
	out.Refusals = append(out.Refusals, changed...)
	switch {
	case len(out.Refusals) > 0:
	case r.Verdict != verdict.Pass:
		out.State = Failed
	case len(out.Standins) > 0:
		out.State = WithStandins
	default:
		out.State = Certified
	}
	return out
}

// open reads the envelope and demands that trusted keys have signed a statement.
func open(ctx context.Context, p Papers) (*intoto.Statement, time.Time, []TrustedKey, *Refusal) {
	trusted, err := ParseTrusted(p.Trusted)
	if err != nil {
		return nil, time.Time{}, nil, &Refusal{Keys, err.Error(), "get that file again from who keeps it"}
	}
	envelope, payload, refusal := parseEnvelope(p.Envelope)
	if refusal != nil {
		return nil, time.Time{}, nil, refusal
	}
	keys, refusal := signedBy(ctx, envelope, trusted)
	if refusal != nil {
		return nil, time.Time{}, nil, refusal
	}
	statement, at, refusal := parseStatement(payload)
	return statement, at, keys, refusal
}

// inTime demands that the certificate was made while its keys were valid, and not
// after now.
func inTime(keys []TrustedKey, at, now time.Time) *Refusal {
	for _, k := range keys {
		switch {
		case at.Before(k.From):
			return &Refusal{Time, fmt.Sprintf("it was made on %s, and key %s of %s signs since %s", at.Format(time.RFC3339), k.ID, k.Owner, k.From.Format(time.RFC3339)), asIs}
		case !k.Until.IsZero() && at.After(k.Until):
			return &Refusal{Time, fmt.Sprintf("it was made on %s, and key %s of %s was retired on %s", at.Format(time.RFC3339), k.ID, k.Owner, k.Until.Format(time.RFC3339)), "have the release certified anew with a key that is trusted"}
		}
	}
	if at.After(now.Add(clockSkew)) {
		return &Refusal{Time, fmt.Sprintf("it says that it was made on %s, and now it is %s", at.Format(time.RFC3339), now.UTC().Format(time.RFC3339)), "set this machine's clock, or ask who made it about theirs"}
	}
	return nil
}

// signedReport demands that the report is the one that was signed, in canonical
// form, and that the statement is the one that follows from it.
func signedReport(text []byte, s *intoto.Statement, at time.Time) (*report.Report, *Refusal) {
	if len(s.GetSubject()) == 0 || s.GetSubject()[0].GetName() != report.ReportFile {
		return nil, &Refusal{Statement, "its first subject is not " + report.ReportFile, asIs}
	}
	if got, want := report.Digest(text), "sha256:"+s.GetSubject()[0].GetDigest()["sha256"]; got != want {
		return nil, &Refusal{ReportDigest, fmt.Sprintf("%s is %s, and what was signed is %s", report.ReportFile, got, want), "get " + report.ReportFile + " again from who made it: the one here is another, or was changed"}
	}
	// Valid bounds the depth, which Parse does not.
	if !json.Valid(text) {
		return nil, &Refusal{Form, report.ReportFile + " is not JSON", asIs}
	}
	r, err := report.Parse(text)
	if err != nil {
		return nil, &Refusal{Report, report.ReportFile + ": " + err.Error(), "if it was made by another meshcert, use that one; else do not believe it: the signed report is not what a run comes to"}
	}
	same, err := r.JSON()
	if err != nil || !bytes.Equal(same, text) {
		return nil, &Refusal{Form, report.ReportFile + " is " + errForm.Error(), asIs}
	}
	due, err := statementOf(r, text, at)
	if err != nil {
		return nil, &Refusal{Statement, err.Error(), asIs}
	}
	// Both are canonical; s was read from such a text.
	if said, err := encode(s); err != nil || !bytes.Equal(said, due) {
		return nil, &Refusal{Statement, "the statement says something else than the report that it is about", "if it was made by another meshcert, use that one; else do not believe it"}
	}
	return r, nil
}

// contents are the reasons why a signed report is no proof.
func contents(r *report.Report, at time.Time, demands Demands) []Refusal {
	var out []Refusal
	if r.Finished && (r.Ended.Before(r.Started) || at.Before(second(r.Ended))) {
		what := fmt.Sprintf("it was made on %s, and the run began on %s and ended on %s", at.Format(time.RFC3339), r.Started.Format(time.RFC3339), r.Ended.Format(time.RFC3339))
		out = append(out, Refusal{Time, what, "do not believe it: a certificate comes after its run"})
	}
	demand, err := demands(r.Run.Profile)
	if err != nil {
		return append(out, unknownProfile(r, err))
	}
	return append(out, demand.refusals(r)...)
}
