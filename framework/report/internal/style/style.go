// Package style holds the CSS that all pages of the reports share, so that a
// colour means the same and a heading looks the same in each, on a light or a
// dark screen.
package style

import _ "embed"

//go:embed style.css
var css string

// CSS sets the colours as variables of the root (good, bad, doubt, quiet, ink,
// rule, soft, paper, link) and how body, headings and wide tables look. A page's own
// style comes after it.
func CSS() string { return css }
