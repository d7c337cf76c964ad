package certificate

import (
	"context"
	"fmt"
	"io/fs"
	"time"

	"github.com/onap/meshcert/framework/report"
)

// Check says why the run that a report is of has no certificate, as a
// *RefusedError; nil when it can have one. artifacts is the run's folder: evidence
// that is not as the report names it is a reason too.
func Check(r *report.Report, artifacts fs.FS, demands Demands) error {
	demand, err := demands(r.Run.Profile)
	if err != nil {
		return &RefusedError{r.Run.ID, []Refusal{unknownProfile(r, err)}}
	}
	reasons := demand.refusals(r)
	seen, changed := lookAt(r, artifacts)
	reasons = append(reasons, changed...)
	if seen.Named > 0 && seen.Checked == 0 && len(changed) == 0 {
		reasons = append(reasons, Refusal{Evidence, "the run's folder has no artifacts: what the run was judged by is gone", again(r)})
	}
	if len(reasons) > 0 {
		return &RefusedError{r.Run.ID, reasons}
	}
	return nil
}

// CheckAsked is Check of a run that is still to be made, so that nothing is made in
// vain.
func CheckAsked(run report.Run, demands Demands) error {
	demand, err := demands(run.Profile)
	if err != nil {
		return err
	}
	if reasons := demand.asked(run); len(reasons) > 0 {
		return &RefusedError{"of profile " + run.Profile, reasons}
	}
	return nil
}

func unknownProfile(r *report.Report, err error) Refusal {
	what := fmt.Sprintf("profile %s: %v", r.Run.Profile, err)
	return Refusal{OtherList, what, fmt.Sprintf("the run was made by meshcert %s: use that one, or certify a profile that there is", r.Run.Version)}
}

// Sign makes the certificate of a report, with the signature of each signer. The
// report is one that Check has nothing against; at is now.
func Sign(ctx context.Context, r *report.Report, at time.Time, signers ...Signer) (envelope, document []byte, err error) {
	if document, err = r.JSON(); err != nil {
		return nil, nil, err
	}
	statement, err := statementOf(r, document, at)
	if err != nil {
		return nil, nil, err
	}
	if envelope, err = seal(ctx, statement, signers); err != nil {
		return nil, nil, fmt.Errorf("sign the certificate of run %s: %w", r.Run.ID, err)
	}
	return envelope, document, nil
}
