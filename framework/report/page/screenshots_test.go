package page

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestScreenshots photographs pages for docs/ into the folder that
// MESHCERT_SCREENSHOTS names: a green, a red and an inconclusive run, wide and
// narrow, light and dark, and parts of them.
//
//	MESHCERT_SCREENSHOTS=/tmp/shots go test ./framework/report/page -run TestScreenshots
func TestScreenshots(t *testing.T) {
	folder := os.Getenv("MESHCERT_SCREENSHOTS")
	if folder == "" {
		t.Skip("MESHCERT_SCREENSHOTS names no folder for the pictures")
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	browser := startBrowser(t)
	save := func(name string, picture []byte) {
		if err := os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{green, red, inconclusive} {
		sample := runs(t)[name]
		path := write(t, sample.Report, sample.files())
		for _, colours := range []string{"light", "dark"} {
			for _, size := range []struct {
				name          string
				width, height int64
			}{{"wide", 1360, 900}, {"narrow", 420, 900}} {
				page := open(t, browser, path, "", media(colours), chromedp.EmulateViewport(size.width, size.height))
				page.wait(t, `document.documentElement.classList.contains("scripted")`)
				save(fmt.Sprintf("%s-%s-%s", name, size.name, colours), run(t, page.ctx, chromedp.CaptureScreenshot()))
				if size.name == "narrow" {
					continue
				}
				run(t, page.ctx, chromedp.EmulateViewport(size.width, 1400))
				for _, part := range []string{"matrix", "specs", "graph", "traces", "figures", "headers", "gaps", "timeline", "environment"} {
					if eval[bool](t, page, `!!document.getElementById("`+part+`")`) {
						eval[bool](t, page, `document.getElementById("`+part+`").scrollIntoView(), true`)
						save(fmt.Sprintf("%s-%s-%s", name, part, colours), run(t, page.ctx, chromedp.CaptureScreenshot()))
					}
				}
			}
		}
	}
}
