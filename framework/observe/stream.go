package observe

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// Stream hands the body of the answer to one GET to a decoder while it comes, so
// that a big one is never in memory whole. The errors are Get's: what the decoder
// returns becomes a *MalformedError, which is Cut when it is
// io.ErrUnexpectedEOF, the word for an answer that ends too early. A decoder that
// leaves a part of the body unread is not asked about it.
func Stream(ctx context.Context, client *http.Client, address string, decode func(io.Reader) error) error {
	response, err := get(ctx, client, address)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body := &bounded{from: response.Body, left: maxBody}
	if response.StatusCode != http.StatusOK {
		text, err := io.ReadAll(body)
		if err != nil {
			return &MalformedError{URL: address, Reason: "the body breaks off: " + err.Error(), Body: string(text), Cut: true}
		}
		return &StatusError{URL: address, Status: response.StatusCode, Body: string(text)}
	}
	if err := decode(body); err != nil {
		return body.malformed(address, err)
	}
	return nil
}

// headSize is how much of an answer is kept for an error's text.
const headSize = 512

// bounded is a body of which no more than a limit is read.
type bounded struct {
	from io.Reader
	left int
	head []byte
	// broken is why the body could not be read to its end.
	broken error
}

var errTooBig = fmt.Errorf("more than %d bytes", maxBody)

func (b *bounded) Read(into []byte) (int, error) {
	if b.broken != nil {
		return 0, b.broken
	}
	n, err := b.from.Read(into)
	b.head = append(b.head, into[:min(n, headSize-len(b.head))]...)
	if b.left -= n; b.left < 0 {
		err = errTooBig
	}
	if err != nil && !errors.Is(err, io.EOF) {
		b.broken = err
	}
	return n, err
}

// malformed says what is wrong with the body that a decoder gave up.
func (b *bounded) malformed(address string, err error) error {
	out := &MalformedError{URL: address, Reason: err.Error(), Body: string(b.head), Cut: errors.Is(err, io.ErrUnexpectedEOF)}
	head := bytes.TrimSpace(b.head)
	switch {
	case errors.Is(b.broken, errTooBig):
		out.Reason, out.Cut = errTooBig.Error(), false
	case b.broken != nil:
		out.Reason, out.Cut = "the body breaks off: "+b.broken.Error(), true
	case len(head) == 0:
		out.Reason, out.Cut = "empty", true
	case head[0] == '<':
		out.Reason, out.Cut = "HTML, not JSON", false
	}
	return out
}
