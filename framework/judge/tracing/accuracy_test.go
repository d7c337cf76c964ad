package tracing_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/judge/internal/sample"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/judge/tracing"
	"github.com/onap/meshcert/framework/verdict"
)

// nobody is the row and the column of a request in which no application drops.
const nobody = "nobody"

// matrix counts who was named by who it was.
type matrix map[string]map[string]int

func (m matrix) add(was, named string) {
	if m[was] == nil {
		m[was] = map[string]int{}
	}
	m[was][named]++
}

func (m matrix) String() string {
	names := slices.Sorted(maps.Keys(m))
	var out strings.Builder
	fmt.Fprintf(&out, "%-26s", "was \\ named")
	for _, n := range names {
		fmt.Fprintf(&out, " %24s", n)
	}
	for _, was := range names {
		fmt.Fprintf(&out, "\n%-26s", was)
		for _, n := range names {
			fmt.Fprintf(&out, " %24d", m[was][n])
		}
	}
	return out.String()
}

// accused are the applications that findings convict of losing a header.
func accused(release *catalogue.Release, findings []verdict.Finding) []string {
	kinds := []verdict.Kind{"headers-dropped", "trace-id-changed", "header-dropped", "header-changed"}
	var apps []string
	for _, f := range findings {
		if f.Verdict != verdict.Fail || !slices.Contains(kinds, f.Kind) {
			continue
		}
		i := slices.IndexFunc(release.Workloads, func(w catalogue.Workload) bool { return object.App(release, "onap", w.App) == f.Object })
		apps = append(apps, release.Workloads[i].App)
	}
	slices.Sort(apps)
	return slices.Compact(apps)
}

// blameless demands, of a request of which no span was lost, that no failing finding
// of any kind names another object than the culprit's: a right accusation does not
// excuse a wrong one beside it.
func blameless(t *testing.T, path catalogue.Path, release *catalogue.Release, culprit string, findings []verdict.Finding) {
	t.Helper()
	for _, f := range findings {
		if f.Verdict == verdict.Fail && (culprit == nobody || f.Object != object.App(release, "onap", culprit)) {
			t.Errorf("path %s: %s drops, and beside it is said: %+v", path.ID, culprit, f)
		}
	}
}

// callers are the path's applications that call because they were called.
func callers(path catalogue.Path) []string {
	apps := slices.Clone(path.Hops[:len(path.Hops)-1])
	if !path.Requested() {
		apps = apps[1:]
	}
	slices.Sort(apps)
	return slices.Compact(apps)
}

// TestAccuracy makes every calling application of every path drop the headers of
// the tracer's format, of the other one, and of both, or renew their ids, over a mesh whose clocks
// differ by milliseconds, whose calls are tried again and that loses a span of
// every twentieth request. Nobody else is ever accused, and the application is named
// for at least 95 of 100 requests.
func TestAccuracy(t *testing.T) {
	release := sample.Release(t, "casablanca")
	const requests, lossy = 100, 20
	byDrop := map[string]matrix{}
	named, right := 0, 0
	for p, path := range release.Paths {
		for c, culprit := range append([]string{nobody}, callers(path)...) {
			for what, d := range map[string]drops{"traced": {traced: true}, "noted": {noted: true}, "both": {traced: true, noted: true, requestID: true}, "renewed": {renewed: true}} {
				if !path.Requested() && d.noted && !d.traced {
					continue // nobody sent a header to be noted
				}
				if byDrop[what] == nil {
					byDrop[what] = matrix{}
				}
				m := &mesh{rand: rand.New(rand.NewPCG(uint64(p), uint64(c))), release: release, pods: sample.Pods(release, catalogue.Enabled), path: path, culprit: culprit, drops: d, off: 2 * time.Millisecond}
				for n := range requests {
					lost := 0
					if n%lossy == 0 {
						lost = 1
					}
					seen, header := m.send(lost)
					findings := tracing.Judge(release, path, seen)
					if d.noted && !d.traced {
						findings = append(findings, tracing.JudgeCarried(release, path, seen, notedHeader, header)...)
					}
					apps := accused(release, findings)
					who := strings.Join(apps, "+")
					byDrop[what].add(culprit, cmp.Or(who, nobody))
					if len(apps) > 0 && !slices.Equal(apps, []string{culprit}) {
						t.Errorf("path %s, request %d: %s drops %s, and %s is accused: %+v", path.ID, n, culprit, what, who, findings)
					}
					if lost == 0 {
						blameless(t, path, release, culprit, findings)
					}
					if culprit != nobody {
						named++
						if who == culprit {
							right++
						}
					}
				}
			}
		}
	}
	for _, what := range slices.Sorted(maps.Keys(byDrop)) {
		t.Logf("headers: %s\n%s", what, byDrop[what])
		for app, row := range byDrop[what] {
			total := 0
			for _, n := range row {
				total += n
			}
			if share := float64(row[app]) / float64(total); share < 0.95 {
				t.Errorf("%s drops %s: named in %.1f %% of %d requests", app, what, 100*share, total)
			}
		}
	}
	t.Logf("%d of %d named right (%.1f %%)", right, named, 100*float64(right)/float64(named))
}

// TestInnocent makes it as hard as it gets: clocks that differ by seconds, several
// spans lost, and another request under way over the same path. Whoever is
// accused did it all the same.
func TestInnocent(t *testing.T) {
	release := sample.Release(t, "casablanca")
	named := 0
	for p, path := range release.Requests() {
		for c, culprit := range append([]string{nobody}, callers(path)...) {
			for what, d := range map[string]drops{"nothing": {}, "traced": {traced: true}, "both": {traced: true, noted: true, requestID: true}, "renewed": {renewed: true}} {
				m := &mesh{rand: rand.New(rand.NewPCG(uint64(p), uint64(c))), release: release, pods: sample.Pods(release, catalogue.Enabled), path: path, culprit: culprit, drops: d, off: 3 * time.Second}
				rival := *m
				rival.rand, rival.name, rival.trace = rand.New(rand.NewPCG(uint64(c), uint64(p))), "e", strings.Repeat("e", 32)
				for n := range 100 {
					seen, header := m.send(n % 4)
					other, _ := rival.send(n % 3)
					if other.Traces.Wanted != nil {
						seen.Traces.Others = append(seen.Traces.Others, *other.Traces.Wanted)
					}
					seen.Traces.Others = append(seen.Traces.Others, other.Traces.Others...)
					findings := slices.Concat(tracing.Judge(release, path, seen), tracing.JudgeCarried(release, path, seen, notedHeader, header))
					apps := accused(release, findings)
					if len(apps) > 0 && (d == drops{} || !slices.Equal(apps, []string{culprit})) {
						t.Errorf("path %s, request %d: %s drops %s, and %q are accused: %+v", path.ID, n, culprit, what, apps, findings)
					}
					named += len(apps)
				}
			}
		}
	}
	if named == 0 {
		t.Error("nobody was ever named, so the requests show nothing")
	}
	t.Logf("%d were named right", named)
}
