package page

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"strings"

	"github.com/onap/meshcert/framework/report/internal/style"
)

//go:embed assets
var assets embed.FS

//go:embed view
var viewFiles embed.FS

// views are the templates of the page.
var views = template.Must(template.New("").ParseFS(viewFiles, "view/*.html"))

// look is the page's style and script, and the policy by which a browser takes
// no others and asks nobody.
type look struct {
	Style  template.CSS
	Script template.JS
	Policy string
}

func theLook() look {
	css := asset("pico/pico.fluid.classless.slate.min.css") + asset("uplot/uPlot.min.css") + style.CSS() + asset("page.css")
	script := asset("uplot/uPlot.iife.min.js") + "\n" + asset("page.js")
	return look{
		Style: template.CSS(css), Script: template.JS(script), //nolint:gosec // our own files, embedded
		Policy: strings.Join([]string{
			"default-src 'none'", "img-src data:", "style-src " + hash(css), "script-src " + hash(script), "base-uri 'none'", "form-action 'none'",
		}, "; "),
	}
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return fmt.Sprintf("'sha256-%s'", base64.StdEncoding.EncodeToString(sum[:]))
}

func asset(name string) string {
	text, err := assets.ReadFile("assets/" + name)
	if err != nil {
		panic(err) // the name is embedded: never
	}
	return string(text)
}
