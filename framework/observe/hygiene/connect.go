package hygiene

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/streaming/pkg/httpstream"

	"github.com/onap/meshcert/framework/kube"
)

// limit bounds one connection into a pod; what listens answers at once or never.
const limit = 3 * time.Second

// connector connects to ports of pods through the API server. The connection
// arrives inside the pod's network, past the sidecar, and ends with the context.
// That nobody listens shows as the end of what can be read.
func connector(client *kube.Client) func(ctx context.Context, namespace, pod string, port int) (net.Conn, error) {
	return func(ctx context.Context, namespace, pod string, port int) (net.Conn, error) {
		c, err := connect(ctx, client, namespace, pod, port)
		if err != nil {
			return nil, fmt.Errorf("connect to port %d of pod %s/%s: %w", port, namespace, pod, err)
		}
		return c, nil
	}
}

func connect(ctx context.Context, client *kube.Client, namespace, pod string, port int) (net.Conn, error) {
	request := client.Set.CoreV1().RESTClient().Post().Resource("pods").Namespace(namespace).Name(pod).SubResource("portforward")
	dialer, err := portforward.NewSPDYOverWebsocketDialerForStreaming(request.URL(), client.Config)
	if err != nil {
		return nil, err
	}
	session, _, err := dialer.Dial(portforward.PortForwardProtocolV1Name)
	if err != nil {
		return nil, err
	}
	header := http.Header{}
	header.Set(corev1.PortHeader, strconv.Itoa(port))
	header.Set(corev1.PortForwardRequestIDHeader, "0")
	header.Set(corev1.StreamType, corev1.StreamTypeError)
	complaints, err := session.CreateStream(header)
	if err == nil {
		err = complaints.Close() // nothing is written to it
	}
	header.Set(corev1.StreamType, corev1.StreamTypeData)
	var data httpstream.Stream
	if err == nil {
		data, err = session.CreateStream(header)
	}
	if err != nil {
		return nil, errors.Join(err, session.Close())
	}
	c := &connection{Stream: data, session: session}
	c.detach = context.AfterFunc(ctx, func() { c.end() })
	return c, nil
}

// connection is a stream of a session of its own, as a net.Conn. Its deadlines
// are the context's.
type connection struct {
	httpstream.Stream
	session httpstream.Connection
	once    sync.Once
	detach  func() bool
}

// Close ends the session, whose error says nothing of what was read.
func (c *connection) Close() error {
	c.detach()
	c.end()
	return nil
}

func (c *connection) end() {
	c.once.Do(func() {
		_ = c.Reset()
		_ = c.session.Close()
	})
}

func (*connection) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (*connection) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (*connection) SetDeadline(time.Time) error      { return nil }
func (*connection) SetReadDeadline(time.Time) error  { return nil }
func (*connection) SetWriteDeadline(time.Time) error { return nil }
