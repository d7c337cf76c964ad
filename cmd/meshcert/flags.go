package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/verdict"
)

// settings are the flags of every command that makes, uses or removes an environment.
type settings struct {
	config config.Config
	file   string
	out    string
	format outputFormat
}

func (s *settings) bind(cmd *cobra.Command) {
	f := cmd.Flags()
	c := &s.config
	f.StringVar(&s.file, "config", "", "YAML file with the same words as the flags, in camelCase; flags win")
	f.StringVar(&s.out, "out", "", "parent folder of the runs (default reports/runs of the checkout)")
	f.StringVar(&c.Release, "release", "", "one ONAP release: "+strings.Join(catalogue.Names(), ", ")+"; with --charts any name")
	f.StringVar(&c.Profile, "profile", "", "named set of releases and specs: "+strings.Join(profiles(), ", ")+" (default core)")
	f.StringVar(&c.Policy, "policy", "", "injector policy of --release: enabled or disabled (default the release's own)")
	f.StringVar(&c.Charts, "charts", "", "ONAP's charts: oom:DIR (kubernetes/ of an OOM checkout), repo:URL or oci://… (default meshcert's own)")
	f.BoolVar(&c.Repair, "repair", false, "mend the charts of --charts for the mesh; every change is in the report")
	f.StringSliceVar(&c.ExtraCharts, "extra-charts", nil, "more charts of --charts to install, by name")
	f.StringSliceVar(&c.Without, "without", nil, "changes to the charts to leave out, by name; the report lists them")
	f.StringVar(&c.Waivers, "waivers", "", "YAML file of waivers, in place of the release's own")
	f.BoolVar(&c.Reuse, "reuse", false, "keep the cluster, and use the one that is there")
	f.StringVar(&c.Images, "images", "", "where images come from: auto or packages (default auto)")
	f.StringVar(&c.ONAPImages, "onap-images", "", "ONAP's programs: standin (default standin)")
	f.StringVar(&c.Sidecars, "sidecars", "", "native or classic (default native)")
	f.StringVar(&c.Tracer, "tracer", "", "who keeps the traces: jaeger or zipkin (default jaeger)")
	f.StringVar(&c.TraceProtocol, "trace-protocol", "", "how sidecars send their spans: zipkin or opentelemetry (default zipkin)")
	f.StringVar(&c.Layout, "layout", "", "kind configuration: single or multi-node (default single)")
	f.StringArrayVar(&c.Values, "values", nil, "YAML file with chart values, at its top global, msb, multicloud and vfc; can be given again")
	f.StringArrayVar(&c.Set, "set", nil, "one chart value, e.g. msb.msb-iag.istioSidecar=false; can be given again")
	f.BoolVar(&c.OpenEgress, "open-egress", false, "leave the cluster's way out open")
	f.StringVar(&c.Kubeconfig, "kubeconfig", "", "use this real cluster instead of a kind cluster of our own")
	f.StringVar(&c.Context, "context", "", "context in --kubeconfig")
	completeSettings(cmd)
}

func profiles() []string {
	var names []string
	for _, p := range verdict.Profiles() {
		names = append(names, p.Name)
	}
	return names
}

// bindDisruption adds the flag that lets specs and faults break a real cluster.
func (s *settings) bindDisruption(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&s.config.AllowDisruptive, "allow-disruptive", false, "let specs and faults break a real cluster (--kubeconfig) for moments")
}

// bindSelection adds the flags that choose specs.
func (s *settings) bindSelection(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.config.Focus, "focus", "", "topics, spec ids or globs over ids, separated by commas")
	cmd.Flags().StringVar(&s.config.LabelFilter, "label-filter", "", "Ginkgo label expression, e.g. 'core && !vfc'")
	completeFlag(cmd, "focus", completeWord(",", focusable))
	completeFlag(cmd, "label-filter", completeWord("&|!(), ", labels))
}

// resolve joins file, flags and defaults and checks the result.
func (s *settings) resolve(cmd *cobra.Command) (config.Config, error) {
	c := s.config
	if s.file != "" {
		var err error
		if c, err = s.overFile(cmd); err != nil {
			return c, err
		}
	}
	c = c.WithDefaults()
	if err := c.Check(); err != nil {
		return c, err
	}
	c, err := c.Absolute()
	if err != nil {
		return c, err
	}
	c.Places, err = config.DefaultPlaces(".", s.out)
	return c, err
}

// overFile reads the file and lays the flags that were given over it.
func (s *settings) overFile(cmd *cobra.Command) (config.Config, error) {
	fromFile, err := config.File(s.file)
	if err != nil {
		return fromFile, err
	}
	given := map[string][]string{}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		given[f.Name] = []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			given[f.Name] = list.GetSlice()
		}
	})
	out := s.out
	s.config = fromFile
	for name, values := range given {
		if list, ok := cmd.Flags().Lookup(name).Value.(pflag.SliceValue); ok {
			if err := list.Replace(values); err != nil {
				return fromFile, fmt.Errorf("--%s: %w", name, err)
			}
			continue
		}
		if err := cmd.Flags().Set(name, values[0]); err != nil {
			return fromFile, fmt.Errorf("--%s: %w", name, err)
		}
	}
	s.out = out
	return s.config, nil
}
