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

// Stage is one release and the topics that are judged on it.
type Stage struct {
	Release string `json:"release"`
	// Topics restricts the specs; empty means every topic.
	Topics []string `json:"topics,omitempty"`
}

// Profiles lists the profiles there are.
func Profiles() []Profile {
	summer := []string{"sidecar", "releases", "msb"} // no path is known of the releases of 2018's summer
	blog := Stage{Release: "blog", Topics: summer}
	casablanca := Stage{Release: "casablanca"}
	return []Profile{
		{Name: "core", Text: "what make e2e runs: the source document's listing, then Casablanca", Stages: []Stage{blog, casablanca}},
		{Name: "blog", Text: "the source document's listing of 2018, injector policy disabled", Stages: []Stage{blog}},
		{Name: "beijing", Text: "Beijing, injector policy enabled: its charts ask for no sidecar", Stages: []Stage{{Release: "beijing", Topics: summer}}},
		{Name: "master-2018-07-31", Text: "OOM's master a day after the listing, injector policy disabled", Stages: []Stage{{Release: "master-2018-07-31", Topics: summer}}},
		{Name: "casablanca", Text: "Casablanca, injector policy enabled, known gaps listed", Stages: []Stage{casablanca}},
		{Name: "readiness", Text: "the ideal: every known gap of Casablanca counts as a failure", Stages: []Stage{casablanca}, Ideal: true},
	}
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
