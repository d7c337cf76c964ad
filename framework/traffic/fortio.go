package traffic

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/util/exec"

	"github.com/onap/meshcert/fixtures/addons"
	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/kube"
	"github.com/onap/meshcert/framework/observe"
)

// The pods that load is sent between (fixtures/addons), and their servers' port.
const (
	// LoadImage is what they run.
	LoadImage    = "docker.io/fortio/fortio:1.68.2"
	loadManifest = "load.yaml"
	loadPort     = "8080"
)

// prepareLimit is how long the pods may take until they are available, or gone.
const prepareLimit = time.Minute

// Fortio sends requests at a bounded rate between pods of ours, and from one of
// them through a gateway. It guarantees that a rate is never exceeded: what could
// not be sent in time is not sent later.
type Fortio struct {
	kube *kube.Client
	set  kubernetes.Interface
	// exec runs a command in a container and returns its output.
	exec func(ctx context.Context, namespace, pod, container string, command ...string) (string, error)
}

// NewFortio returns a load on the cluster; Prepare makes its pods.
func NewFortio(client *kube.Client) *Fortio {
	return &Fortio{kube: client, set: client.Set, exec: client.Exec}
}

// Prepare makes the pods, or brings them to the wanted state, and waits until they
// are available. Not to be allowed to is unmet.
func (f *Fortio) Prepare(ctx context.Context) error {
	objects, err := loadObjects()
	if err != nil {
		return evidence.Absent(evidence.Final, err)
	}
	if err := f.kube.Apply(ctx, CanaryNamespace, objects...); err != nil {
		return observe.NeedsRights(err)
	}
	var names []string
	for _, o := range objects {
		if o.GetKind() == "Deployment" {
			names = append(names, o.GetName())
		}
	}
	return observe.NeedsRights(f.kube.UntilAvailable(ctx, CanaryNamespace, prepareLimit, names...))
}

// Remove deletes what Prepare made and waits until no pod of it is left, so that
// who prepares again does not meet it.
func (f *Fortio) Remove(ctx context.Context) error {
	objects, err := loadObjects()
	if err != nil {
		return err
	}
	if err := f.kube.Delete(ctx, CanaryNamespace, objects...); err != nil {
		return err
	}
	return kube.Until(ctx, "the end of the load's pods", prepareLimit, func(ctx context.Context) error {
		pods, err := f.set.CoreV1().Pods(CanaryNamespace).List(ctx, metav1.ListOptions{LabelSelector: "part=load"})
		if err == nil && len(pods.Items) > 0 {
			err = fmt.Errorf("%d are left, %s among them", len(pods.Items), pods.Items[0].Name)
		}
		return err
	})
}

func loadObjects() ([]*unstructured.Unstructured, error) {
	text, err := addons.FS.ReadFile(loadManifest)
	if err != nil {
		return nil, fmt.Errorf("read the manifest of the load's pods: %w", err)
	}
	objects, err := kube.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("read the manifest of the load's pods, %s: %w", loadManifest, err)
	}
	return objects, nil
}

// LoadURL is where the server of a way of our own listens.
func LoadURL(way evidence.LoadWay) string {
	return "http://load-" + string(way) + "." + CanaryNamespace + ":" + loadPort
}

// GatewayURL is the path on the internal gateway of the namespace, as pods call it.
func GatewayURL(namespace, path string) string { return "http://" + Internal + "." + namespace + path }

// Probe sends one request on a way of our own. That no answer came is a probe's
// result; that it could not be sent is an error.
func (f *Fortio) Probe(ctx context.Context, way evidence.LoadWay) (evidence.LoadProbe, error) {
	probe := evidence.LoadProbe{Way: way}
	// fortio's page /debug repeats the request as the server got it.
	out, failed, err := f.run(ctx, way, "curl", "-loglevel", "warning", "-timeout", limit.String(), LoadURL(way)+"/debug")
	if err != nil || failed != "" {
		probe.Error = failed
		return probe, err
	}
	if probe.ForwardedClientCert, err = clientCertificate(out); err != nil {
		return probe, fmt.Errorf("read what the server of way %s repeated: %w", way, err)
	}
	return probe, nil
}

// clientCertificate reads the header that names the caller's certificate off the
// page /debug: a line "headers:", an empty one, and the request's headers.
func clientCertificate(page string) (string, error) {
	_, text, found := strings.Cut(page, "\nheaders:\n\n")
	if !found {
		return "", evidence.Absent(evidence.Final, fmt.Errorf("it names no headers: %.200q", page))
	}
	header, err := textproto.NewReader(bufio.NewReader(strings.NewReader(text))).ReadMIMEHeader()
	if err != nil && !errors.Is(err, io.EOF) {
		return "", evidence.Absent(evidence.Final, err)
	}
	return header.Get("X-Forwarded-Client-Cert"), nil
}

// connections is how many requests of a round can be under way at once.
const connections = 4

// Round sends the requests of one round and returns what came of them. No request
// is repeated.
func (f *Fortio) Round(ctx context.Context, order evidence.LoadOrder) (evidence.LoadRound, error) {
	round := evidence.LoadRound{LoadOrder: order, Started: time.Now().UTC()}
	out, failed, err := f.run(ctx, order.Way, "load", "-json", "-", "-quiet", "-log-errors=false",
		"-qps", strconv.Itoa(order.Rate), "-t", order.Lasts.String(), "-c", strconv.Itoa(connections),
		// At even distances, none later than planned, and also when the first ones fail.
		"-uniform", "-nocatchup", "-allow-initial-errors",
		"-timeout", roundLimit.String(), "-r", "0.0001", "-p", "50,75,90,99", order.URL)
	if err != nil {
		return round, err
	}
	if failed != "" {
		return round, errors.New(failed)
	}
	if round.Result, err = readFortio(out); err != nil {
		return round, fmt.Errorf("read what fortio printed on way %s: %w", order.Way, err)
	}
	return round, nil
}

// roundLimit is how long one request of a round may take.
const roundLimit = 3 * time.Second

// run runs fortio in the pod that sends on the way. failed is what it said when it
// ended with an error of its own.
func (f *Fortio) run(ctx context.Context, way evidence.LoadWay, arguments ...string) (out, failed string, err error) {
	client := place{CanaryNamespace, "load-client-" + string(way), "fortio"}
	if way == evidence.Gateway {
		client.app = "load-client-" + string(evidence.Meshed)
	}
	pod, err := client.pod(ctx, f.set)
	if err != nil {
		return "", "", err
	}
	out, err = f.exec(ctx, client.namespace, pod, client.container, append([]string{"/usr/bin/fortio"}, arguments...)...)
	var exit exec.CodeExitError
	if errors.As(err, &exit) {
		failed, err = err.Error(), nil
	}
	return out, failed, observe.Absent(err)
}
