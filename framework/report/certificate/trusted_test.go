package certificate

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onap/meshcert/framework/report"
)

// TestRotation: with a new key beside it the old one is retired; what each signed in
// its time is believed, what the old one signs later is not.
func TestRotation(t *testing.T) {
	old, next := testKey(t, 1), testKey(t, 2)
	change := certified.Add(24 * time.Hour)
	trusted, err := TrustedKeys{}.Trust(old.public, "ONAP, first key", began, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if trusted, err = trusted.Trust(next.public, "ONAP, second key", change, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if trusted, err = trusted.Retire(old.public.ID, change); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		key  *Key
		at   time.Time
		want []Reason
	}{
		{"old, before", old, certified, nil}, {"old, after", old, change.Add(time.Hour), []Reason{Time}},
		{"new, before", next, certified, []Reason{Time}}, {"new, after", next, change.Add(time.Hour), nil},
	} {
		p := Papers{Trusted: encoded(t, trusted)}
		if p.Envelope, p.Report, err = Sign(t.Context(), assembled(t), c.at, c.key); err != nil {
			t.Fatal(err)
		}
		if got := Verify(t.Context(), p, change.Add(48*time.Hour), demand); !slices.Equal(reasons(got), c.want) {
			t.Errorf("%s: %s, %v", c.name, got.State, got.Refusals)
		}
	}
	if _, err := trusted.Retire(old.public.ID, change.Add(time.Second)); err == nil {
		t.Error("a key that was retired signs longer")
	}
	if _, err := trusted.Trust(old.public, "again", began, time.Time{}); err == nil || !strings.Contains(err.Error(), "trusted already") {
		t.Errorf("a key is trusted twice: %v", err)
	}
	if sooner, err := trusted.Retire(old.public.ID, certified); err != nil || sooner.List()[0].Until.Equal(trusted.List()[0].Until) && sooner.List()[1].Until.Equal(trusted.List()[1].Until) {
		t.Errorf("a key that was leaked cannot be retired sooner: %v", err)
	}
}

// TestTrustedRefused: what is wrong with a file of trusted keys is said, and nobody is
// trusted by it.
func TestTrustedRefused(t *testing.T) {
	one, two := testKey(t, 1), testKey(t, 2)
	entry := func(k *Key) TrustedKey {
		return TrustedKey{ID: k.public.ID, SPKI: k.public.der, Owner: "ONAP", From: second(began)}
	}
	file := func(kind string, keys ...TrustedKey) []byte {
		text, err := canonical(keys)
		if err != nil {
			t.Fatal(err)
		}
		out, err := canonical(trustedFile{kind, report.Digest(text), keys})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	sorted := []TrustedKey{entry(one), entry(two)}
	slices.SortFunc(sorted, func(a, b TrustedKey) int { return strings.Compare(string(a.ID), string(b.ID)) })
	if _, err := ParseTrusted(file(TrustedType, sorted...)); err != nil {
		t.Fatal(err)
	}
	edit := func(change func(*TrustedKey)) []byte {
		k := entry(one)
		change(&k)
		return file(TrustedType, k)
	}
	for name, c := range map[string]struct {
		text []byte
		want string
	}{
		"empty":                  {nil, "not what it should be"},
		"another type":           {file("x", sorted...), "type"},
		"a key twice":            {file(TrustedType, entry(one), entry(one)), "twice"},
		"not in order":           {file(TrustedType, sorted[1], sorted[0]), "not in order"},
		"the id of another":      {edit(func(k *TrustedKey) { k.ID = two.public.ID }), "id"},
		"no key":                 {edit(func(k *TrustedKey) { k.SPKI = nil }), "spki"},
		"no owner":               {edit(func(k *TrustedKey) { k.Owner = " " }), "owner"},
		"no beginning":           {edit(func(k *TrustedKey) { k.From = time.Time{} }), "from"},
		"an end before":          {edit(func(k *TrustedKey) { k.Until = began.Add(-time.Hour) }), "until"},
		"parts of a second":      {edit(func(k *TrustedKey) { k.From = began }), "whole seconds"},
		"revoked without reason": {edit(func(k *TrustedKey) { k.Revoked = second(began) }), "reason"},
		"a reason alone":         {edit(func(k *TrustedKey) { k.Reason = "lost" }), "reason"},
		"by hand":                {[]byte(strings.Replace(string(file(TrustedType, sorted...)), "ONAP", "mine", 1)), "digest"},
	} {
		if got, err := ParseTrusted(c.text); err == nil || !strings.Contains(err.Error(), c.want) || len(got.keys) > 0 {
			t.Errorf("%s: want %q, got %v", name, c.want, err)
		}
	}
	none := TrustedKeys{}
	if _, err := none.Retire(one.public.ID, began); err == nil {
		t.Error("a key that is not trusted was retired")
	}
	some, err := none.Trust(one.public, "ONAP", began, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := some.Revoke(one.public.ID, began, ""); err == nil {
		t.Error("a key was revoked for no reason")
	}
}
