package servicegraph

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe"
)

// The pages.
const (
	dotvizPath = "dotviz"
	forcePath  = "force/forcegraph.html"
)

// drawingID is the id of the element in which /dotviz holds its graph.
const drawingID = "cluster"

// Dotviz asks for the page /dotviz over the horizon, for all it loads, and reads
// the graph that it draws.
func (o *Observer) Dotviz(ctx context.Context, horizon time.Duration) (evidence.GraphPage, error) {
	page, err := o.page(ctx, dotvizPath, parameters(horizon))
	if page.Drawing != nil {
		*page.Drawing = sourced(*page.Drawing, PageSource, horizon)
	}
	return page, observe.Absent(err)
}

// Force asks for the page of the force graph, and for all it loads at first.
func (o *Observer) Force(ctx context.Context) (evidence.GraphPage, error) {
	page, err := o.page(ctx, forcePath, nil)
	return page, observe.Absent(err)
}

func (o *Observer) page(ctx context.Context, path string, query url.Values) (evidence.GraphPage, error) {
	address := observe.At(o.base, path, query)
	body, err := observe.Get(ctx, o.client, address)
	if err != nil {
		return evidence.GraphPage{}, fmt.Errorf("ask Servicegraph for /%s: %w", path, err)
	}
	page, err := readPage(address, body)
	if err != nil {
		return evidence.GraphPage{}, fmt.Errorf("read Servicegraph's /%s: %w", path, err)
	}
	page.Path, page.Observed = "/"+path, time.Now().UTC()
	for i := range page.Assets {
		if err := o.load(ctx, address, &page.Assets[i]); err != nil {
			return evidence.GraphPage{}, fmt.Errorf("ask Servicegraph for %s, which /%s loads: %w", page.Assets[i].Name, path, err)
		}
	}
	return page, nil
}

// loading are the attributes by which an element loads something, by its name.
func loading() map[string]string {
	return map[string]string{
		"script": "src", "link": "href", "img": "src", "iframe": "src", "embed": "src", "source": "src", "object": "data", "image": "href",
	}
}

// maxAssets bounds how many files of a page are asked for.
const maxAssets = 50

// readPage reads title, assets and drawing off a page.
func readPage(address string, body []byte) (evidence.GraphPage, error) {
	malformed := func(reason string, cut bool) error {
		return &observe.MalformedError{URL: address, Reason: reason, Body: string(body), Cut: cut}
	}
	text := strings.TrimSpace(string(body))
	if !strings.HasSuffix(text, "</html>") && !strings.HasSuffix(text, "</body>") {
		return evidence.GraphPage{}, malformed("no whole HTML page", strings.HasPrefix(text, "<"))
	}
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		return evidence.GraphPage{}, malformed(err.Error(), false)
	}
	page, attributes := evidence.GraphPage{Assets: []evidence.Asset{}}, loading()
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		name := attribute(n, attributes[n.Data])
		named := func(a evidence.Asset) bool { return a.Name == name }
		if name != "" && !strings.HasPrefix(name, "data:") && !slices.ContainsFunc(page.Assets, named) {
			asset := evidence.Asset{Name: name, Element: n.Data}
			if _, err := url.Parse(name); err != nil {
				asset.Error = err.Error()
			}
			if page.Assets = append(page.Assets, asset); len(page.Assets) > maxAssets {
				return evidence.GraphPage{}, malformed(fmt.Sprintf("more than %d files to load", maxAssets), false)
			}
		}
		switch {
		case n.Data == "title" && page.Title == "":
			page.Title = strings.TrimSpace(content(n))
		case n.Data == "script" && attribute(n, "id") == drawingID:
			graph, err := decodeDot(address, []byte(content(n)))
			if err != nil {
				return evidence.GraphPage{}, err
			}
			sortEdges(graph.Edges)
			page.Drawing = &graph
		}
	}
	return page, nil
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func content(n *html.Node) string {
	if n.FirstChild == nil {
		return ""
	}
	return n.FirstChild.Data
}

// load asks for what a page names, if that is an address and the page's server
// has it. What it answers in its place is no error, but evidence.
func (o *Observer) load(ctx context.Context, page string, asset *evidence.Asset) error {
	if asset.Error != "" {
		return nil
	}
	base, err := url.Parse(page)
	if err != nil {
		return fmt.Errorf("read the page's address: %w", err)
	}
	address, err := base.Parse(asset.Name)
	if err != nil {
		return fmt.Errorf("read an address: %w", err)
	}
	if address.Scheme != base.Scheme || address.Host != base.Host || !strings.HasPrefix(address.Path, o.base.Path) {
		asset.Elsewhere = true
		return nil
	}
	body, err := observe.Get(ctx, o.client, address.String())
	var status *observe.StatusError
	var malformed *observe.MalformedError
	switch {
	case errors.As(err, &status), errors.As(err, &malformed):
		asset.Error = err.Error()
	case err != nil:
		return err
	case asset.Element == "script" && body[0] == '<':
		asset.Error = "HTML, not a script"
	}
	asset.Bytes = len(body)
	return nil
}
