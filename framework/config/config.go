package config

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/yaml"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/tracer"
	"github.com/onap/meshcert/framework/verdict"
)

// Config is everything the user can say. The words in JSON are those of the
// file given by --config; flags have the same names in kebab-case.
type Config struct {
	// Release picks one release; Profile a named set. Without either: core.
	Release string `json:"release,omitempty"`
	Profile string `json:"profile,omitempty"`
	// Policy is the injector policy of Release, enabled or disabled; without it the release's own.
	Policy string `json:"policy,omitempty"`
	// Charts is where ONAP's charts come from: "oom:DIR", "repo:URL" or "oci://…";
	// without it they are meshcert's own. A Release that the catalogue does not
	// have is judged by what its charts say.
	Charts string `json:"charts,omitempty"`
	// Repair mends the charts for the mesh.
	Repair bool `json:"repair,omitempty"`
	// ExtraCharts are more charts of Charts to install, by name.
	ExtraCharts []string `json:"extraCharts,omitempty"`
	// Without are overrides of the charts, by name, that are left out.
	Without []string `json:"without,omitempty"`
	// Waivers is a file of waivers to use in place of the release's own.
	Waivers string `json:"waivers,omitempty"`
	// Focus is a comma list of topics, spec ids or globs over ids.
	Focus string `json:"focus,omitempty"`
	// LabelFilter is a Ginkgo label expression.
	LabelFilter string `json:"labelFilter,omitempty"`
	// Reuse keeps the cluster and uses one that is there.
	Reuse bool `json:"reuse,omitempty"`
	// Images is where images come from: auto or packages.
	Images string `json:"images,omitempty"`
	// ONAPImages is standin.
	ONAPImages string `json:"onapImages,omitempty"`
	// Sidecars is native or classic.
	Sidecars string `json:"sidecars,omitempty"`
	// Tracer keeps the mesh's traces, jaeger or zipkin, and TraceProtocol is how
	// sidecars send them there, zipkin or opentelemetry.
	Tracer        string `json:"tracer,omitempty"`
	TraceProtocol string `json:"traceProtocol,omitempty"`
	// Layout names a kind configuration: single or multi-node.
	Layout string `json:"layout,omitempty"`
	// Values are Helm value files, and Set single settings ("msb.msb-iag.istioSidecar=false"),
	// laid over the release's own; their top level is global, msb, multicloud, vfc.
	Values []string `json:"values,omitempty"`
	Set    []string `json:"set,omitempty"`
	// OpenEgress leaves the cluster's way out open.
	OpenEgress bool `json:"openEgress,omitempty"`
	// Kubeconfig and Context name a real cluster; without them a kind cluster is made.
	Kubeconfig string `json:"kubeconfig,omitempty"`
	Context    string `json:"context,omitempty"`
	// AllowDisruptive lets specs and faults break things on a real cluster.
	AllowDisruptive bool `json:"allowDisruptive,omitempty"`

	Places Places `json:"-"`
}

// UsageError is wrong use: the field, what is wrong with it, and the fix. The
// command line ends with status 2 on it, before anything was made.
type UsageError struct {
	Field string
	Text  string
}

func (e *UsageError) Error() string { return e.Field + ": " + e.Text }

// File reads a configuration file strictly: an unknown word is an error.
func File(path string) (Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Config{}, &UsageError{"--config", fmt.Sprintf("%v; name a readable YAML file", err)}
	}
	var c Config
	if err := yaml.UnmarshalStrict(text, &c); err != nil {
		return Config{}, &UsageError{"--config", fmt.Sprintf("%s: %v; its words are the flags of meshcert e2e in camelCase, like labelFilter", path, err)}
	}
	return c, nil
}

// choices lists the words each field may have, its default first.
var choices = map[string][]string{
	"--images":      {"auto", "packages"},
	"--onap-images": {"standin"},
	"--sidecars":    {"native", "classic"},
	"--layout":      {"single", "multi-node"},
	"--tracer":      {string(tracer.Jaeger), string(tracer.Zipkin)},
	"--policy":      {string(catalogue.Enabled), string(catalogue.Disabled)},

	"--trace-protocol": {string(tracer.ZipkinSpans), string(tracer.OpenTelemetry)},
}

// Choices returns the words a flag may have ("--layout"), its default first; none
// when any word may be said.
func Choices(flag string) []string { return slices.Clone(choices[flag]) }

