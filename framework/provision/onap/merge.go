package onap

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Merge joins the stand-ins of several releases: of an image that two of them
// use, the ports, base paths and links of both, and its name where it is the
// same. What an image is cannot be joined: another role, base or any other
// environment is an error, since a node can hold one image of a name, and so is a
// link of the one at which the other mounts something.
func Merge(sets ...[]StandIn) ([]StandIn, error) {
	byRef := map[string]StandIn{}
	for _, set := range sets {
		for _, s := range set {
			have, known := byRef[s.Ref]
			if !known {
				byRef[s.Ref] = s
				continue
			}
			joined, err := join(have, s)
			if err != nil {
				return nil, err
			}
			byRef[s.Ref] = joined
		}
	}
	all := slices.Collect(maps.Values(byRef))
	slices.SortFunc(all, func(a, b StandIn) int { return strings.Compare(a.Ref, b.Ref) })
	return all, nil
}

func join(a, b StandIn) (StandIn, error) {
	out := StandIn{Ref: a.Ref, Base: a.Base, Env: map[string]string{}, Generic: a.Generic && b.Generic}
	if a.Base != b.Base {
		return out, fmt.Errorf("stand-in for image %s: two releases want it differently: made of %s and of %s", a.Ref, a.Base, b.Base)
	}
	for _, key := range keys(a.Env, b.Env) {
		x, y := a.Env[key], b.Env[key]
		switch {
		case x == y:
			out.Env[key] = x
		case key == portsKey:
			out.Env[key] = strings.Join(byNumber(union(x, y)), ",")
		case key == basesKey:
			out.Env[key] = strings.Join(union(x, y).sorted(), ",")
		case key != nameKey:
			return out, fmt.Errorf("stand-in for image %s: two releases want it differently: %s is %q and %q", a.Ref, key, x, y)
		}
	}
	if a.Links != nil || b.Links != nil {
		out.Links = map[string]string{}
		maps.Copy(out.Links, a.Links)
		maps.Copy(out.Links, b.Links)
	}
	for _, mount := range slices.Concat(a.Mounts, b.Mounts) {
		if !slices.Contains(out.Mounts, mount) {
			out.Mounts = append(out.Mounts, mount)
		}
	}
	slices.Sort(out.Mounts)
	return out, out.checkLinks()
}

// union are the entries of two lists with commas.
func union(lists ...string) set {
	all := set{}
	for _, list := range lists {
		for entry := range strings.SplitSeq(list, ",") {
			if entry != "" {
				all[entry] = true
			}
		}
	}
	return all
}
