package prometheus

import (
	"cmp"
	"fmt"
	"io"
	"net/http"

	"github.com/onap/meshcert/framework/evidence"
)

// maxBody bounds an answer: some fifty thousand series with all labels of Istio.
const maxBody = 32 << 20

// bounded is the client, but reads no more of an answer than maxBody.
func bounded(client *http.Client) *http.Client {
	limited := *client
	limited.Transport = bound{cmp.Or[http.RoundTripper](client.Transport, http.DefaultTransport)}
	return &limited
}

type bound struct{ http.RoundTripper }

// RoundTrip sends a request; see http.RoundTripper.
func (b bound) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := b.RoundTripper.RoundTrip(request)
	if err == nil {
		response.Body = &bounds{ReadCloser: response.Body, left: maxBody}
	}
	return response, err
}

// bounds is a body that is an error after as many bytes as are left.
type bounds struct {
	io.ReadCloser
	left int
}

func (b *bounds) Read(into []byte) (int, error) {
	if b.left < 0 {
		return 0, evidence.Absent(evidence.Final, fmt.Errorf("the answer has more than %d bytes", maxBody))
	}
	n, err := b.ReadCloser.Read(into[:min(len(into), b.left+1)])
	if b.left -= n; b.left < 0 {
		return n, nil
	}
	return n, err
}
