package metrics

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/object"
	"github.com/onap/meshcert/framework/verdict"
)

const (
	// missed is how many scrapes may be missed before samples count as stale.
	missed = 5
	// usual is the time between scrapes where Prometheus does not tell it: its own default.
	usual = time.Minute
	// telemetry is the pool of what counts in the proxies' stead, where they cannot.
	telemetry = "istio-telemetry"
)

// JudgeScraping says whether Prometheus scrapes every program that offers
// metrics, and the telemetry service also while it is not there: whether it is
// among the targets, up, and was scraped lately; and whether the counts of
// requests are new. Where most targets are wrong in one way, that is Prometheus'
// matter and one finding.
func JudgeScraping(seen evidence.Scraping) []verdict.Finding {
	if len(seen.Programs) == 0 || len(seen.Targets.Items) == 0 {
		return []verdict.Finding{{
			Kind: "no-evidence", Verdict: verdict.Inconclusive, Summary: "there is nothing to scrape, or nothing that is scraped", Object: prometheus,
			Want: "at least one program that offers metrics, and one target", Where: "/api/v1/targets, and the pods with a sidecar",
			Got:  fmt.Sprintf("%s, %s", object.Count(len(seen.Programs), "program"), object.Count(len(seen.Targets.Items), "target")),
			Why:  "whether all is scraped is known only of what is there",
			Next: "see Prometheus' configuration (ConfigMap prometheus) and that ONAP's pods are up",
		}}
	}
	s := scraping{ages: map[target]float64{}}
	for _, item := range seen.Ages.Items {
		s.ages[target{item.Labels["job"], item.Labels["instance"]}] = item.Value
	}
	for _, t := range seen.Targets.Items {
		if t.Pool == telemetry {
			s.wanted++
			s.judge(t, prometheus)
		}
	}
	for _, p := range seen.Programs {
		if slices.ContainsFunc(seen.Targets.Items, func(t evidence.Target) bool { return t.Pool == telemetry && host(t.URL) == p.Address }) {
			continue
		}
		s.wanted++
		i := slices.IndexFunc(seen.Targets.Items, func(t evidence.Target) bool { return host(t.URL) == p.Address })
		if i < 0 {
			s.add(scrapeFinding("target-missing", p.Workload, p.Pod, "no target "+p.Address))
			continue
		}
		s.judge(seen.Targets.Items[i], p.Workload)
	}
	findings := append(s.joined(), stale(seen)...)
	verdict.Sort(findings)
	return findings
}

// target is what Prometheus labels a target with.
type target struct{ job, instance string }

// scraping collects what is wrong with targets.
type scraping struct {
	ages   map[target]float64
	wanted int
	found  []verdict.Finding
}

func (s *scraping) add(f verdict.Finding) { s.found = append(s.found, f) }

func (s *scraping) judge(t evidence.Target, who string) {
	if t.Health != "up" {
		s.add(scrapeFinding("target-down", who, t.URL, fmt.Sprintf("%s: %s", object.Text(t.Health), object.Text(t.Error))))
		return
	}
	age, known := s.ages[target{t.Pool, t.Instance}]
	most := old(t.Interval)
	switch {
	case !known:
		s.add(scrapeFinding("target-stale", who, t.URL, "no scrape of it is known"))
	case !(age <= most.Seconds()):
		s.add(scrapeFinding("target-stale", who, t.URL, fmt.Sprintf("scraped %.0f s ago, every %s", age, cmp.Or(t.Interval, usual))))
	}
}

// old is the age from which on samples are stale.
func old(interval time.Duration) time.Duration { return missed * cmp.Or(interval, usual) }

// joined are the findings, those of one kind as one where most targets have it.
func (s *scraping) joined() []verdict.Finding {
	var all []verdict.Finding
	for _, kind := range []verdict.Kind{"target-missing", "target-down", "target-stale"} {
		of := slices.DeleteFunc(slices.Clone(s.found), func(f verdict.Finding) bool { return f.Kind != kind })
		if len(of) < 2 || len(of)*2 <= s.wanted {
			all = append(all, of...)
			continue
		}
		var got []string
		for _, f := range of {
			got = append(got, f.Where+": "+f.Got)
		}
		slices.Sort(got)
		f := scrapeFinding(kind, prometheus, "/api/v1/targets", strings.Join(got, "; "))
		f.Summary = fmt.Sprintf("Prometheus does not scrape %d of %d targets", len(of), s.wanted)
		all = append(all, f)
	}
	return all
}

func scrapeFinding(kind verdict.Kind, who, where, got string) verdict.Finding {
	return verdict.Finding{
		Kind: kind, Verdict: verdict.Fail, Summary: "Prometheus does not scrape " + where, Object: who,
		Want: fmt.Sprintf("a target that is up and was scraped within the last %d intervals", missed), Got: got, Where: where,
		Why:  "what it would report is not in Prometheus, or is of another time: nothing that is asked of Prometheus holds for it",
		Next: "see Prometheus' /targets page and ConfigMap istio-system/prometheus; reach the address from Prometheus' pod",
	}
}

// stale says whether the newest count of requests is old, by the job with the
// newest one.
func stale(seen evidence.Scraping) []verdict.Finding {
	if f, missing := noSamples(1, seen.Counts); missing {
		return []verdict.Finding{f}
	}
	newest := slices.MinFunc(seen.Counts.Items, func(a, b evidence.Sample) int { return cmp.Compare(a.Value, b.Value) })
	interval := time.Duration(0)
	for _, t := range seen.Targets.Items {
		if t.Pool == newest.Labels["job"] {
			interval = max(interval, t.Interval)
		}
	}
	if newest.Value <= old(interval).Seconds() {
		return nil
	}
	return []verdict.Finding{{
		Kind: "samples-stale", Verdict: verdict.Fail, Summary: "the counts of requests are old", Object: prometheus,
		Want: fmt.Sprintf("a sample of the last %s", old(interval)), Got: fmt.Sprintf("the newest is %.0f s old", newest.Value), Where: "query " + seen.Counts.Query,
		Why:  "Prometheus answers for five minutes with the last value it has, so what rose since then is not seen",
		Next: "see whether what exports istio_requests_total gives its samples a time of its own, and when it was scraped last",
	}}
}

// host is host:port of a URL, "" for what is none.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
