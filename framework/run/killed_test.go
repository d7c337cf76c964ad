package run

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/report"
)

// TestKilled: a run whose process is killed, without a chance to say anything,
// leaves a valid report that says so, also of the specs that had ended.
func TestKilled(t *testing.T) {
	folder := t.TempDir()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	parent := exec.CommandContext(t.Context(), program, "lead", "interrupted", folder)
	parent.Stdout, parent.Stderr = &out, &out
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	c := fakeConductor("interrupted", folder, &out)
	err = kube.Until(t.Context(), "a report with a spec", time.Minute, func(context.Context) error {
		reports, _ := filepath.Glob(filepath.Join(c.Config.Places.Runs, "*", report.ReportFile))
		if len(reports) != 1 {
			return errors.New("there is no report yet")
		}
		if r, err := report.Load(reports[0]); err != nil || r.Counts.Specs == 0 {
			return errors.Join(errors.New("it has no spec yet"), err)
		}
		return nil
	})
	killed := parent.Process.Signal(syscall.SIGKILL)
	_ = parent.Wait()
	if err != nil || killed != nil {
		t.Fatalf("%v, %v\n%s", err, killed, &out)
	}
	run := folderOf(t, c)
	before, err := report.Load(run)
	if err != nil {
		t.Fatal(err)
	}
	if before.Finished || before.Exit != report.ExitInconclusive || before.Specs[0].ID != "sidecar.ready" {
		t.Errorf("the report of a killed run: finished %t, exit %d, specs %+v", before.Finished, before.Exit, before.Specs)
	}
	// Its child is told by the kernel, and says what became of the other specs.
	err = kube.Until(t.Context(), "the child to end", time.Minute, func(context.Context) error {
		if r, err := assemble(run); err != nil || r.Counts.Specs < 3 {
			return errors.Join(errors.New("it has not said what became of all specs"), err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	status, err := Report(run, &out, false)
	if err != nil || status != report.ExitInconclusive {
		t.Errorf("its report made anew: status %d, %v", status, err)
	}
	if after := document(t, run); after.Finished {
		t.Error("its report made anew says that it was finished")
	}
}

// TestRefresh: a report is there at once, follows the records, and says what is
// wrong with them.
func TestRefresh(t *testing.T) {
	folder := t.TempDir()
	records := report.NewWriter(filepath.Join(folder, report.RecordsFile))
	if err := records.Append(report.Record{RunStarted: &report.Run{ID: "1-core", Profile: "core"}}); err != nil {
		t.Fatal(err)
	}
	settle, err := refresh(folder, time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := report.Load(folder); err != nil || len(r.Notes) != 0 {
		t.Errorf("at first: %+v, %v", r, err)
	}
	if err := records.Append(report.Record{Note: &report.Note{Text: "something"}}); err != nil {
		t.Fatal(err)
	}
	err = kube.Until(t.Context(), "the report to follow", time.Minute, func(context.Context) error {
		if r, err := report.Load(folder); err != nil || len(r.Notes) != 1 {
			return errors.Join(errors.New("the note is missing"), err)
		}
		return nil
	})
	if err := errors.Join(err, settle()); err != nil {
		t.Error(err)
	}
	if _, err := refresh(filepath.Join(folder, "none"), time.Hour); err == nil {
		t.Error("a folder without records has a report")
	}
}
