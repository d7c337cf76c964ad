package observe

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/streaming/pkg/httpstream"

	"github.com/onap/meshcert/framework/evidence"
)

// Absent marks an observer's error with why there is no evidence, as its type
// says; nil stays nil, and a mark that is there stays. What no rule names is
// transient: time-outs, connections refused or broken, 429, 5xx.
func Absent(err error) error { return evidence.Absent(absence(err), err) }

// NeedsRights is Absent for what asks more of a cluster than a role in one
// namespace: not to be allowed that is a precondition that is unmet.
func NeedsRights(err error) error {
	if apierrors.IsForbidden(err) {
		return evidence.Absent(evidence.Unmet, err)
	}
	return Absent(err)
}

func absence(err error) evidence.Absence {
	var upgrade *httpstream.UpgradeFailureError
	if errors.As(err, &upgrade) {
		// It hides its cause.
		return absence(upgrade.Cause)
	}
	var status *StatusError
	var malformed *MalformedError
	var kubernetes apierrors.APIStatus
	switch {
	case errors.As(err, &status):
		return ofHTTP(status)
	case errors.As(err, &malformed) && !malformed.Cut, untrusted(err):
		return evidence.Final
	case meta.IsNoMatchError(err):
		return evidence.Unmet
	case errors.As(err, &kubernetes):
		return ofKubernetes(kubernetes.Status())
	}
	return evidence.Transient
}

// untrusted tells whether the server is not who it should be, or does not speak TLS.
func untrusted(err error) bool {
	var certificate *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var record tls.RecordHeaderError
	return errors.Is(err, http.ErrSchemeMismatch) || errors.As(err, &certificate) || errors.As(err, &authority) || errors.As(err, &name) || errors.As(err, &invalid) || errors.As(err, &record)
}

// ofHTTP judges an answer of a server, or of the API server in its stead: that
// one says so by an object of kind Status.
func ofHTTP(answer *StatusError) evidence.Absence {
	var said metav1.Status
	if DecodeJSON(answer.URL, []byte(answer.Body), &said) == nil && said.Kind == "Status" {
		return ofKubernetes(said)
	}
	if refused(answer.Status) {
		return evidence.Final
	}
	return evidence.Transient
}

// ofKubernetes judges an answer of the API server. A pod that is not found was
// there a moment ago, when pods were listed: others take its place.
func ofKubernetes(said metav1.Status) evidence.Absence {
	switch {
	case said.Code == http.StatusNotFound && said.Details != nil && said.Details.Kind == "pods":
		return evidence.Transient
	case said.Code == http.StatusNotFound:
		return evidence.Unmet
	case said.Code == http.StatusServiceUnavailable && nothingBehind(said.Message):
		return evidence.Unmet
	case refused(int(said.Code)):
		return evidence.Final
	}
	return evidence.Transient
}

// nothingBehind tells whether the API server's proxy found nobody to ask, by its
// words: kubernetes, pkg/registry/core/service/storage, ResourceLocation.
func nothingBehind(message string) bool {
	return strings.Contains(message, "no endpoints available for service") || strings.Contains(message, "no service port")
}

// refused tells whether a server takes us or the request for wrong, which the
// same request does not change.
func refused(status int) bool {
	switch status {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusMethodNotAllowed, http.StatusNotAcceptable,
		http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		return true
	}
	return false
}
