package verdict

// Profile is a named list of releases, with what is judged on each.
type Profile struct {
	Name string `json:"name"`
	// Text says for whom it is.
	Text string `json:"text"`
	// Stages are run one after the other on one environment; the last one is
	// what a kept cluster keeps.
	Stages []Stage `json:"stages"`
	// Ideal demands that nothing is wrong: known gaps excuse nothing.
	Ideal bool `json:"ideal,omitempty"`
}

// Stage is one release under one injector policy, and the topics that are judged on it.
type Stage struct {
	Release string `json:"release"`
	// Policy is the injector policy, enabled or disabled, where it is not the release's own.
	Policy string `json:"policy,omitempty"`
	// Topics restricts the specs; empty means every topic.
	Topics []string `json:"topics,omitempty"`
	// Soak adds the specs that take minutes.
	Soak bool `json:"soak,omitempty"`
	// Bounds are limits of what is measured; without them figures are only told.
	Bounds Bounds `json:"bounds,omitzero"`
}

// Bounds are limits of what is measured; one that is zero is not judged.
type Bounds struct {
	// GatewayP99 is how long, in seconds, all but one in a hundred requests through
	// msb-iag may take at most.
	GatewayP99 float64 `json:"gatewayP99,omitempty"`
}

// Name is what reports and folders call the stage: "casablanca", or
// "casablanca-disabled" under a policy that is not the release's own.
func (s Stage) Name() string {
	if s.Policy == "" {
		return s.Release
	}
	return s.Release + "-" + s.Policy
}

// Names are the stages' names, in their order.
func (p Profile) Names() []string {
	var names []string
	for _, s := range p.Stages {
		names = append(names, s.Name())
	}
	return names
}

// Profiles lists the profiles there are.
func Profiles() []Profile {
	summer := []string{"sidecar", "releases", "msb"} // no path is known of the releases of 2018's summer
	blog := Stage{Release: "blog", Topics: summer}
	casablanca := Stage{Release: "casablanca"}
	// A hundred times what is usual: it is about requests that hang, not about machines.
	bounded := Stage{Release: "casablanca", Bounds: Bounds{GatewayP99: 1}}
	return []Profile{
		{Name: "core", Text: "what make e2e runs: the source document's listing, then Casablanca", Stages: []Stage{blog, casablanca}},
		{Name: "blog", Text: "the source document's listing of 2018, injector policy disabled", Stages: []Stage{blog}},
		{Name: "beijing", Text: "Beijing, injector policy enabled: its charts ask for no sidecar", Stages: []Stage{{Release: "beijing", Topics: summer}}},
		{Name: "master-2018-07-31", Text: "OOM's master a day after the listing, injector policy disabled", Stages: []Stage{{Release: "master-2018-07-31", Topics: summer}}},
		{Name: "casablanca", Text: "Casablanca, injector policy enabled, known gaps listed", Stages: []Stage{casablanca}},
		{Name: "full", Text: "everything there is to judge on the listing of 2018 and on Casablanca, also what takes minutes", Stages: []Stage{blog, {Release: "casablanca", Soak: true}}},
		{Name: "releases", Text: "four releases under both injector policies: containers and sidecars of every workload", Stages: tables()},
		{Name: "readiness", Text: "the ideal: every known gap of Casablanca counts as a failure, and so does a gateway that is slow", Stages: []Stage{bounded}, Ideal: true},
	}
}

// tables are the releases whose sidecars are known for both injector policies,
// each first under its own.
func tables() []Stage {
	var stages []Stage
	for _, r := range []struct{ release, other string }{
		{"beijing", "disabled"}, {"blog", "enabled"}, {"master-2018-07-31", "enabled"}, {"casablanca", "disabled"},
	} {
		topics := []string{"sidecar", "releases"}
		stages = append(stages, Stage{Release: r.release, Topics: topics}, Stage{Release: r.release, Policy: r.other, Topics: topics})
	}
	return stages
}

// OfRelease is the profile that runs one release: its own one where there is
// one, else the release with every topic.
func OfRelease(release string) Profile {
	for _, p := range Profiles() {
		if p.Name == release {
			return p
		}
	}
	return Profile{Name: release, Text: "release " + release + ", every topic", Stages: []Stage{{Release: release}}}
}
