package certificate

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/verdict"
)

var update = flag.Bool("update", false, "write the golden texts anew")

// TestTexts: what people read of certificates.
func TestTexts(t *testing.T) {
	refused := signed(t, assembled(t), nil)
	refused.Report = append(bytes.Clone(refused.Report), '\n')
	for _, c := range []struct {
		name   string
		papers Papers
		state  State
	}{
		{"good-standins", signed(t, assembled(t), nil), WithStandins},
		{"good-own", signed(t, assembled(t, ownONAP()), evidence()), Certified},
		{"red-standins", signed(t, assembled(t, broke()), nil), Failed},
		{"red-own", signed(t, assembled(t, broke(), ownONAP()), nil), Failed},
		{"refused", refused, Refused},
		{"refused-focused", signed(t, assembled(t, focused("tracing")), nil), Refused},
	} {
		t.Run(c.name, func(t *testing.T) {
			result := verified(t, c.papers)
			if result.State != c.state {
				t.Errorf("state %s, want %s: %v", result.State, c.state, result.Refusals)
			}
			var got bytes.Buffer
			if err := result.Text(&got); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", c.name+".txt")
			if *update {
				if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("text (-want +got); go test -update writes it anew:\n%s", diff)
			}
		})
	}
}

// TestAccepts: stand-ins are not what was asked for unless they were, and a red run
// never is.
func TestAccepts(t *testing.T) {
	for _, c := range []struct {
		state           State
		plain, standins bool
	}{{Certified, true, true}, {WithStandins, false, true}, {Failed, false, false}, {Refused, false, false}} {
		r := &Result{State: c.state}
		if r.Accepts(false) != c.plain || r.Accepts(true) != c.standins {
			t.Errorf("%s: accepts %t, with stand-ins %t", c.state, r.Accepts(false), r.Accepts(true))
		}
	}
}

// focused makes a run of one topic out of the run.
func focused(topic string) func([]report.Record) []report.Record {
	return func(all []report.Record) []report.Record {
		all[0].RunStarted.Settings.Focus = topic
		all = slices.DeleteFunc(all, func(r report.Record) bool { return r.Spec != nil && r.Spec.Topic != topic })
		all[0].RunStarted.Selected = 1
		return all
	}
}

// start changes what the run was asked for.
func start(change func(*report.Run)) func([]report.Record) []report.Record {
	return func(all []report.Record) []report.Record {
		change(all[0].RunStarted)
		return all
	}
}

// drop leaves records out.
func drop(which func(report.Record) bool) func([]report.Record) []report.Record {
	return func(all []report.Record) []report.Record { return slices.DeleteFunc(all, which) }
}

// add puts a record before the last.
func add(r report.Record) func([]report.Record) []report.Record {
	r.Time = ending
	return func(all []report.Record) []report.Record { return slices.Insert(all, len(all)-1, r) }
}

func specs(id string, change func(*report.Spec)) func([]report.Record) []report.Record {
	return each(func(r *report.Record) {
		if r.Spec != nil && (id == "" || r.Spec.ID == id) {
			change(r.Spec)
		}
	})
}

