package run

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/onap/meshcert/framework/config"
)

// TestComplaint: the parent hears the child's words, and whether it was wrong use.
func TestComplaint(t *testing.T) {
	usage := &config.UsageError{Field: "ID", Text: "fault x is not applied"}
	for name, c := range map[string]struct {
		said  error
		usage bool
	}{
		"an error":         {errors.New("no room on the disk"), false},
		"wrong use":        {fmt.Errorf("clear x: %w", usage), true},
		"several, one use": {errors.Join(errors.New("no answer"), usage), true},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := json.Marshal(complaintOf(c.said))
			if err != nil {
				t.Fatal(err)
			}
			got := heard(text)
			var u *config.UsageError
			if got.Error() != c.said.Error() || errors.As(got, &u) != c.usage {
				t.Errorf("said %q, heard %q; wrong use %t", c.said, got, errors.As(got, &u))
			}
		})
	}
	if err := heard([]byte("cut o")); err == nil {
		t.Error("what is no complaint is heard as one")
	}
}
