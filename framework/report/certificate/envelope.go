package certificate

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"time"

	intoto "github.com/in-toto/attestation/go/v1"
	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	"google.golang.org/protobuf/encoding/protojson"
)

// seal signs a statement. All signers sign the same.
func seal(ctx context.Context, statement []byte, signers []Signer) ([]byte, error) {
	var inside []dsse.Signer
	for _, s := range signers {
		public, err := s.Public(ctx)
		if err != nil {
			return nil, fmt.Errorf("ask the signer for its public key: %w", err)
		}
		inside = append(inside, inDSSE{s, public})
	}
	signer, err := dsse.NewEnvelopeSigner(inside...)
	if err != nil {
		return nil, err
	}
	envelope, err := signer.SignPayload(ctx, PayloadType, statement)
	if err != nil {
		return nil, err
	}
	return canonical(envelope)
}

// parseEnvelope reads an envelope, which must be in its canonical form, and returns
// it with its payload. Nothing is verified yet.
func parseEnvelope(text []byte) (*dsse.Envelope, []byte, *Refusal) {
	e := &dsse.Envelope{}
	if err := strict(text, e); err != nil {
		return nil, nil, &Refusal{Form, "the envelope is " + err.Error(), asIs}
	}
	if e.PayloadType != PayloadType {
		return nil, nil, &Refusal{Type, fmt.Sprintf("payload type %q: want %q", e.PayloadType, PayloadType), asIs}
	}
	payload, err := unbase64(e.Payload)
	if err != nil {
		return nil, nil, &Refusal{Form, "the payload is " + err.Error(), asIs}
	}
	if len(e.Signatures) == 0 {
		return nil, nil, &Refusal{Signature, "nobody has signed it", asIs}
	}
	var ids []string
	for _, s := range e.Signatures {
		if _, err := unbase64(s.Sig); err != nil {
			return nil, nil, &Refusal{Form, "the signature of key " + s.KeyID + " is " + err.Error(), asIs}
		}
		if slices.Contains(ids, s.KeyID) {
			return nil, nil, &Refusal{Signature, "key " + s.KeyID + " has signed twice", asIs}
		}
		ids = append(ids, s.KeyID)
	}
	return e, payload, nil
}

// asIs is what to do about a certificate that was changed.
const asIs = "get the file again from who made it: nothing in it can be believed"

// unbase64 reads standard Base64 in its one form.
func unbase64(text string) ([]byte, error) {
	out, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("not Base64: %w", err)
	}
	if base64.StdEncoding.EncodeToString(out) != text {
		return nil, fmt.Errorf("not Base64 in its one form")
	}
	return out, nil
}

// signedBy demands that every signature is one of a trusted key over the payload,
// and returns those keys. Of what the payload says nothing is used but the keys'
// ids, which the signatures are checked with.
func signedBy(ctx context.Context, e *dsse.Envelope, trusted TrustedKeys) ([]TrustedKey, *Refusal) {
	var keys []TrustedKey
	var verifiers []dsse.Verifier
	for _, s := range e.Signatures {
		i, there := trusted.find(KeyID(s.KeyID))
		if !there {
			return nil, &Refusal{Untrusted, fmt.Sprintf("key %q has signed, and is none of the trusted keys", s.KeyID), "ask its owner for the key's id over another way, and only then: meshcert key trust"}
		}
		k := trusted.keys[i]
		if !k.Revoked.IsZero() {
			return nil, &Refusal{Revoked, fmt.Sprintf("key %s of %s was revoked on %s: %s", k.ID, k.Owner, k.Revoked.Format(time.RFC3339), k.Reason), "have the release certified anew with a key that is trusted"}
		}
		public, err := parseDER(k.SPKI)
		if err != nil {
			return nil, &Refusal{Keys, "trusted keys: " + err.Error(), "get that file again from who keeps it"}
		}
		keys, verifiers = append(keys, k), append(verifiers, public)
	}
	verifier, err := dsse.NewMultiEnvelopeVerifier(len(verifiers), verifiers...)
	if err == nil {
		_, err = verifier.Verify(ctx, e)
	}
	if err != nil {
		what := fmt.Sprintf("the signature of key %s of %s is wrong", keys[0].ID, keys[0].Owner)
		if len(keys) > 1 {
			what = fmt.Sprintf("not all of its %d signatures are right", len(keys))
		}
		return nil, &Refusal{Signature, what, asIs}
	}
	return keys, nil
}

// parseStatement reads a statement that a trusted key has signed, and returns the
// moment at which it was made.
func parseStatement(text []byte) (*intoto.Statement, time.Time, *Refusal) {
	s := &intoto.Statement{}
	if err := protojson.Unmarshal(text, s); err != nil {
		return nil, time.Time{}, &Refusal{Form, "the payload is no statement: " + err.Error(), asIs}
	}
	same, err := encode(s)
	if err != nil || string(same) != string(text) {
		return nil, time.Time{}, &Refusal{Form, "the statement is " + errForm.Error(), asIs}
	}
	if s.GetType() != intoto.StatementTypeUri {
		return nil, time.Time{}, &Refusal{Type, fmt.Sprintf("statement type %q: want %q", s.GetType(), intoto.StatementTypeUri), asIs}
	}
	if s.GetPredicateType() != PredicateType {
		return nil, time.Time{}, &Refusal{Type, fmt.Sprintf("predicate type %q: want %q", s.GetPredicateType(), PredicateType), asIs}
	}
	names := map[string]bool{}
	for _, subject := range s.GetSubject() {
		if names[subject.GetName()] {
			return nil, time.Time{}, &Refusal{Subjects, fmt.Sprintf("subject %q is named twice", subject.GetName()), asIs}
		}
		names[subject.GetName()] = true
	}
	at, err := time.Parse(time.RFC3339, madeAt(s))
	if err != nil {
		return nil, time.Time{}, &Refusal{Statement, "the statement does not say when it was made", asIs}
	}
	return s, at, nil
}

// madeAt is what the statement says of when it was made.
func madeAt(s *intoto.Statement) string {
	for _, entry := range s.GetPredicate().GetFields()["configuration"].GetListValue().GetValues() {
		fields := entry.GetStructValue().GetFields()
		if fields["name"].GetStringValue() == madeBy {
			return fields["annotations"].GetStructValue().GetFields()[certifiedAt].GetStringValue()
		}
	}
	return ""
}
