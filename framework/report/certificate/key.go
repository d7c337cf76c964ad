package certificate

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/onap/meshcert/framework/report"
)

// KeyID names a public key: "sha256:" and the SHA-256 of its SubjectPublicKeyInfo
// in DER, in hexadecimal.
type KeyID string

// PublicKey is the half of a key that checks signatures. The zero value is none.
type PublicKey struct {
	// ID names the key.
	ID  KeyID
	der []byte
	key ed25519.PublicKey
}

// newPublicKey refuses keys of other algorithms than ed25519.
func newPublicKey(public crypto.PublicKey) (PublicKey, error) {
	key, ok := public.(ed25519.PublicKey)
	if !ok || len(key) != ed25519.PublicKeySize {
		return PublicKey{}, fmt.Errorf("the key is a %T: want an ed25519 key; make one with meshcert key new", public)
	}
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return PublicKey{}, fmt.Errorf("encode the public key: %w", err)
	}
	return PublicKey{ID: KeyID(report.Digest(der)), der: der, key: key}, nil
}

// parseDER reads a SubjectPublicKeyInfo, which must be as we write it.
func parseDER(der []byte) (PublicKey, error) {
	public, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return PublicKey{}, fmt.Errorf("not a public key: %w", err)
	}
	key, err := newPublicKey(public)
	if err == nil && !bytes.Equal(key.der, der) {
		err = errors.New("not a public key as X.509 writes it: it has another form of the same key")
	}
	return key, err
}

// ParsePublic reads a PEM file with one public key, type PUBLIC KEY.
func ParsePublic(text []byte) (PublicKey, error) {
	der, err := onlyBlock(text, publicType)
	if err != nil {
		return PublicKey{}, err
	}
	return parseDER(der)
}

// PEM is the key as ParsePublic reads it.
func (k PublicKey) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: publicType, Bytes: k.der})
}

// The types of PEM blocks, RFC 7468.
const (
	publicType  = "PUBLIC KEY"
	privateType = "PRIVATE KEY"
)

// onlyBlock returns the content of a PEM text of one block without headers.
func onlyBlock(text []byte, kind string) ([]byte, error) {
	block, rest := pem.Decode(text)
	switch {
	case block == nil:
		return nil, fmt.Errorf("no PEM file: want one block %q, as meshcert key new writes it", kind)
	case block.Type != kind:
		return nil, fmt.Errorf("PEM block %q: want %q", block.Type, kind)
	case len(block.Headers) > 0 || len(bytes.TrimSpace(rest)) > 0 || !bytes.HasPrefix(bytes.TrimSpace(text), []byte("-----BEGIN ")):
		return nil, fmt.Errorf("more than one PEM block %q: want that alone", kind)
	}
	return block.Bytes, nil
}

// Key is a key that signs, held in memory.
type Key struct {
	private ed25519.PrivateKey
	public  PublicKey
}

// NewKey makes a key.
func NewKey() (*Key, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	return keyOf(private)
}

func keyOf(private ed25519.PrivateKey) (*Key, error) {
	public, err := newPublicKey(private.Public())
	if err != nil {
		return nil, err
	}
	return &Key{private: private, public: public}, nil
}

// ParseKey reads a PEM file with one private key in PKCS#8, unencrypted.
func ParseKey(text []byte) (*Key, error) {
	der, err := onlyBlock(text, privateType)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("not a private key in PKCS#8: %w", err)
	}
	private, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("the key is a %T: want an ed25519 key; make one with meshcert key new", parsed)
	}
	return keyOf(private)
}

// PEM is the key as ParseKey reads it.
func (k *Key) PEM() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k.private)
	if err != nil {
		return nil, fmt.Errorf("encode the private key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: privateType, Bytes: der}), nil
}

// Public is the half that checks what the key signs.
func (k *Key) Public(context.Context) (PublicKey, error) { return k.public, nil }

// Sign signs the message itself, as Ed25519 of RFC 8032 does.
func (k *Key) Sign(_ context.Context, message []byte) ([]byte, error) {
	return ed25519.Sign(k.private, message), nil
}

// privateMode lets nobody but the owner read.
const privateMode = 0o600

// Write puts the key into a new file that only its owner can read, and its public
// half beside it, with ".pub" at its name's end. It overwrites nothing.
func (k *Key) Write(path string) (err error) {
	private, err := k.PEM()
	if err != nil {
		return err
	}
	if _, err := os.Lstat(path + ".pub"); err == nil {
		return fmt.Errorf("%s.pub is there already; name another file, or move it away", path)
	}
	if err := writeNew(path, private, privateMode); err != nil {
		return err
	}
	return writeNew(path+".pub", k.public.PEM(), 0o644)
}

// writeNew makes a file, and refuses to overwrite one.
func writeNew(path string, text []byte, mode os.FileMode) (err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s is there already; name another file, or move it away", path)
	}
	if err != nil {
		return fmt.Errorf("write a key: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := file.Write(text); err != nil {
		return fmt.Errorf("write a key: %w", err)
	}
	return file.Sync()
}

// ReadKey reads a file that Write made. One that others can read is refused.
func ReadKey(path string) (*Key, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read a key: %w; make one with meshcert key new", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("read a key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("read key %s: others than its owner can read it (mode %v): take that away with chmod 600, and think of who has had it", path, info.Mode().Perm())
	}
	text, err := io.ReadAll(io.LimitReader(file, maxKeyFile))
	if err != nil {
		return nil, fmt.Errorf("read key %s: %w", path, err)
	}
	key, err := ParseKey(text)
	if err != nil {
		return nil, fmt.Errorf("read key %s: %w", path, err)
	}
	return key, nil
}

// maxKeyFile is more bytes than any key file has.
const maxKeyFile = 1 << 16
