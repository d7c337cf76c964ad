package fault

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/kube"
)

// Namespace holds the ledger: Secret fault-ID for each fault that is applied. It
// is a Secret because a fault may change one.
const Namespace = "meshcert-faults"

const (
	prefix = "fault-"
	key    = "entry"
)

// entry is what has to be known to clear a fault.
type entry struct {
	ID    string    `json:"id"`
	When  time.Time `json:"when"`
	Steps []step    `json:"steps,omitempty"`
	// Clear are the fault's own actions after everything was put back.
	Clear []Action `json:"clear,omitempty"`

	// version is the Secret's, so that a ledger that another process changed
	// or removed is not written over.
	version string
}

// change is what one step did to its object.
type change string

const (
	edited    change = "edited"
	created   change = "created"
	deleted   change = "deleted"
	restarted change = "restarted"
	upgraded  change = "upgraded with"
	requested change = "requested"
)

// step is one thing that was done, or was about to be done.
type step struct {
	Change change `json:"change"`
	// Object is what Action.touches says, or the request.
	Object string `json:"object"`
	// Settings are those of an upgrade.
	Settings []string `json:"settings,omitempty"`
	// Was is the object as it was; of a created one what was sent.
	Was *unstructured.Unstructured `json:"was,omitempty"`
}

func (s step) String() string {
	return strings.Join(append([]string{string(s.Change), s.Object}, s.Settings...), " ")
}

// open makes the fault's entry. There can be only one at a time.
func (b *Breaker) open(ctx context.Context, f Fault) (*entry, error) {
	if err := b.client.EnsureNamespace(ctx, Namespace, nil); err != nil {
		return nil, fmt.Errorf("make the ledger: %w", err)
	}
	e := &entry{ID: f.ID, When: time.Now().UTC(), Clear: f.Clear}
	secret, err := e.secret()
	if err != nil {
		return nil, err
	}
	made, err := b.client.Set.CoreV1().Secrets(Namespace).Create(ctx, secret, metav1.CreateOptions{FieldManager: kube.Manager})
	if apierrors.IsAlreadyExists(err) {
		return nil, &config.UsageError{Field: "ID", Text: fmt.Sprintf("fault %s is applied already; clear it first", f.ID)}
	}
	if err != nil {
		return nil, fmt.Errorf("write the ledger: %w", err)
	}
	e.version = made.ResourceVersion
	return e, nil
}

// record writes down step number at of the entry, before it is done.
func (b *Breaker) record(ctx context.Context, e *entry, at int, s step) error {
	if s.Was != nil {
		s.Was = s.Was.DeepCopy()
		s.Was.SetManagedFields(nil)
	}
	e.Steps = append(e.Steps[:at], s)
	secret, err := e.secret()
	if err != nil {
		return err
	}
	written, err := b.client.Set.CoreV1().Secrets(Namespace).Update(ctx, secret, metav1.UpdateOptions{FieldManager: kube.Manager})
	if err != nil {
		e.Steps = e.Steps[:at]
		return fmt.Errorf("write the ledger: %w", err)
	}
	e.version = written.ResourceVersion
	b.log(fmt.Sprintf("fault %s: %s", e.ID, s))
	return nil
}

// read finds the entry of a fault; without one the error names those there are.
func (b *Breaker) read(ctx context.Context, id string) (*entry, error) {
	secret, err := b.client.Set.CoreV1().Secrets(Namespace).Get(ctx, prefix+id, metav1.GetOptions{})
	if err == nil {
		return readEntry(secret)
	}
	if !apierrors.IsNotFound(err) {
		return nil, fmt.Errorf("read the ledger of fault %s: %w", id, err)
	}
	applied, err := b.Applied(ctx)
	if err != nil {
		return nil, err
	}
	if len(applied) == 0 {
		return nil, &config.UsageError{Field: "ID", Text: fmt.Sprintf("fault %q is not applied, and no other is", id)}
	}
	ids := make([]string, len(applied))
	for i, a := range applied {
		ids[i] = a.ID
	}
	return nil, &config.UsageError{Field: "ID", Text: fmt.Sprintf("fault %q is not applied; applied: %s", id, strings.Join(ids, ", "))}
}

// entries returns the whole ledger, oldest first.
func (b *Breaker) entries(ctx context.Context) ([]*entry, error) {
	secrets, err := b.client.Set.CoreV1().Secrets(Namespace).List(ctx, metav1.ListOptions{LabelSelector: kube.ManagedBy + "=" + kube.Manager})
	if err != nil {
		return nil, fmt.Errorf("read the ledger: %w", err)
	}
	var all []*entry
	for _, secret := range secrets.Items {
		e, err := readEntry(&secret)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b *entry) int { return cmp.Or(a.When.Compare(b.When), strings.Compare(a.ID, b.ID)) })
	return all, nil
}

// forget removes the entry; one that is gone already is no error.
func (b *Breaker) forget(ctx context.Context, e *entry) error {
	err := b.client.Set.CoreV1().Secrets(Namespace).Delete(ctx, prefix+e.ID, metav1.DeleteOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		return fmt.Errorf("remove fault %s from the ledger: %w", e.ID, err)
	}
	return nil
}

func (e *entry) secret() (*corev1.Secret, error) {
	text, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("write the ledger of fault %s: %w", e.ID, err)
	}
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Name: prefix + e.ID, Namespace: Namespace, ResourceVersion: e.version,
			Labels: map[string]string{kube.ManagedBy: kube.Manager},
		},
		Data: map[string][]byte{key: text},
	}, nil
}

func readEntry(secret *corev1.Secret) (*entry, error) {
	e := &entry{version: secret.ResourceVersion}
	if err := json.Unmarshal(secret.Data[key], e); err != nil {
		return nil, fmt.Errorf("read the ledger, Secret %s/%s: %w", secret.Namespace, secret.Name, err)
	}
	return e, nil
}