// WithDefaults fills in what was not said.
func (c Config) WithDefaults() Config {
	for field, value := range c.words() {
		if *value == "" {
			*value = choices[field][0]
		}
	}
	switch {
	case c.Release != "" || c.Profile != "":
	case c.Charts != "":
		c.Release = "charts"
		if kind, _, found := strings.Cut(c.Charts, ":"); found && releaseName.MatchString(kind) {
			c.Release = kind
		}
	default:
		c.Profile = "core"
	}
	return c
}

func (c *Config) words() map[string]*string {
	return map[string]*string{
		"--images": &c.Images, "--onap-images": &c.ONAPImages, "--sidecars": &c.Sidecars, "--layout": &c.Layout,
		"--tracer": &c.Tracer, "--trace-protocol": &c.TraceProtocol,
	}
}

// Check returns a *UsageError for the first thing that is wrong. It reads
// files and makes nothing.
func (c Config) Check() error {
	words := c.words()
	for _, field := range slices.Sorted(maps.Keys(words)) {
		if err := oneOf(field, *words[field], choices[field]); err != nil {
			return err
		}
	}
	if _, err := c.Tracing().Complete(); err != nil {
		return &UsageError{"--trace-protocol", err.Error()}
	}
	if err := c.checkRelease(); err != nil {
		return err
	}
	if _, err := c.ResolveProfile(); err != nil {
		return err
	}
	if err := c.checkCluster(); err != nil {
		return err
	}
	for _, file := range c.Values {
		if _, err := os.Stat(file); err != nil {
			return &UsageError{"--values", fmt.Sprintf("%v; name a readable YAML file", err)}
		}
	}
	if _, err := os.Stat(c.Waivers); c.Waivers != "" && err != nil {
		return &UsageError{"--waivers", fmt.Sprintf("%v; name a readable YAML file", err)}
	}
	return nil
}

// Tracing is who keeps the mesh's traces, and how they come there.
func (c Config) Tracing() tracer.Tracing {
	return tracer.Tracing{Backend: tracer.Backend(c.Tracer), Protocol: tracer.Protocol(c.TraceProtocol)}
}

// checkRelease refuses settings of one release where several are meant, and
// those of other charts where ours are.
func (c Config) checkRelease() error {
	if c.Release != "" && c.Profile != "" {
		return &UsageError{"--release", "cannot be given together with --profile; a profile names its releases"}
	}
	if c.Policy != "" {
		if err := oneOf("--policy", c.Policy, choices["--policy"]); err != nil {
			return err
		}
		if c.Release == "" {
			return &UsageError{"--policy", "needs --release; a profile says the policy of each of its releases"}
		}
	}
	switch {
	case c.Charts == "" && c.Repair:
		return &UsageError{"--repair", "needs --charts; meshcert's own charts are not repaired"}
	case c.Charts == "" && len(c.ExtraCharts) > 0:
		return &UsageError{"--extra-charts", "needs --charts, which has the charts"}
	case c.Charts != "" && c.Release == "":
		return &UsageError{"--profile", "cannot be given together with --charts, which hold one release; give --release, or neither"}
	case c.Charts != "" && !releaseName.MatchString(c.Release):
		return &UsageError{"--release", fmt.Sprintf("%q is no name; write at most 42 lower case letters, digits, - and ., with a letter or digit at both ends", c.Release)}
	}
	return nil
}

