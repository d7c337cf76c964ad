package certificate

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
)

// Signer signs with one ed25519 key, which may be anywhere: a Key of a file, or
// what FromCrypto and FromMessages make of the clients of key management systems,
// hardware tokens and Sigstore.
type Signer interface {
	// Public is the half of the key that checks its signatures.
	Public(ctx context.Context) (PublicKey, error)
	// Sign signs the message itself, not its hash.
	Sign(ctx context.Context, message []byte) ([]byte, error)
}

// FromCrypto signs with what Go's own interface stands for: PKCS#11 tokens and the
// clients of most key management systems are one.
func FromCrypto(signer crypto.Signer) Signer { return cryptoSigner{signer} }

type cryptoSigner struct{ crypto.Signer }

func (s cryptoSigner) Public(context.Context) (PublicKey, error) {
	return newPublicKey(s.Signer.Public())
}

func (s cryptoSigner) Sign(_ context.Context, message []byte) ([]byte, error) {
	return s.Signer.Sign(rand.Reader, message, crypto.Hash(0))
}

// MessageSigner is what signature.Signer of github.com/sigstore/sigstore is, for
// its types of options SO and PO, neither of which is used: the drivers of its
// key management systems and its key files are one.
type MessageSigner[SO, PO any] interface {
	PublicKey(options ...PO) (crypto.PublicKey, error)
	SignMessage(message io.Reader, options ...SO) ([]byte, error)
}

// FromMessages signs with a signer of Sigstore.
func FromMessages[SO, PO any](signer MessageSigner[SO, PO]) Signer {
	return messageSigner[SO, PO]{signer}
}

type messageSigner[SO, PO any] struct{ signer MessageSigner[SO, PO] }

func (s messageSigner[SO, PO]) Public(context.Context) (PublicKey, error) {
	public, err := s.signer.PublicKey()
	if err != nil {
		return PublicKey{}, err
	}
	return newPublicKey(public)
}

func (s messageSigner[SO, PO]) Sign(_ context.Context, message []byte) ([]byte, error) {
	return s.signer.SignMessage(bytes.NewReader(message))
}

// inDSSE is a Signer as DSSE's library wants it. What was signed is checked with
// the public half, so that a store that answers with another key's signature is
// noticed by the one who signs.
type inDSSE struct {
	Signer
	public PublicKey
}

var _ dsse.Signer = inDSSE{}

func (s inDSSE) Sign(ctx context.Context, message []byte) ([]byte, error) {
	signature, err := s.Signer.Sign(ctx, message)
	if err != nil {
		return nil, fmt.Errorf("sign with key %s: %w", s.public.ID, err)
	}
	if err := s.public.Verify(ctx, message, signature); err != nil {
		return nil, fmt.Errorf("sign with key %s: %w: the signer signs with another key, or not as Ed25519 does", s.public.ID, err)
	}
	return signature, nil
}

func (s inDSSE) KeyID() (string, error) { return string(s.public.ID), nil }

var _ dsse.Verifier = PublicKey{}

// Verify checks a signature of the message itself.
func (k PublicKey) Verify(_ context.Context, message, signature []byte) error {
	if len(k.key) != ed25519.PublicKeySize || !ed25519.Verify(k.key, message, signature) {
		return errors.New("the signature is not one of this key over these bytes")
	}
	return nil
}

// KeyID is the key's id, for DSSE's library.
func (k PublicKey) KeyID() (string, error) { return string(k.ID), nil }

// Public is the key, for DSSE's library.
func (k PublicKey) Public() crypto.PublicKey { return k.key }
