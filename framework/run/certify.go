package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/certificate"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
)

// Certifying says how a run is certified.
type Certifying struct {
	// Signer signs; Owner is whose it is.
	Signer certificate.Signer
	Owner  string
	// To is a folder for report and certificate beside the run's own; empty for none.
	To string
	// WriteTrusted puts a file that trusts the signer beside them, for a key that
	// is to show how it is done.
	WriteTrusted bool
	// AllowStandins takes a certificate with stand-ins for what was asked for.
	AllowStandins bool
}

// Certify runs the profile as E2E does, and certifies the run. A run that nobody
// could certify is a *config.UsageError before anything was made.
func (c *Conductor) Certify(ctx context.Context, how Certifying) (int, error) {
	profile, err := c.Config.ResolveProfile()
	if err != nil {
		return 0, err
	}
	asked := report.Run{Profile: profile.Name, Stages: profile.Stages, Version: c.Version, Settings: report.Settings{
		Focus: c.Config.Focus, LabelFilter: c.Config.LabelFilter, Charts: c.Config.Charts, Repair: c.Config.Repair,
		ExtraCharts: c.Config.ExtraCharts, Without: c.Config.Without, Waivers: c.Config.Waivers, Values: c.Config.Values, Set: c.Config.Set,
	}}
	if err := certificate.CheckAsked(asked, c.Demands); err != nil {
		return 0, &config.UsageError{Field: "certify", Text: err.Error()}
	}
	status, err := c.E2E(ctx)
	if err != nil || status == report.ExitInterrupted {
		return status, err
	}
	certified, err := c.CertifyRun(ctx, c.folder, how)
	if status == report.ExitPass {
		status = certified
	}
	return status, err
}

// CertifyRun certifies a run that was made; folder is its own. A run that cannot
// be certified is a *certificate.RefusedError.
func (c *Conductor) CertifyRun(ctx context.Context, folder string, how Certifying) (int, error) {
	document, err := c.certifiable(folder)
	if err != nil {
		return report.ExitInconclusive, err
	}
	public, err := how.Signer.Public(ctx)
	if err != nil {
		return report.ExitInconclusive, fmt.Errorf("ask the signer for its public key: %w", err)
	}
	now := time.Now()
	trusted, err := certificate.TrustedKeys{}.Trust(public, how.Owner, now, time.Time{})
	if err != nil {
		return report.ExitInconclusive, err
	}
	papers := certificate.Papers{Folder: os.DirFS(folder)}
	if papers.Trusted, err = trusted.Encode(); err != nil {
		return report.ExitInconclusive, err
	}
	if papers.Envelope, papers.Report, err = certificate.Sign(ctx, document, now, how.Signer); err != nil {
		return report.ExitInconclusive, err
	}
	// What is handed out is what others will come to.
	result := certificate.Verify(ctx, papers, time.Now(), c.Demands)
	if err := c.handOut(folder, how, papers, public); err != nil {
		return report.ExitInconclusive, err
	}
	return StatusOf(result, how.AllowStandins), result.Text(c.Out)
}

// handOut writes the certificate into the run's folder, and to where it was asked for.
func (c *Conductor) handOut(folder string, how Certifying, papers certificate.Papers, public certificate.PublicKey) error {
	if !how.WriteTrusted {
		papers.Trusted = nil
	}
	places := []string{folder}
	if how.To != "" {
		places = append(places, how.To)
	}
	for _, place := range places {
		if err := certificate.Save(place, papers, []certificate.PublicKey{public}); err != nil {
			return err
		}
		fmt.Fprintf(c.Out, "certificate: %s\n", filepath.Join(place, certificate.File))
	}
	return nil
}

// certifiable is the report of a run that can be certified. It is made from the
// records; a report on disk that says something else is refused.
func (c *Conductor) certifiable(folder string) (*report.Report, error) {
	document, err := assemble(folder)
	if err != nil {
		return nil, err
	}
	text, err := document.JSON()
	if err != nil {
		return nil, err
	}
	written, err := os.ReadFile(filepath.Join(folder, report.ReportFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("read the run's report: %w", err)
	case !bytes.Equal(written, text):
		return nil, &certificate.RefusedError{Run: document.Run.ID, Reasons: []certificate.Refusal{{
			Reason: certificate.Report, What: report.ReportFile + " is not what the run's records come to: one of them was changed, or another meshcert made it",
			Next: "make it anew: meshcert report " + document.Run.ID,
		}}}
	}
	// Who reads the report back must come to the same.
	if document, err = report.Parse(text); err != nil {
		return nil, fmt.Errorf("read the report of the run's records back: %w", err)
	}
	return document, certificate.Check(document, os.DirFS(folder), c.Demands)
}

// StatusOf is the exit status that a certificate comes to: pass only for what was
// asked for, fail when it says that a spec failed, else inconclusive.
func StatusOf(r *certificate.Result, allowStandins bool) int {
	switch {
	case r.Accepts(allowStandins):
		return report.ExitPass
	case r.State == certificate.Failed:
		return report.ExitFail
	}
	return report.ExitInconclusive
}

// Demands is what this meshcert demands of a run of a profile, by its name: one of
// the profiles, or a release of the catalogue.
func (c *Conductor) Demands(name string) (*certificate.Demand, error) {
	profile := verdict.OfRelease(name)
	for _, p := range verdict.Profiles() {
		if p.Name == name {
			profile = p
		}
	}
	d := &certificate.Demand{
		Version: c.Version, Profile: name, Stages: profile.Stages,
		Skippable: map[string]string{}, Gaps: map[string][]string{}, Waivers: map[string][]string{},
	}
	for _, stage := range profile.Stages {
		if !catalogue.Has(stage.Release) {
			return nil, fmt.Errorf("meshcert %s has no such profile", c.Version)
		}
		if err := c.excuses(d, stage); err != nil {
			return nil, err
		}
	}
	for _, s := range c.Specs {
		if s.SkipsIf != "" {
			d.Skippable[s.ID] = s.SkipsIf
		}
		if s.Disruptive {
			d.Disruptive = append(d.Disruptive, s.ID)
		}
	}
	var err error
	d.SpecList, err = c.specList(profile)
	return d, err
}

// excuses adds what may excuse findings of a stage.
func (c *Conductor) excuses(d *certificate.Demand, stage verdict.Stage) error {
	release, err := catalogue.Load(stage.Release)
	if err != nil {
		return err
	}
	for _, g := range release.Gaps {
		d.Gaps[stage.Name()] = append(d.Gaps[stage.Name()], g.ID)
	}
	can := spec.Waivable(c.Specs)
	if len(can) == 0 {
		return nil
	}
	waivers, err := verdict.WaiversOf(stage.Release, can)
	if err != nil {
		return err
	}
	for _, w := range waivers {
		d.Waivers[stage.Name()] = append(d.Waivers[stage.Name()], w.String())
	}
	return nil
}
