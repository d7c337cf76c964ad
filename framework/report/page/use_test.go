package page

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/judge/tracing"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/verdict"
)

// TestInABrowser uses the pages of recorded runs as a person does.
func TestInABrowser(t *testing.T) {
	browser := startBrowser(t)
	paths := map[string]string{}
	for name, sample := range runs(t) {
		paths[name] = write(t, sample.Report, sample.files())
	}
	t.Run("verdicts", func(t *testing.T) { verdictsInABrowser(t, browser, paths) })
	t.Run("filter", func(t *testing.T) { filterInABrowser(t, browser, paths[red]) })
	t.Run("links", func(t *testing.T) { linksInABrowser(t, browser, paths[red]) })
	t.Run("keyboard", func(t *testing.T) { keyboardInABrowser(t, browser, paths[red]) })
	t.Run("graph, traces and plots", func(t *testing.T) { picturesInABrowser(t, browser, paths) })
	t.Run("print", func(t *testing.T) { printInABrowser(t, browser, paths[red]) })
	t.Run("accessibility", func(t *testing.T) { axeInABrowser(t, browser, paths) })
}

// shown are the specs that can be seen, sorted.
const shown = `[...document.querySelectorAll("li.spec:not([hidden]) .id")].map((e) => e.textContent).sort()`

const shownText = `document.getElementById("shown").textContent`

func verdictsInABrowser(t *testing.T, browser context.Context, paths map[string]string) {
	for name, want := range map[string]string{
		green:        "Casablanca passed on Istio 1.31.0, with stand-ins in the place of ONAP's programs",
		red:          "Casablanca failed on Istio 1.31.0, with stand-ins in the place of ONAP's programs",
		inconclusive: "It is not known whether casablanca works on Istio 1.31.0, with stand-ins in the place of ONAP's programs",
	} {
		tab := open(t, browser, paths[name], "")
		if got := eval[string](t, tab, `document.querySelector("h1").textContent`); !strings.Contains(got, want) {
			t.Errorf("%s: %q does not begin with %q", name, got, want)
		}
		if n, all := eval[int](t, tab, `document.querySelectorAll("li.spec").length`), len(runs(t)[name].Report.Specs); n != all {
			t.Errorf("%s: %d specs are on the page, want %d", name, n, all)
		}
		if unread := eval[string](t, tab, `document.querySelector(".unread")?.textContent ?? ""`); unread != "" {
			t.Errorf("%s: %s", name, unread)
		}
		tab.clean(t)
	}
}