// releaseName is the form of a release's name: it names folders and is a label's value.
var releaseName = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]{0,40}[a-z0-9])?$`)

// checkCluster refuses a kubeconfig that does not name the cluster; whether the
// cluster answers is for later.
func (c Config) checkCluster() error {
	if c.Kubeconfig == "" {
		if c.Context != "" {
			return &UsageError{"--context", "needs --kubeconfig"}
		}
		return nil
	}
	file, err := clientcmd.LoadFromFile(c.Kubeconfig)
	if err != nil {
		return &UsageError{"--kubeconfig", fmt.Sprintf("%s: %v; name a readable kubeconfig file", c.Kubeconfig, err)}
	}
	if len(file.Contexts) == 0 {
		return &UsageError{"--kubeconfig", fmt.Sprintf("%s has no context; name a kubeconfig file of a cluster", c.Kubeconfig)}
	}
	context := c.Context
	if context == "" {
		context = file.CurrentContext
	}
	if err := oneOf("--context", context, slices.Collect(maps.Keys(file.Contexts))); err != nil {
		return err
	}
	return checkContext(c.Kubeconfig, context, file)
}

// checkContext refuses a context whose cluster or user the file does not have.
func checkContext(path, name string, file *clientcmdapi.Config) error {
	context := file.Contexts[name]
	if _, ok := file.Clusters[context.Cluster]; !ok {
		return &UsageError{"--context", fmt.Sprintf("%q of %s names cluster %q, which the file does not have; mend the file or take another context", name, path, context.Cluster)}
	}
	if _, ok := file.AuthInfos[context.AuthInfo]; !ok && context.AuthInfo != "" {
		return &UsageError{"--context", fmt.Sprintf("%q of %s names user %q, which the file does not have; mend the file or take another context", name, path, context.AuthInfo)}
	}
	return nil
}

// ResolveProfile returns the profile that was asked for by name or by release.
func (c Config) ResolveProfile() (verdict.Profile, error) {
	if c.Release != "" {
		return c.ofRelease()
	}
	var names []string
	for _, p := range verdict.Profiles() {
		if p.Name == c.Profile {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return verdict.Profile{}, oneOf("--profile", c.Profile, names)
}

// ofRelease is the profile of the one release that was asked for.
func (c Config) ofRelease() (verdict.Profile, error) {
	p := verdict.OfRelease(c.Release)
	if c.Derived() {
		p.Text, p.Stages[0].Topics, p.Stages[0].Policy = "release "+c.Release+", as its charts say", derivable, c.Policy
		return p, nil
	}
	if err := oneOf("--release", c.Release, catalogue.Names()); err != nil {
		return verdict.Profile{}, err
	}
	release, err := catalogue.Load(c.Release)
	if err != nil {
		return verdict.Profile{}, err
	}
	if c.Policy != string(release.Policy) {
		p.Stages[0].Policy = c.Policy
	}
	return p, nil
}

// Derived tells that the release's catalogue is what its charts say.
func (c Config) Derived() bool {
	return c.Charts != "" && !catalogue.Has(c.Release)
}

// derivable are the topics that need no more than charts can say.
var derivable = []string{"cluster", "controlplane", "injection", "sidecar", "releases", "msb", "hygiene"}

func oneOf(field, value string, allowed []string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return &UsageError{field, Unknown(value, allowed)}
}

// fewNames is how many names can be listed in an error without hiding the rest of it.
const fewNames = 40

// Unknown says that a name is not known, which ones are nearest, and which there
// are, when these are few or none is near.
func Unknown(name string, known []string) string {
	sorted := slices.Sorted(slices.Values(known))
	text := fmt.Sprintf("%q is not known", name)
	if near := Nearest(name, sorted); len(near) > 0 {
		text += "; did you mean " + strings.Join(near, " or ") + "?"
		if len(sorted) > fewNames {
			return text
		}
	}
	return text + " (there are: " + strings.Join(sorted, ", ") + ")"
}

// Nearest returns up to three known names that are few edits away from name, or
// that contain it.
func Nearest(name string, known []string) []string {
	type candidate struct {
		name  string
		edits int
	}
	var near []candidate
	for _, k := range known {
		edits := levenshtein.ComputeDistance(strings.ToLower(name), strings.ToLower(k))
		if name != "" && strings.Contains(k, name) {
			edits = min(edits, 1)
		}
		if edits <= max(2, len(k)/3) {
			near = append(near, candidate{k, edits})
		}
	}
	slices.SortStableFunc(near, func(a, b candidate) int { return a.edits - b.edits })
	var names []string
	for _, c := range near[:min(3, len(near))] {
		names = append(names, c.name)
	}
	return names
}

// treePrefix begins the Charts that are a folder.
const treePrefix = "oom:"

// Absolute makes the paths the user gave absolute, so that child processes with
// another working folder read the same files.
func (c Config) Absolute() (Config, error) {
	paths := []*string{&c.Kubeconfig, &c.Waivers}
	if dir, isTree := strings.CutPrefix(c.Charts, treePrefix); isTree && dir != "" {
		absolute, err := filepath.Abs(dir)
		if err != nil {
			return c, fmt.Errorf("make path %s absolute: %w", dir, err)
		}
		c.Charts = treePrefix + absolute
	}
	c.Values = slices.Clone(c.Values)
	for i := range c.Values {
		paths = append(paths, &c.Values[i])
	}
	for _, p := range paths {
		if *p == "" {
			continue
		}
		absolute, err := filepath.Abs(*p)
		if err != nil {
			return c, fmt.Errorf("make path %s absolute: %w", *p, err)
		}
		*p = absolute
	}
	return c, nil
}
