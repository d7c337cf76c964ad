package traffic

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// TestUntil: a sampling that never arrives is an error that says what is there.
func TestUntil(t *testing.T) {
	sampler := NewSampler(nil)
	looks := 0
	err := sampler.Until(t.Context(), 50, func(context.Context) (float64, error) {
		looks++
		switch looks {
		case 1:
			return 0, errors.New("not yet")
		case 2:
			return 100, nil
		}
		return 50, nil
	})
	if err != nil || looks != 3 {
		t.Errorf("%d looks, %v", looks, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = sampler.Until(ctx, 50, func(context.Context) (float64, error) { cancel(); return 30, nil })
	if err == nil || !strings.Contains(err.Error(), "its sidecar says 30 %") {
		t.Errorf("a sampling that stays another: %v", err)
	}
}
