package image

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// lock lets one process at a time build on a cache. Inside the process calls
// share it. Whoever holds it owns the folder of temporary files: it is emptied
// when the first takes the lock, of what a killed process left, and removed
// when the last gives it back.
type lock struct {
	file *flock.Flock
	temp string
	mu   sync.Mutex
	held int
}

// lockPoll is how often a process that waits for another looks again.
const lockPoll = 200 * time.Millisecond

func newLock(path, temp string) *lock { return &lock{file: flock.New(path), temp: temp} }

func (l *lock) take(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held == 0 {
		if err := os.MkdirAll(filepath.Dir(l.file.Path()), 0o755); err != nil {
			return fmt.Errorf("make the cache folder: %w", err)
		}
		if _, err := l.file.TryLockContext(ctx, lockPoll); err != nil {
			return fmt.Errorf("wait for another meshcert that builds images (lock %s): %w", l.file.Path(), err)
		}
		if err := os.RemoveAll(l.temp); err != nil {
			return errors.Join(fmt.Errorf("remove what a killed build left: %w", err), l.file.Unlock())
		}
	}
	l.held++
	return nil
}

func (l *lock) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held--; l.held == 0 {
		// The next holder removes what cannot be removed now; the lock itself
		// ends with the process at the latest.
		_ = os.RemoveAll(l.temp)
		_ = l.file.Unlock()
	}
}
