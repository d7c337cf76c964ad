package diff

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"github.com/onap/meshcert/framework/report/internal/style"
)

//go:embed page.html.tmpl
var pageText string

//go:embed page.css
var own string

// Page writes the difference as one HTML file that needs no network. It works
// without scripts.
func (d Diff) Page(w io.Writer) error {
	page, err := template.New("page").Parse(pageText)
	if err != nil {
		return fmt.Errorf("read the page's template: %w", err)
	}
	if err := page.Execute(w, struct {
		Diff
		Style template.CSS
	}{d, template.CSS(style.CSS() + own)}); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}
