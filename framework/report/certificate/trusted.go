package certificate

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onap/meshcert/framework/report"
)

// TrustedType is what a file of trusted keys says it is.
const TrustedType = "https://github.com/onap/meshcert/trusted-keys/v1"

// TrustedKey is a key whose certificates are believed.
type TrustedKey struct {
	ID KeyID `json:"id"`
	// SPKI is the key's SubjectPublicKeyInfo in DER.
	SPKI []byte `json:"spki"`
	// Owner is who signs with it.
	Owner string `json:"owner"`
	// From and Until are the first and the last moment, both included, at which a
	// certificate may be made with the key; without Until it is not retired.
	From  time.Time `json:"from"`
	Until time.Time `json:"until,omitzero"`
	// Revoked is when the key was given up, and Reason why: no certificate of it is
	// believed any more, whenever it says that it was made.
	Revoked time.Time `json:"revoked,omitzero"`
	Reason  string    `json:"reason,omitempty"`
}

// TrustedKeys are all keys whose certificates are believed, by id. It is a value:
// its methods return another.
type TrustedKeys struct{ keys []TrustedKey }

// trustedFile is the file. The digest is of the keys' canonical form: a file that
// is damaged trusts nobody. Who may write to the file can make it anew; it is to
// lie where only those can who decide whom to trust.
type trustedFile struct {
	Type   string       `json:"type"`
	Digest string       `json:"digest"`
	Keys   []TrustedKey `json:"keys"`
}

// Encode is the file's text.
func (t TrustedKeys) Encode() ([]byte, error) {
	keys := append([]TrustedKey{}, t.keys...)
	text, err := canonical(keys)
	if err != nil {
		return nil, fmt.Errorf("encode the trusted keys: %w", err)
	}
	return canonical(trustedFile{TrustedType, report.Digest(text), keys})
}

// ParseTrusted reads the text of a file of trusted keys, strictly.
func ParseTrusted(text []byte) (TrustedKeys, error) {
	var file trustedFile
	if err := strict(text, &file); err != nil {
		return TrustedKeys{}, fmt.Errorf("trusted keys: %w; meshcert key trust writes such a file", err)
	}
	if file.Type != TrustedType {
		return TrustedKeys{}, fmt.Errorf("trusted keys: type %q: want %q", file.Type, TrustedType)
	}
	t := TrustedKeys{keys: file.Keys}
	for i, k := range t.keys {
		if err := k.check(); err != nil {
			return TrustedKeys{}, fmt.Errorf("trusted keys: keys[%d].%w", i, err)
		}
		if i > 0 && k.ID <= t.keys[i-1].ID {
			return TrustedKeys{}, fmt.Errorf("trusted keys: keys[%d].id: %s is there twice, or not in order", i, k.ID)
		}
	}
	keys, err := canonical(file.Keys)
	if err != nil {
		return TrustedKeys{}, fmt.Errorf("trusted keys: %w", err)
	}
	if file.Digest != report.Digest(keys) {
		return TrustedKeys{}, errors.New("trusted keys: digest: is not that of the keys: the file is damaged, or was written by hand; change it with meshcert key trust, retire and revoke")
	}
	return t, nil
}

// check says which field of the key is wrong.
func (k TrustedKey) check() error {
	public, err := parseDER(k.SPKI)
	switch {
	case err != nil:
		return fmt.Errorf("spki: %w", err)
	case public.ID != k.ID:
		return fmt.Errorf("id: %s, but the key's is %s", k.ID, public.ID)
	case strings.TrimSpace(k.Owner) == "":
		return errors.New("owner: missing; say who signs with the key")
	case k.From.IsZero():
		return errors.New("from: missing; say since when the key signs")
	case !k.Until.IsZero() && k.Until.Before(k.From):
		return errors.New("until: is before from")
	case k.Revoked.IsZero() != (k.Reason == ""):
		return errors.New("reason: goes with revoked, and revoked with a reason")
	}
	for _, at := range []time.Time{k.From, k.Until, k.Revoked} {
		if !at.Equal(second(at)) {
			return fmt.Errorf("from, until and revoked: want whole seconds in UTC; got %s", at.Format(time.RFC3339Nano))
		}
	}
	return nil
}

// second is the moment in UTC, without fractions of a second.
func second(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

// List are the keys by id.
func (t TrustedKeys) List() []TrustedKey { return slices.Clone(t.keys) }

// find returns the place of a key, or that it is none of them.
func (t TrustedKeys) find(id KeyID) (int, bool) {
	i := slices.IndexFunc(t.keys, func(k TrustedKey) bool { return k.ID == id })
	return i, i >= 0
}

// Trust adds a key. until may be zero.
func (t TrustedKeys) Trust(key PublicKey, owner string, from, until time.Time) (TrustedKeys, error) {
	if _, there := t.find(key.ID); there {
		return t, fmt.Errorf("key %s is trusted already; retire or revoke it, or leave it", key.ID)
	}
	added := TrustedKey{ID: key.ID, SPKI: key.der, Owner: owner, From: second(from), Until: second(until)}
	if err := added.check(); err != nil {
		return t, err
	}
	keys := append(t.List(), added)
	slices.SortFunc(keys, func(a, b TrustedKey) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return TrustedKeys{keys}, nil
}

// Retire ends a key's time at a moment: what was certified until then stays
// believed. A time that was over earlier is not made longer.
func (t TrustedKeys) Retire(id KeyID, until time.Time) (TrustedKeys, error) {
	return t.change(id, func(k *TrustedKey) error {
		if !k.Until.IsZero() && k.Until.Before(second(until)) {
			return fmt.Errorf("until: the key was retired on %s already", k.Until.Format(time.RFC3339))
		}
		k.Until = second(until)
		return nil
	})
}

// Revoke takes the trust away from all that a key has signed and will sign.
func (t TrustedKeys) Revoke(id KeyID, at time.Time, reason string) (TrustedKeys, error) {
	return t.change(id, func(k *TrustedKey) error {
		if strings.TrimSpace(reason) == "" {
			return errors.New("reason: missing; say why the key is given up")
		}
		k.Revoked, k.Reason = second(at), reason
		return nil
	})
}

func (t TrustedKeys) change(id KeyID, change func(*TrustedKey) error) (TrustedKeys, error) {
	i, there := t.find(id)
	if !there {
		return t, fmt.Errorf("key %s is none of the trusted keys", id)
	}
	keys := t.List()
	if err := change(&keys[i]); err != nil {
		return t, fmt.Errorf("key %s: %w", id, err)
	}
	if err := keys[i].check(); err != nil {
		return t, fmt.Errorf("key %s: %w", id, err)
	}
	return TrustedKeys{keys}, nil
}
