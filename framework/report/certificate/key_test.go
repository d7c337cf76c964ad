package certificate

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestKeyFile: a key is written once, for its owner alone, and read back as it was.
func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "release.key")
	key, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	if err := key.Write(path); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	again, err := ReadKey(path)
	if err != nil || again.public.ID != key.public.ID {
		t.Errorf("read back: %v", err)
	}
	text, err := os.ReadFile(path + ".pub")
	if err != nil {
		t.Fatal(err)
	}
	public, err := ParsePublic(text)
	if err != nil || public.ID != key.public.ID {
		t.Errorf("public half: %v", err)
	}
	block, _ := pem.Decode(text)
	if sum := sha256.Sum256(block.Bytes); string(public.ID) != "sha256:"+hex.EncodeToString(sum[:]) {
		t.Errorf("id %s is not the SHA-256 of the SubjectPublicKeyInfo", public.ID)
	}
	other, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Write(path); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("a key was overwritten: %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := other.Write(path); err == nil || !strings.Contains(err.Error(), ".pub is there already") {
		t.Errorf("a public half was overwritten: %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("half a pair was written: %v", err)
	}
}

func TestKeyFilesRefused(t *testing.T) {
	key := testKey(t, 1)
	private, err := key.PEM()
	if err != nil {
		t.Fatal(err)
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	curvePrivate, err := x509.MarshalPKCS8PrivateKey(curve)
	if err != nil {
		t.Fatal(err)
	}
	curvePublic, err := x509.MarshalPKIXPublicKey(curve.Public())
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, der []byte) []byte {
		return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	}
	for name, c := range map[string]struct {
		text []byte
		want string
	}{
		"empty":              {nil, "no PEM file"},
		"public half":        {key.public.PEM(), `want "PRIVATE KEY"`},
		"another algorithm":  {block(privateType, curvePrivate), "want an ed25519 key"},
		"encrypted":          {block("ENCRYPTED PRIVATE KEY", curvePrivate), `want "PRIVATE KEY"`},
		"two keys":           {append(bytes.Clone(private), private...), "more than one"},
		"a key and a rest":   {append(bytes.Clone(private), "x"...), "more than one"},
		"a text and a key":   {append([]byte("x\n"), private...), "more than one"},
		"no key in it":       {block(privateType, []byte("x")), "not a private key"},
		"headers before key": {pem.EncodeToMemory(&pem.Block{Type: privateType, Headers: map[string]string{"a": "b"}, Bytes: curvePrivate}), "more than one"},
	} {
		if _, err := ParseKey(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("private key, %s: want %q, got %v", name, c.want, err)
		}
	}
	for name, c := range map[string]struct {
		text []byte
		want string
	}{
		"private half":      {private, `want "PUBLIC KEY"`},
		"another algorithm": {block(publicType, curvePublic), "want an ed25519 key"},
		"something behind":  {block(publicType, append(bytes.Clone(key.public.der), 0)), "not a public key"},
	} {
		if _, err := ParsePublic(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("public key, %s: want %q, got %v", name, c.want, err)
		}
	}
	path := filepath.Join(t.TempDir(), "open.key")
	if err := os.WriteFile(path, private, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadKey(path); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a key that others can read: %v", err)
	}
	if _, err := ReadKey(path + "x"); err == nil || !strings.Contains(err.Error(), "meshcert key new") {
		t.Errorf("a key that is not there: %v", err)
	}
}

// sigstore is a signer of the form that Sigstore's have, with options of its own types.
type sigstore struct {
	key ed25519.PrivateKey
	err error
}

type (
	signOption   interface{ ApplyDigest(*[]byte) }
	publicOption interface{ ApplyContext(*context.Context) }
)

func (s sigstore) PublicKey(...publicOption) (crypto.PublicKey, error) { return s.key.Public(), s.err }

func (s sigstore) SignMessage(message io.Reader, _ ...signOption) ([]byte, error) {
	text, err := io.ReadAll(message)
	return ed25519.Sign(s.key, text), errors.Join(s.err, err)
}

// liar says that it has one key and signs with another.
type liar struct{ says, signs *Key }

func (l liar) Public(context.Context) (PublicKey, error) { return l.says.public, nil }
func (l liar) Sign(ctx context.Context, message []byte) ([]byte, error) {
	return l.signs.Sign(ctx, message)
}

// TestSigners: keys that are elsewhere sign the same certificate.
func TestSigners(t *testing.T) {
	key := testKey(t, 1)
	r := assembled(t)
	want, _, err := Sign(t.Context(), r, certified, key)
	if err != nil {
		t.Fatal(err)
	}
	for name, signer := range map[string]Signer{
		"crypto.Signer": FromCrypto(key.private), "Sigstore's": FromMessages(sigstore{key: key.private}),
	} {
		got, _, err := Sign(t.Context(), r, certified, signer)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: another certificate than of the key itself: %v", name, err)
		}
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		signer Signer
		want   string
	}{
		"another algorithm":  {FromCrypto(curve), "want an ed25519 key"},
		"a store without it": {FromMessages(sigstore{key.private, errors.New("permission denied")}), "permission denied"},
		"another key":        {liar{key, testKey(t, 2)}, "signs with another key"},
	} {
		if _, _, err := Sign(t.Context(), r, certified, c.signer); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: want %q, got %v", name, c.want, err)
		}
	}
	if _, _, err := Sign(t.Context(), r, certified); err == nil {
		t.Error("nobody has signed, and there is a certificate")
	}
}
