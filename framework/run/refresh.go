package run

import (
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/onap/meshcert/framework/report"
)

// refreshEvery is how often the report on disk is brought up to the records.
const refreshEvery = 2 * time.Second

// tell writes down what is known of the suite itself, and begins to keep the
// report of a run that judges specs. The function it returns ends that.
func (j *job) tell(w work) (func() error, error) {
	if !w.specs {
		return func() error { return nil }, nil
	}
	known, err := score(j.Config.Places.Runs, j.Version)
	if err == nil && known != nil {
		err = j.records.Append(report.Record{Selftest: known})
	}
	if err != nil {
		return nil, err
	}
	return refresh(j.folder, refreshEvery)
}

// refresh keeps a valid report of what is known in the folder while a run goes
// on, unfinished as the run is: one that is killed leaves it. It is there when
// refresh returns. The function it returns ends that, and says what went wrong.
func refresh(folder string, every time.Duration) (func() error, error) {
	r := &refresher{folder: folder}
	if err := r.write(); err != nil {
		return nil, err
	}
	done := make(chan struct{})
	var working sync.WaitGroup
	var problem error
	working.Go(func() {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-done:
				return
			case <-ticker.C:
				// Only the last problem counts: what is mended later is none.
				problem = r.write()
			}
		}
	})
	return func() error {
		close(done)
		working.Wait()
		return problem
	}, nil
}

// refresher writes a run's report when there are new records.
type refresher struct {
	folder string
	// size is how long the records were when the report was written.
	size int64
}

func (r *refresher) write() error {
	info, err := os.Stat(filepath.Join(r.folder, report.RecordsFile))
	if err != nil || info.Size() == r.size {
		return err
	}
	document, err := assemble(r.folder)
	if err != nil {
		return err
	}
	r.size = info.Size()
	return report.Save(r.folder, document)
}

// assemble makes the document of a run from its records.
func assemble(folder string) (*report.Report, error) {
	records, err := report.Read(filepath.Join(folder, report.RecordsFile))
	if err != nil {
		return nil, err
	}
	return report.Assemble(records)
}
