package prose

import (
	"bytes"
	"fmt"
)

// Page is a text in the making.
type Page struct {
	Text   bytes.Buffer
	Colour bool
}

// Line adds one line.
func (p *Page) Line(format string, values ...any) {
	fmt.Fprintf(&p.Text, format+"\n", values...)
}

// Section starts a part with a title, after an empty line.
func (p *Page) Section(title string) { p.Line("\n%s", title) }

// List adds a section with these lines; none when there are none.
func (p *Page) List(title string, lines []string) {
	if len(lines) == 0 {
		return
	}
	p.Section(title)
	for _, line := range lines {
		p.Line("  %s", line)
	}
}
