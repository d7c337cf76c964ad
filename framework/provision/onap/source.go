package onap

import (
	"fmt"
	"net/url"
	"path"
	"slices"
	"strings"
)

// Source says where the charts of a release come from.
type Source struct {
	kind sourceKind
	// at is the folder of a tree, or the URL of a repository or registry.
	at string
	// version is an exact version or a range of all charts of a repository or
	// registry, "" for the newest.
	version string
}

type sourceKind string

const (
	embedded   sourceKind = ""
	tree       sourceKind = "oom"
	repository sourceKind = "repo"
	registry   sourceKind = "oci"
)

// forms is the end of every message about a source that is wrong.
const forms = "want nothing for the charts that are built in, oom:FOLDER for a checkout of OOM, " +
	"repo:https://HOST/PATH[@VERSION] for a chart repository, or oci://HOST/PATH[:VERSION] for a registry"

// ParseSource reads what stands behind --charts: "" for the embedded charts,
// "oom:FOLDER" for a checkout of OOM or its folder kubernetes,
// "repo:URL[@VERSION]" for a chart repository and "oci://HOST/PATH[:VERSION]" for
// a registry that holds PATH/msb and the others. Whether anything is there is
// found out by NewPlan.
func ParseSource(text string) (Source, error) {
	scheme, rest, _ := strings.Cut(text, ":")
	switch sourceKind(scheme) {
	case embedded:
		if text == "" {
			return Source{}, nil
		}
	case tree:
		if rest == "" {
			return Source{}, fmt.Errorf("--charts %q: the folder is missing; write oom:FOLDER, with the folder of an OOM checkout", text)
		}
		return Source{kind: tree, at: rest}, nil
	case repository:
		address, version := cutVersion(rest, "@")
		return remote(text, repository, address, version, "http", "https")
	case registry:
		address, version := cutVersion(text, ":")
		return remote(text, registry, address, version, "oci")
	}
	return Source{}, fmt.Errorf("--charts %q: this is no source of charts; %s", text, forms)
}

// cutVersion cuts the version from the last part of a URL's path.
func cutVersion(address, separator string) (string, string) {
	scheme, rest, _ := strings.Cut(address, "://")
	host, below, hasPath := strings.Cut(rest, "/")
	last := path.Base(below)
	i := strings.LastIndex(last, separator)
	if !hasPath || i < 0 {
		return address, ""
	}
	return scheme + "://" + host + "/" + strings.TrimSuffix(below, last[i:]), last[i+len(separator):]
}

func remote(text string, kind sourceKind, address, version string, schemes ...string) (Source, error) {
	parsed, err := url.Parse(address)
	switch {
	case err != nil:
		return Source{}, fmt.Errorf("--charts: the URL cannot be read; %s", forms)
	case parsed.User != nil:
		return Source{}, fmt.Errorf("--charts %q: credentials in a URL end up in reports; log in with helm registry login, or name a server that needs none (a version stands behind a slash: https://HOST/@VERSION)", parsed.Redacted())
	case parsed.Host == "" || !slices.Contains(schemes, parsed.Scheme):
		return Source{}, fmt.Errorf("--charts %q: this is no URL of charts; %s", text, forms)
	case strings.HasSuffix(text, "@") || kind == registry && strings.HasSuffix(text, ":"):
		return Source{}, fmt.Errorf("--charts %q: the version is missing; leave the last character out for the newest", text)
	}
	return Source{kind: kind, at: address, version: version}, nil
}

// Embedded tells whether the charts are those that are built in.
func (s Source) Embedded() bool { return s.kind == embedded }

// String is the source as it is written behind --charts, "embedded" for the
// charts that are built in.
func (s Source) String() string {
	switch s.kind {
	case tree:
		return "oom:" + s.at
	case repository:
		return strings.TrimSuffix("repo:"+s.at+"@"+s.version, "@")
	case registry:
		return strings.TrimSuffix(s.at+":"+s.version, ":")
	}
	return "embedded"
}