func filterInABrowser(t *testing.T, browser context.Context, path string) {
	sample := runs(t)[red].Report
	tab := open(t, browser, path, "")
	count := func(keep func(report.Spec) bool) string {
		n := 0
		for _, s := range sample.Specs {
			if keep(s) {
				n++
			}
		}
		return fmt.Sprintf("%d of %d specs shown", n, len(sample.Specs))
	}
	expect := func(what, want string) {
		t.Helper()
		if got := eval[string](t, tab, shownText); got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	expect("at first", count(func(report.Spec) bool { return true }))

	for _, v := range []string{"pass", "skip"} {
		run(t, tab.ctx, chromedp.Click(`input[name=verdict][value=`+v+`]`))
	}
	expect("failed ones", count(func(s report.Spec) bool { return s.Verdict == verdict.Fail }))
	if got := eval[string](t, tab, `location.hash`); got != "#verdict=fail" {
		t.Errorf("the address ends with %q, want #verdict=fail", got)
	}
	run(t, tab.ctx, chromedp.SendKeys(`input[name=q]`, "nslcm WAS NOT called"))
	tab.wait(t, shownText+` === "1 of `+fmt.Sprint(len(sample.Specs))+` specs shown"`)
	if got := eval[[]string](t, tab, shown); !slices.Equal(got, []string{"graph.edges"}) {
		t.Errorf("found %q, want graph.edges", got)
	}
	linked := eval[string](t, tab, `location.hash`)

	other := open(t, browser, path, linked)
	if got := eval[[]string](t, other, shown); !slices.Equal(got, []string{"graph.edges"}) {
		t.Errorf("the link %s shows %q, want graph.edges", linked, got)
	}
	run(t, other.ctx, chromedp.Click(`button[type=reset]`))
	other.wait(t, shownText+` === "`+count(func(report.Spec) bool { return true })+`"`)
	eval[bool](t, other, `(() => { const s = document.querySelector("select[name=topic]"); s.value = "tracing"; s.dispatchEvent(new Event("input", {bubbles: true})); return true })()`)
	other.wait(t, shownText+` === "`+count(func(s report.Spec) bool { return s.Topic == "tracing" })+`"`)
	other.clean(t)
	tab.clean(t)

	nothing := open(t, browser, path, "#q=there-is-no-such-word")
	if got := eval[string](t, nothing, shownText); !strings.HasPrefix(got, "0 of ") {
		t.Errorf("what nobody says is found: %s", got)
	}
	odd := open(t, browser, path, "#topic=none&verdict=fail&release=x")
	if got := eval[string](t, odd, shownText); got != count(func(s report.Spec) bool { return s.Verdict == verdict.Fail }) {
		t.Errorf("with a topic that is none: %s", got)
	}
}

// linksInABrowser follows the page's own links: all lead somewhere, and to what
// was filtered away or closed too.
func linksInABrowser(t *testing.T, browser context.Context, path string) {
	tab := open(t, browser, path, "")
	const dead = `[...document.querySelectorAll('a[href^="#"]')].map((a) => a.getAttribute("href").slice(1)).filter((id) => !id.includes("=") && !document.getElementById(id))`
	if got := eval[[]string](t, tab, dead); len(got) > 0 {
		t.Errorf("links lead nowhere: %q", got)
	}
	const twice = `(() => { const ids = [...document.querySelectorAll("[id]")].map((e) => e.id); return ids.filter((id, i) => ids.indexOf(id) !== i) })()`
	if got := eval[[]string](t, tab, twice); len(got) > 0 {
		t.Errorf("ids are there twice: %q", got)
	}
	run(t, tab.ctx, chromedp.Click(`td.cell.fail a`))
	tab.wait(t, `location.hash.includes("topic=") && document.getElementById("filter").topic.value`)
	if got := eval[[]string](t, tab, shown); len(got) == 0 || len(got) > 12 {
		t.Errorf("a failed cell leads to %q", got)
	}
	const passed = `[...document.querySelectorAll("li.spec")].find((c) => c.dataset.verdict === "pass" && c.hidden).id`
	id := eval[string](t, tab, passed)
	eval[bool](t, tab, `(location.hash = "#`+id+`", true)`)
	tab.wait(t, `!document.getElementById("`+id+`").hidden && document.querySelector("#`+id+` details").open`)
	evidence := eval[string](t, tab, `document.querySelector("li.spec[data-verdict=fail] .files a").getAttribute("href")`)
	if _, err := os.Stat(filepath.Join(runs(t)[red].Folder, filepath.FromSlash(evidence))); err != nil {
		t.Errorf("a link to evidence leads nowhere: %v", err)
	}
	tab.clean(t)
}

func keyboardInABrowser(t *testing.T, browser context.Context, path string) {
	tab := open(t, browser, path, "")
	press := func(key string) { run(t, tab.ctx, chromedp.KeyEvent(key)) }
	focused := func() string {
		return eval[string](t, tab, `document.activeElement.textContent.trim().slice(0, 60)`)
	}
	press(kb.Tab)
	if got := focused(); got != "Skip to the results" {
		t.Errorf("the first stop is %q", got)
	}
	if !eval[bool](t, tab, `(() => { const b = document.activeElement.getBoundingClientRect(), s = getComputedStyle(document.activeElement); return b.left >= 0 && s.outlineStyle === "solid" && parseFloat(s.outlineWidth) >= 2 })()`) {
		t.Error("who uses the keyboard does not see where")
	}
	press(kb.Enter)
	tab.wait(t, `location.hash === "#main"`)

	const first = `document.querySelector("li.spec[data-verdict=pass] summary")`
	eval[bool](t, tab, `(`+first+`.focus(), true)`)
	press(kb.Enter)
	tab.wait(t, first+`.parentElement.open`)
	press(kb.Enter)
	tab.wait(t, `!`+first+`.parentElement.open`)

	run(t, tab.ctx, chromedp.Focus(`input[name=q]`))
	press("z")
	press("x")
	press(kb.Tab)
	if got := eval[string](t, tab, `document.activeElement.name`); got != "topic" {
		t.Errorf("behind the search is %q, want topic", got)
	}
	tab.wait(t, shownText+`.startsWith("0 of ")`)
	tab.clean(t)
}

func picturesInABrowser(t *testing.T, browser context.Context, paths map[string]string) {
	tab := open(t, browser, paths[red], "", media("dark"))
	if got := eval[string](t, tab, `document.querySelector("#graph .arrow.forbidden title").textContent`); !strings.HasPrefix(got, "msb-msb-eag → vfc-vfc-nslcm: 1/s, forbidden") {
		t.Errorf("the forbidden edge is %q", got)
	}
	const outside = `[...document.querySelectorAll("#graph .box rect")].filter((r) => { const v = r.ownerSVGElement.viewBox.baseVal, b = r.getBBox(); return b.x < 0 || b.y < 0 || b.x + b.width > v.width || b.y + b.height > v.height }).length`
	if n := eval[int](t, tab, outside); n != 0 {
		t.Errorf("%d boxes lie outside of the drawing", n)
	}
	const over = `(() => { const boxes = [...document.querySelectorAll("#graph .box rect")].map((r) => r.getBBox()); let n = 0;
		for (let i = 0; i < boxes.length; i++) for (let k = i + 1; k < boxes.length; k++) { const a = boxes[i], b = boxes[k];
			if (a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height) n++; } return n })()`
	if n := eval[int](t, tab, over); n != 0 {
		t.Errorf("%d boxes lie one on the other", n)
	}
	broken := eval[[]string](t, tab, `[...document.querySelectorAll("#traces details.trace")].filter((d) => d.textContent.includes("tracing.nslcm-to-catalog")).flatMap((d) => [...d.querySelectorAll("tr.broken th")].map((e) => e.textContent))`)
	if len(broken) != 2 || !strings.Contains(strings.Join(broken, " "), "broken hop") {
		t.Errorf("spans marked as broken: %q, want the two ends of the hop", broken)
	}
	falls := eval[[]int](t, tab, `[...document.querySelectorAll("#traces details.trace")].filter((d) => d.querySelector(".id").textContent === "tracing.multicloud-to-vio").map((d) => d.querySelectorAll("table.fall").length)`)
	if !slices.Equal(falls, []int{2}) {
		t.Errorf("the split trace is drawn as %d waterfalls, want 2", falls)
	}
	const colour = `getComputedStyle(document.body).backgroundColor`
	dark := eval[string](t, tab, colour)
	run(t, tab.ctx, media("light"))
	tab.wait(t, colour+` === "rgb(255, 255, 255)"`)
	if dark == "rgb(255, 255, 255)" {
		t.Error("the page is light in the dark")
	}
	tab.clean(t)

	plots := open(t, browser, paths[green], "")
	plots.wait(t, `document.querySelector("#figures .plot canvas")?.width > 0`)
	if got := eval[[]string](t, plots, `[...document.querySelectorAll("#figures .u-series .u-label")].map((e) => e.textContent)`); !slices.Contains(got, "with sidecars") || !slices.Contains(got, "without sidecars") {
		t.Errorf("the plot's lines are %q", got)
	}
	plots.clean(t)
}

func printInABrowser(t *testing.T, browser context.Context, path string) {
	tab := open(t, browser, path, "")
	closed := eval[int](t, tab, `document.querySelectorAll("details:not([open])").length`)
	eval[bool](t, tab, `(addEventListener("beforeprint", () => { window.printed = document.querySelectorAll("details:not([open])").length }), true)`)
	size := run(t, tab.ctx, func(ctx context.Context, target *chromedp.Target) (int, error) {
		printed, err := cdp.Call(ctx, target, page.PrintToPDF, page.PrintToPDFParams{})
		return len(printed.Data), err
	})
	if size < 50_000 {
		t.Errorf("the print has %d bytes", size)
	}
	if n := eval[int](t, tab, `window.printed ?? -1`); n != 0 {
		t.Errorf("%d parts were closed in print", n)
	}
	if n := eval[int](t, tab, `document.querySelectorAll("details:not([open])").length`); n != closed {
		t.Errorf("%d parts are closed behind the print, %d before", n, closed)
	}
	run(t, tab.ctx, printing)
	if !eval[bool](t, tab, `["nav.sections", "#filter .fields", "#filter button"].every((s) => getComputedStyle(document.querySelector(s)).display === "none")`) {
		t.Error("controls are printed")
	}
}

// axeInABrowser demands that axe-core finds nothing serious, in any colours.
func axeInABrowser(t *testing.T, browser context.Context, paths map[string]string) {
	axe, err := os.ReadFile(filepath.Join("testdata", "axe", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, colours string }{{green, "dark"}, {red, "light"}} {
		tab := open(t, browser, paths[c.name], "", media(c.colours))
		run(t, tab.ctx, chromedp.Click("#open"))
		run(t, tab.ctx, chromedp.Evaluate[chromedp.Void](string(axe)+";0"))
		const check = `axe.run(document, {resultTypes: ["violations"]}).then((r) => ({
			rules: r.violations.length + r.passes.length,
			found: r.violations.map((v) => v.impact + " " + v.id + ": " + v.help + ": " + v.nodes.slice(0, 3).map((n) => n.target + " " + n.failureSummary).join("; ")),
		}))`
		got := run(t, tab.ctx, chromedp.Evaluate[struct {
			Rules int      `json:"rules"`
			Found []string `json:"found"`
		}](check, chromedp.EvalAwaitPromise))
		if got.Rules < 25 {
			t.Errorf("%s, %s: only %d rules were tried", c.name, c.colours, got.Rules)
		}
		for _, violation := range got.Found {
			if strings.HasPrefix(violation, "serious") || strings.HasPrefix(violation, "critical") {
				t.Errorf("%s, %s: %s", c.name, c.colours, violation)
			} else {
				t.Logf("%s, %s: %s", c.name, c.colours, violation)
			}
		}
	}
}

// many is a run of so many specs: a third failed, with findings and traces.
func many(t testing.TB, n int) (*report.Report, memory) {
	files := memory{}
	var specs []report.Spec
	for i := range n {
		s := report.Spec{ID: fmt.Sprintf("tracing.path-%04d", i), Verdict: verdict.Pass, Seconds: 1, Proves: "the trace of a request stays whole over all its hops"}
		if i%3 == 0 {
			s.Verdict = verdict.Fail
			s.Findings = []verdict.Finding{{
				Kind: "headers-dropped", Verdict: verdict.Fail, Summary: "the trace splits at hop 2 of 3", Object: "Deployment onap/vfc-vfc-nslcm", Want: "msb-iag → nslcm → msb-iag → catalog, one trace",
				Got: "two traces", Where: "nslcm → msb-iag: server span 00000003… of nslcm has no child", Why: "the application drops the headers", Next: "make it copy them",
			}}
		}
		var bars []tracing.Bar
		for k := range 8 {
			bars = append(bars, tracing.Bar{ID: fmt.Sprintf("%08d%08d", k, i), Service: "vfc-nslcm.onap", Kind: evidence.Server, Name: "call", Depth: k % 4, Start: time.Duration(k) * time.Millisecond, Duration: 3 * time.Millisecond})
		}
		files.put(t, "artifacts/casablanca/"+s.ID+"/waterfall.json", []tracing.Waterfall{{TraceID: strings.Repeat("a", 32), Bars: bars, Spans: len(bars)}})
		specs = append(specs, s)
	}
	return one(t, specs...), files
}

// TestManySpecs opens a page of 1,000 specs with findings and traces, and says
// how long that takes.
func TestManySpecs(t *testing.T) {
	browser := startBrowser(t)
	const n = 1000
	r, files := many(t, n)
	began := time.Now()
	path := write(t, r, files.fs())
	wrote := time.Since(began)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	tab := open(t, browser, path, "")
	tab.wait(t, `document.documentElement.classList.contains("scripted")`)
	loaded := eval[float64](t, tab, `performance.getEntriesByType("navigation")[0].loadEventEnd`)
	painted := eval[float64](t, tab, `performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0`)
	sought := eval[float64](t, tab, `(() => { const f = document.getElementById("filter"), t = performance.now(); f.q.value = "path-0777"; f.q.dispatchEvent(new Event("input", {bubbles: true})); return performance.now() - t })()`)
	if got := eval[[]string](t, tab, shown); !slices.Equal(got, []string{"tracing.path-0777"}) {
		t.Errorf("found %q", got)
	}
	if got := eval[int](t, tab, `document.querySelectorAll("li.spec").length`); got != n {
		t.Errorf("%d specs are on the page, want %d", got, n)
	}
	if got := eval[int](t, tab, `document.querySelectorAll("details.trace").length`); got != mostTraces {
		t.Errorf("%d traces are drawn, want %d", got, mostTraces)
	}
	if got := eval[int](t, tab, `document.querySelectorAll("details.trace[open]").length`); got != openTraces {
		t.Errorf("%d traces are open, want %d", got, openTraces)
	}
	t.Logf("%d specs: written in %v, %.1f MB; first paint after %.0f ms, loaded after %.0f ms, first search %.0f ms", n, wrote.Round(time.Millisecond), float64(info.Size())/1e6, painted, loaded, sought)
	tab.clean(t)
}

func BenchmarkWrite(b *testing.B) {
	for _, n := range []int{100, 1000, 4000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			r, files := many(b, n)
			for b.Loop() {
				if err := Write(discard{}, r, files.fs()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

type discard struct{}

func (discard) Write(text []byte) (int, error) { return len(text), nil }
