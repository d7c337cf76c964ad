package hygiene

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/onap/meshcert/framework/catalogue"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe"
)

// The handshake of a Java debugger (JDWP): the server answers with the same
// bytes. The empty line behind it makes servers of HTTP answer at once.
const (
	greeting  = "JDWP-Handshake"
	handshake = greeting + "\r\n\r\n"
)

// Inside observes the pods and which TCP sockets listen in each, with the user
// they are of. It is read in the pod's sidecar, else in the first container that
// can show it: all containers of a pod share one network. Where none can, the
// ports that the containers declare stand in.
func (o *Observer) Inside(ctx context.Context, namespace string) (evidence.Inside, error) {
	return o.inside(ctx, namespace, false)
}

// Debuggers is Inside, with every socket that is not the sidecar's asked for a
// Java debugger.
func (o *Observer) Debuggers(ctx context.Context, namespace string) (evidence.Inside, error) {
	return o.inside(ctx, namespace, true)
}

func (o *Observer) inside(ctx context.Context, namespace string, ask bool) (evidence.Inside, error) {
	specs, err := o.PodSpecs(ctx, namespace)
	if err != nil {
		return evidence.Inside{}, err
	}
	seen := evidence.Inside{Pods: specs, Sockets: make([]evidence.Sockets, len(specs.Items))}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(at)
	for i, p := range specs.Items {
		group.Go(func() error {
			seen.Sockets[i] = o.listening(ctx, namespace, p, ask)
			return ctx.Err()
		})
	}
	return seen, observe.Absent(group.Wait())
}

func (o *Observer) listening(ctx context.Context, namespace string, p evidence.PodSpec, ask bool) evidence.Sockets {
	seen := evidence.Sockets{Pod: p.Name}
	var err error
	if seen.Listening, err = o.sockets(ctx, namespace, p); err != nil {
		seen.Listening, seen.Guessed, seen.Error = declared(p), true, err.Error()
	}
	for i, s := range seen.Listening {
		if !ask || s.OfSidecar() || s.Elsewhere {
			continue
		}
		if seen.Listening[i].Answer, err = o.greet(ctx, namespace, p.Name, s.Port); err != nil {
			seen.Error = err.Error()
			continue
		}
		seen.Listening[i].Asked = true
	}
	return seen
}

// declared are the ports that the pod's containers say they listen on, the
// proxy's aside.
func declared(p evidence.PodSpec) []evidence.Socket {
	var all []evidence.Socket
	for _, c := range p.Containers {
		for _, port := range c.Ports {
			if s := (evidence.Socket{Port: port, UID: -1}); c.Name != catalogue.Proxy && !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	return all
}

// sockets reads what listens in a pod.
func (o *Observer) sockets(ctx context.Context, namespace string, p evidence.PodSpec) ([]evidence.Socket, error) {
	var problem error
	for _, c := range readers(p) {
		out, err := o.exec(ctx, namespace, p.Name, c, "cat", "/proc/net/tcp", "/proc/net/tcp6")
		if err != nil {
			problem = errors.Join(problem, err)
			continue
		}
		return readSockets(out)
	}
	if problem == nil {
		problem = fmt.Errorf("read the sockets of pod %s/%s: it has no container that runs", namespace, p.Name)
	}
	return nil, problem
}

// readers are the containers that sockets can be read in, the sidecar first.
func readers(p evidence.PodSpec) []string {
	var names []string
	for _, c := range p.Containers {
		switch {
		case c.Name == catalogue.Proxy:
			names = slices.Insert(names, 0, c.Name)
		case !c.Init:
			names = append(names, c.Name)
		}
	}
	return names
}

// listening is the state of a socket that waits for connections, as Linux
// writes it (include/net/tcp_states.h, TCP_LISTEN).
const listening = "0A"

// loopback are the local addresses that a connection to loopback arrives at, as
// Linux writes them: all and loopback, of both families.
var loopback = []string{"00000000", "0100007F", strings.Repeat("0", 32), strings.Repeat("0", 24) + "01000000"}

// readSockets reads /proc/net/tcp and tcp6, one after the other: the sockets
// that listen, by port.
func readSockets(text string) ([]evidence.Socket, error) {
	seen := []evidence.Socket{}
	headers := 0
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		switch {
		case len(fields) == 0:
			continue
		case fields[0] == "sl":
			headers++
			continue
		case len(fields) < 8:
			return nil, evidence.Absent(evidence.Final, fmt.Errorf("read a line of /proc/net/tcp: %q has %d fields, want at least 8", lines.Text(), len(fields)))
		case fields[3] != listening:
			continue
		}
		address, hex, _ := strings.Cut(fields[1], ":")
		port, err := strconv.ParseUint(hex, 16, 16)
		uid, errUID := strconv.ParseInt(fields[7], 10, 64)
		if err := errors.Join(err, errUID); err != nil {
			return nil, evidence.Absent(evidence.Final, fmt.Errorf("read a line of /proc/net/tcp, %q: %w", lines.Text(), err))
		}
		if s := (evidence.Socket{Port: int(port), UID: uid, Elsewhere: !slices.Contains(loopback, address)}); !slices.Contains(seen, s) {
			seen = append(seen, s)
		}
	}
	if headers == 0 {
		return nil, evidence.Absent(evidence.Final, fmt.Errorf("read /proc/net/tcp: %q does not begin with its header", text))
	}
	slices.SortFunc(seen, func(a, b evidence.Socket) int {
		return cmp.Or(cmp.Compare(a.Port, b.Port), cmp.Compare(a.UID, b.UID))
	})
	return seen, nil
}

// greet sends the handshake to a port of a pod, and returns what comes back; an
// end or silence is no answer.
func (o *Observer) greet(ctx context.Context, namespace, pod string, port int) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	connection, err := o.connect(ctx, namespace, pod, port)
	if err != nil {
		return "", err
	}
	defer connection.Close()
	if _, err := connection.Write([]byte(handshake)); err != nil {
		return "", nil //nolint:nilerr // a server that ends the connection is no debugger
	}
	buffer := make([]byte, 64)
	n, _ := io.ReadAtLeast(connection, buffer, len(handshake)) // an echo is that long, in one piece or more
	return strings.ToValidUTF8(string(buffer[:n]), "?"), nil
}