// TestRunsWithoutACertificate: such a run gets none, and a certificate of one that
// somebody has signed all the same is refused, for the same reason.
func TestRunsWithoutACertificate(t *testing.T) {
	settings := func(change func(*report.Settings)) func([]report.Record) []report.Record {
		return start(func(r *report.Run) { change(&r.Settings) })
	}
	for _, c := range []struct {
		name string
		edit func([]report.Record) []report.Record
		want []Reason
	}{
		{"killed", drop(func(r report.Record) bool { return r.RunEnded != nil }), []Reason{Unfinished}},
		{"interrupted", each(func(r *report.Record) {
			if r.RunEnded != nil {
				r.RunEnded.Interrupted = true
			}
		}), []Reason{Interrupted}},
		{"environment not made", each(func(r *report.Record) {
			if r.RunEnded != nil {
				r.RunEnded.Error = "onap casablanca: Deployment onap/vfc-db is not available"
			}
		}), []Reason{Environment}},
		{"a phase failed", each(func(r *report.Record) {
			if r.Phase != nil {
				r.Phase.Error = "no room"
			}
		}), []Reason{Environment}},
		{"replayed", start(func(r *report.Run) { r.Replayed = ending }), []Reason{Replayed}},
		{"focused", focused("tracing"), []Reason{Focused}},
		{"focused on everything", settings(func(s *report.Settings) { s.Focus = "*" }), []Reason{Focused}},
		{"label filter", settings(func(s *report.Settings) { s.LabelFilter = "core || extended" }), []Reason{Focused}},
		{"a part of the specs", drop(func(r report.Record) bool { return r.Spec != nil && r.Spec.ID != "tracing.identity" }), []Reason{Missing}},
		{"a part of the list", func(all []report.Record) []report.Record {
			all[0].RunStarted.SpecList, all[0].RunStarted.Selected = []string{"casablanca/tracing.identity"}, 1
			return slices.DeleteFunc(all, func(r report.Record) bool { return r.Spec != nil && r.Spec.ID != "tracing.identity" })
		}, []Reason{OtherList}},
		{"no list", start(func(r *report.Run) { r.SpecList = nil }), []Reason{OtherList}},
		{"a longer list", start(func(r *report.Run) { r.SpecList = append(slices.Clone(r.SpecList), "casablanca/new.spec") }), []Reason{OtherList}},
		{"a spec that is not on the list", func(all []report.Record) []report.Record {
			return add(report.Record{Spec: specOf(t, "sidecar.ready2", verdict.Pass)})(all)
		}, []Reason{OtherList, Evidence}},
		{"dry", specs("", func(s *report.Spec) {
			s.Verdict, s.Reason, s.Findings, s.Evidence = verdict.Skip, "a dry run does nothing", nil, nil
		}), []Reason{NothingDone}},
		{"skipped without a rule", specs("tracing.identity", func(s *report.Spec) { s.Verdict, s.Reason, s.Findings = verdict.Skip, "too slow", nil }), []Reason{Skipped}},
		{"never begun", specs("metrics.grafana", func(s *report.Spec) { s.Interrupted = true }), []Reason{Unfinished}},
		{"inconclusive", specs("tracing.identity", func(s *report.Spec) { s.Verdict, s.Findings, s.Reason = verdict.Inconclusive, nil, "no trace" }), []Reason{Inconclusive}},
		{"without evidence", specs("tracing.identity", func(s *report.Spec) { s.Evidence = nil }), []Reason{Evidence}},
		{"values", settings(func(s *report.Settings) { s.Values = []string{"small.yaml"} }), []Reason{Foreign}},
		{"set", settings(func(s *report.Settings) { s.Set = []string{"msb.msb-iag.istioSidecar=false"} }), []Reason{Foreign}},
		{"charts", settings(func(s *report.Settings) { s.Charts = "oom:/oom/kubernetes" }), []Reason{Foreign}},
		{"repaired", settings(func(s *report.Settings) { s.Repair = true }), []Reason{Foreign}},
		{"more charts", settings(func(s *report.Settings) { s.ExtraCharts = []string{"so"} }), []Reason{Foreign}},
		{"without an override", settings(func(s *report.Settings) { s.Without = []string{"flavor"} }), []Reason{Foreign}},
		{"waivers of the user", settings(func(s *report.Settings) { s.Waivers = "mine.yaml" }), []Reason{Foreign}},
		{"another policy", func(all []report.Record) []report.Record {
			all[0].RunStarted.Stages = []verdict.Stage{{Release: "casablanca", Policy: "disabled"}}
			return all
		}, []Reason{OtherList}},
		{"fewer topics", func(all []report.Record) []report.Record {
			all[0].RunStarted.Stages = []verdict.Stage{{Release: "casablanca", Topics: []string{"tracing"}}}
			return all
		}, []Reason{OtherList}},
		{"another profile", start(func(r *report.Run) { r.Profile = "mine" }), []Reason{OtherList}},
		{"an unknown gap", specs("tracing.identity", func(s *report.Spec) { s.Findings[0].Gap = "made-up" }), []Reason{Excuse}},
		{"an unknown waiver", specs("hygiene.root", func(s *report.Spec) { s.Findings[0].Waiver = "me, until 2099-12-31: no" }), []Reason{Excuse}},
		{"a fault", add(report.Record{Note: &report.Note{Text: "fault x is applied", Release: "casablanca", Fault: "x"}}), []Reason{Broken}},
		{"no environment", drop(func(r report.Record) bool { return r.Environment != nil }), []Reason{Images}},
		{"no images", each(func(r *report.Record) {
			if r.Environment != nil {
				r.Environment.Images = nil
			}
		}), []Reason{Images}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := assembled(t, c.edit)
			var refused *RefusedError
			if err := Check(r, nil, demand); err == nil {
				t.Error("it can be certified")
			} else if !errors.As(err, &refused) {
				t.Errorf("want a RefusedError, got %v", err)
			}
			for _, why := range refused.Reasons {
				if why.What == "" || why.Next == "" {
					t.Errorf("%s says too little: %+v", why.Reason, why)
				}
			}
			got := verified(t, signed(t, r, nil))
			if diff := cmp.Diff(c.want, unique(reasons(got))); diff != "" || got.State != Refused {
				t.Errorf("%s, reasons (-want +got):\n%s%v", got.State, diff, got.Refusals)
			}
		})
	}
}

