package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/progress"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/report/live"
	"github.com/onap/meshcert/framework/spec"
	"github.com/onap/meshcert/framework/verdict"
)

// Replay judges the evidence of a run again, without a cluster, in a new folder
// beside the other runs. Everything but the judgements is the run's own: its
// environment, its phases, its times. What was ended from outside has no whole
// evidence and stays as it was. The status is the one of the new report.
func (c *Conductor) Replay(ctx context.Context, source string) (int, error) {
	records, err := report.Read(filepath.Join(source, report.RecordsFile))
	if err != nil {
		return report.ExitInconclusive, err
	}
	original, err := report.Assemble(records)
	if err != nil {
		return report.ExitInconclusive, err
	}
	if err := c.canReplay(original); err != nil {
		return 0, err
	}
	j := &job{Conductor: c, grace: grace}
	if err := j.makeFolder(original.Run.ID + "-replay"); err != nil {
		return report.ExitInconclusive, fmt.Errorf("make the replay's folder (another place can be given with --out): %w", err)
	}
	if err := j.takeOver(source); err != nil {
		return report.ExitInconclusive, fmt.Errorf("take over what run %s was judged by: %w", original.Run.ID, err)
	}
	artifacts := filepath.Join(source, report.ArtifactsFolder)
	if err := os.CopyFS(filepath.Join(j.folder, report.ArtifactsFolder), os.DirFS(artifacts)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return report.ExitInconclusive, fmt.Errorf("copy the evidence of run %s: %w", original.Run.ID, err)
	}
	j.show()
	status := report.ExitInconclusive
	err = j.judgeAgain(j.watched(ctx), source, original, records)
	if err == nil {
		status, err = Report(j.folder, j.summary(), j.Terminal)
	}
	j.view.End(live.Ended{Status: status, Folder: j.folder})
	return status, errors.Join(err, j.view.Close())
}

// takeOver copies what a run's specs are judged by and nobody else keeps, so
// that a replay can be replayed.
func (j *job) takeOver(source string) error {
	for _, name := range []string{catalogueFile, waiversFile} {
		text, err := os.ReadFile(filepath.Join(source, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(j.folder, name), text, 0o644)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// canReplay refuses a run with a spec that this meshcert does not have.
func (c *Conductor) canReplay(original *report.Report) error {
	if len(original.Specs) == 0 {
		return &config.UsageError{Field: "--replay", Text: fmt.Sprintf("run %s has no judged spec, so there is nothing to judge again", original.Run.ID)}
	}
	for _, s := range original.Specs {
		if !slices.ContainsFunc(c.Specs, func(known spec.Spec) bool { return known.ID == s.ID }) {
			text := fmt.Sprintf("run %s judged spec %s, which this meshcert (%s) does not have: use meshcert %s", original.Run.ID, s.ID, c.Version, original.Run.Version)
			return &config.UsageError{Field: "--replay", Text: text}
		}
	}
	return nil
}

// judgeAgain writes the records of the run down again, its specs' anew.
func (j *job) judgeAgain(ctx context.Context, source string, original *report.Report, records []report.Record) error {
	started := *records[0].RunStarted
	started.Version, started.Replayed = j.Version, time.Now().UTC()
	if err := j.records.Append(report.Record{Time: records[0].Time, RunStarted: &started}); err != nil {
		return err
	}
	var ends []report.Record
	for _, r := range records[1:] {
		if r.RunEnded != nil {
			ends = append(ends, r)
		} else if r.Spec == nil && (r.Selftest == nil || original.Run.Version == j.Version) {
			if err := j.records.Append(r); err != nil {
				return err
			}
		}
	}
	told := j.Config
	told.Tracer, told.TraceProtocol, told.ONAPImages = original.Run.Settings.Tracer, original.Run.Settings.TraceProtocol, original.Run.Settings.ONAPImages
	for _, stage := range judged(original) {
		order := Order{
			Stage: StageReplay, Config: told, Places: j.Config.Places, Folder: j.folder, Source: source,
			Run: stage, Date: original.Started, Ideal: ideal(original.Run.Profile), Terminal: j.Terminal,
		}
		if err := j.child(ctx, order); err != nil {
			return err
		}
	}
	for _, r := range ends {
		if err := j.records.Append(r); err != nil {
			return err
		}
	}
	return nil
}

// judged are the stages whose specs the run judged, in its order.
func judged(r *report.Report) []verdict.Stage {
	return slices.DeleteFunc(slices.Clone(r.Run.Stages), func(stage verdict.Stage) bool {
		return !slices.ContainsFunc(r.Specs, func(s report.Spec) bool { return s.Release == stage.Name() })
	})
}

// ideal tells whether the named profile demands the ideal.
func ideal(profile string) bool {
	return slices.ContainsFunc(verdict.Profiles(), func(p verdict.Profile) bool { return p.Name == profile && p.Ideal })
}

// stageReplay judges one release's specs of a run again, in this process.
func (c *Conductor) stageReplay(ctx context.Context, order Order) error {
	env, err := c.newEnv(order)
	if err != nil {
		return err
	}
	read, err := report.Read(filepath.Join(order.Source, report.RecordsFile))
	if err != nil {
		return err
	}
	records := report.NewWriter(filepath.Join(order.Folder, report.RecordsFile))
	before := map[string]report.Record{}
	var specs []spec.Spec
	for _, r := range read {
		switch {
		case r.Spec == nil || r.Spec.Release != order.Run.Name():
		case r.Spec.Interrupted:
			if err := records.Append(r); err != nil {
				return err
			}
		default:
			before[r.Spec.ID] = r
			specs = append(specs, c.spec(r.Spec.ID))
		}
	}
	env.Replay, env.Progress = true, progress.Of(ctx)
	return judge(order, spec.Cases(specs, env), func(r spec.Result) error {
		record := again(before[r.Spec.ID], recordOf(r, order))
		return records.Append(record)
	})
}

// spec is the one of that id; canReplay has seen that it is there.
func (c *Conductor) spec(id string) spec.Spec {
	i := slices.IndexFunc(c.Specs, func(s spec.Spec) bool { return s.ID == id })
	return c.Specs[i]
}

// again is the record with a new judgement.
func again(before report.Record, now *report.Spec) report.Record {
	s := *before.Spec
	s.Proves, s.Verdict, s.Findings, s.Notes, s.Reason = now.Proves, now.Verdict, now.Findings, now.Notes, now.Reason
	s.Ready, s.Headers, s.Figures = now.Ready, now.Headers, now.Figures
	return report.Record{Time: before.Time, Spec: &s}
}
