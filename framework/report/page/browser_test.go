package page

import (
	"bytes"
	"context"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/onap/meshcert/framework/report"
)

// startBrowser starts the Chromium or Chrome of this machine, which ends with the test.
func startBrowser(t testing.TB) context.Context {
	t.Helper()
	var program string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			program = found
			break
		}
	}
	if program == "" {
		t.Skip("needs a browser, and no chromium, chromium-browser, google-chrome or chrome is in PATH: install Debian's package chromium")
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(program), chromedp.Flag("no-proxy-server", true))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium refuses root otherwise
	}
	allocator, end := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(end)
	browser, closed := chromedp.NewContext(allocator)
	t.Cleanup(closed)
	if err := chromedp.Do(browser); err != nil {
		t.Fatalf("start %s: %v", program, err)
	}
	return browser
}

// tab is a page that was opened, and what it did.
type tab struct {
	ctx   context.Context
	file  string
	mutex sync.Mutex
	// asked are the addresses that were asked for; none but the file itself may be.
	asked []string
	said  func(func(chromedp.ConsoleMessage, error) bool)
}

// write writes a run's page into a folder of the test's and returns its path.
func write(t testing.TB, r *report.Report, artifacts fs.FS) string {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, r, artifacts); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "index.html")
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// open opens a page, with a fragment such as "#topic=graph" or none.
func open(t *testing.T, browser context.Context, path, fragment string, first ...chromedp.Action[chromedp.Void]) *tab {
	t.Helper()
	ctx, end := chromedp.NewContext(browser)
	t.Cleanup(end)
	opened := &tab{ctx: ctx, file: (&url.URL{Scheme: "file", Path: path}).String()}
	if err := chromedp.Listen(ctx, opened.note); err != nil {
		t.Fatal(err)
	}
	opened.said = chromedp.Console(ctx)
	for _, action := range first {
		run(t, ctx, action)
	}
	run(t, ctx, chromedp.Navigate(opened.file+fragment))
	return opened
}

func (o *tab) note(event any) {
	if sent, ok := event.(*network.EventRequestWillBeSent); ok && !strings.HasPrefix(sent.Request.URL, "data:") {
		o.mutex.Lock()
		defer o.mutex.Unlock()
		o.asked = append(o.asked, sent.Request.URL)
	}
}

// clean fails the test if the page asked anybody but its own file, or complained.
func (o *tab) clean(t *testing.T) {
	t.Helper()
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if want := []string{o.file}; !slices.Equal(want, o.asked) {
		t.Errorf("the page asked for %q, want %q alone", o.asked, want)
	}
	const last = "the test is over"
	run(t, o.ctx, chromedp.Evaluate[chromedp.Void](`console.log("`+last+`")`))
	for message, err := range o.said {
		if err != nil {
			t.Fatal(err)
		}
		if message.Text == last {
			break
		}
		t.Errorf("the browser's console: %s: %s", message.Type, message.Text)
	}
}

func run[T any](t *testing.T, ctx context.Context, action chromedp.Action[T]) T {
	t.Helper()
	limited, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	value, err := chromedp.Run(limited, action)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// wait waits until an expression is true in the page.
func (o *tab) wait(t *testing.T, expression string) {
	t.Helper()
	run(t, o.ctx, chromedp.Poll[chromedp.Void]("Boolean("+expression+")", chromedp.WithPollingTimeout(time.Minute), chromedp.WithPollingInterval(100*time.Millisecond)))
}

// eval is the value of an expression in the page.
func eval[T any](t *testing.T, o *tab, expression string) T {
	t.Helper()
	return run(t, o.ctx, chromedp.Evaluate[T](expression))
}

// media sets what the page is shown on: colours "light" or "dark".
func media(colours string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: colours}},
		})
		return err
	})
}

// printing shows the page as it is printed.
func printing(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
	_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	return chromedp.Void{}, err
}