func unique(all []Reason) []Reason {
	var out []Reason
	for _, r := range all {
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

// TestDisruptiveSkip: what a cluster was not asked for there is no excuse, although
// the spec has a rule to skip itself.
func TestDisruptiveSkip(t *testing.T) {
	d, err := demand("casablanca")
	if err != nil {
		t.Fatal(err)
	}
	d.Disruptive = []string{"metrics.grafana"}
	for context, want := range map[string]int{"": 0, "lab": 1} {
		r := assembled(t, start(func(r *report.Run) { r.Settings.Context = context }))
		if got := d.refusals(r); len(got) != want {
			t.Errorf("context %q: %v", context, got)
		}
	}
}

// TestEvidenceFiles: a folder without artifacts is looked at by digest only; one with
// artifacts has all of them, and no others.
func TestEvidenceFiles(t *testing.T) {
	const seen = "artifacts/casablanca/tracing.identity/seen.json"
	for _, c := range []struct {
		name    string
		edit    func(fstest.MapFS)
		state   State
		checked int
	}{
		{"whole", func(fstest.MapFS) {}, WithStandins, 4},
		{"no artifacts", func(f fstest.MapFS) { clear(f) }, WithStandins, 0},
		{"a byte", func(f fstest.MapFS) { f[seen] = &fstest.MapFile{Data: []byte(`{"of":"tracing.identitz"}`)} }, Refused, 0},
		{"longer", func(f fstest.MapFS) { f[seen].Data = append(f[seen].Data, ' ') }, Refused, 0},
		{"missing", func(f fstest.MapFS) { delete(f, seen) }, Refused, 0},
		{"all but one missing", func(f fstest.MapFS) {
			for name := range f {
				if name != seen {
					delete(f, name)
				}
			}
		}, Refused, 0},
		{"one more", func(f fstest.MapFS) {
			f["artifacts/casablanca/tracing.identity/more.json"] = &fstest.MapFile{Data: []byte("{}")}
		}, Refused, 0},
		{"a link", func(f fstest.MapFS) {
			f[seen] = &fstest.MapFile{Data: []byte("../../../report.json"), Mode: os.ModeSymlink}
		}, Refused, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := evidence()
			c.edit(files)
			got := verified(t, signed(t, assembled(t), files))
			if got.State != c.state || got.Evidence.Checked != c.checked {
				t.Errorf("%s, %+v: %v", got.State, got.Evidence, got.Refusals)
			}
			if c.state == Refused && !slices.Equal(reasons(got), []Reason{Evidence}) {
				t.Errorf("reasons %v", reasons(got))
			}
		})
	}
}

// TestOtherVersion: another meshcert's list is no proof for this one, and the text
// says whose is.
func TestOtherVersion(t *testing.T) {
	r := assembled(t, start(func(r *report.Run) { r.Version = "0.9.0"; r.SpecList = r.SpecList[:3]; r.Selected = 3 }),
		drop(func(r report.Record) bool { return r.Spec != nil && r.Spec.ID == "metrics.grafana" }))
	got := verified(t, signed(t, r, nil))
	if len(got.Refusals) != 1 || got.Refusals[0].Reason != OtherList || !bytes.Contains([]byte(got.Refusals[0].Next), []byte("meshcert 0.9.0")) {
		t.Errorf("refusals: %v", got.Refusals)
	}
	same := assembled(t, start(func(r *report.Run) { r.Version = "0.9.0" }))
	if got := verified(t, signed(t, same, nil)); got.State != WithStandins {
		t.Errorf("another version with the same list: %v", got.Refusals)
	}
}

// TestTimes: a certificate counts from the first to the last moment of its key.
func TestTimes(t *testing.T) {
	key := testKey(t, 1)
	made := second(certified)
	for _, c := range []struct {
		name        string
		from, until time.Time
		now         time.Time
		revoked     bool
		want        Reason
	}{
		{"from the first moment", made, time.Time{}, today, false, ""},
		{"too early", made.Add(time.Second), time.Time{}, today, false, Time},
		{"until the last moment", began, made, today, false, ""},
		{"retired before", began, made.Add(-time.Second), today, false, Time},
		{"retired since, looked at later", began, made.Add(time.Hour), today.Add(1e6 * time.Second), false, ""},
		{"a clock that is late", began, time.Time{}, made.Add(-clockSkew), false, ""},
		{"in the future", began, time.Time{}, made.Add(-clockSkew - time.Second), false, Time},
		{"revoked later", began, time.Time{}, today, true, Revoked},
	} {
		t.Run(c.name, func(t *testing.T) {
			trusted, err := TrustedKeys{}.Trust(key.public, "ONAP", c.from, c.until)
			if err == nil && c.revoked {
				trusted, err = trusted.Revoke(key.public.ID, today, "lost")
			}
			if err != nil {
				t.Fatal(err)
			}
			p := signed(t, assembled(t), nil, key)
			p.Trusted = encoded(t, trusted)
			got := Verify(t.Context(), p, c.now, demand)
			if c.want == "" && got.State != WithStandins || c.want != "" && !slices.Equal(reasons(got), []Reason{c.want}) {
				t.Errorf("%s: %v", got.State, got.Refusals)
			}
		})
	}
	early, _, err := Sign(t.Context(), assembled(t), ending.Add(-time.Minute), key)
	if err != nil {
		t.Fatal(err)
	}
	p := signed(t, assembled(t), nil, key)
	p.Envelope = early
	if got := verified(t, p); !slices.Contains(reasons(got), Time) {
		t.Errorf("signed before the run's end: %v", got.Refusals)
	}
}
