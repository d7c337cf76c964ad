package hygiene

import (
	"context"
	"fmt"
	"io"

	"k8s.io/client-go/tools/portforward"

	"github.com/onap/meshcert/framework/kube"
)

// forwarder opens ports of pods on loopback, through the API server. The
// connection arrives inside the pod's network, past the sidecar.
func forwarder(client *kube.Client) func(context.Context, string, string, []int) ([]int, func(), error) {
	return func(ctx context.Context, namespace, pod string, ports []int) ([]int, func(), error) {
		request := client.Set.CoreV1().RESTClient().Post().Resource("pods").Namespace(namespace).Name(pod).SubResource("portforward")
		dialer, err := portforward.NewSPDYOverWebsocketDialer(request.URL(), client.Config)
		if err != nil {
			return nil, nil, fmt.Errorf("forward ports of pod %s/%s: %w", namespace, pod, err)
		}
		var wanted []string
		for _, p := range ports {
			wanted = append(wanted, fmt.Sprintf("0:%d", p))
		}
		ctx, stop := context.WithCancel(ctx)
		ready := make(chan struct{})
		forward, err := portforward.NewOnAddressesWithContext(ctx, dialer, []string{"127.0.0.1"}, wanted, ready, io.Discard, io.Discard)
		if err != nil {
			stop()
			return nil, nil, fmt.Errorf("forward ports of pod %s/%s: %w", namespace, pod, err)
		}
		ended := make(chan error, 1)
		go func() { ended <- forward.ForwardPorts() }()
		end := func() {
			stop()
			<-ended
		}
		select {
		case err := <-ended:
			stop()
			return nil, nil, fmt.Errorf("forward ports of pod %s/%s: %w", namespace, pod, err)
		case <-ready:
		}
		local, err := forward.GetPorts()
		if err != nil {
			end()
			return nil, nil, fmt.Errorf("forward ports of pod %s/%s: %w", namespace, pod, err)
		}
		numbers := make([]int, len(local))
		for i, p := range local {
			numbers[i] = int(p.Local)
		}
		return numbers, end, nil
	}
}
