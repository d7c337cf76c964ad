package terminaltest

import (
	"os/exec"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTerminal(t *testing.T) {
	// Six lines on five: the first scrolls away; one is overwritten, one too wide.
	term := Start(t, exec.Command("sh", "-c", `test -t 1 && printf 'one\ntwo\nthree\n\033[1A\033[2Kdrei\n日本\n0123456789ab\n\033[31mred\033[0m'; exit 7`), 10, 5)
	if status, err := term.Wait(); status != 7 || err != nil {
		t.Errorf("ended with %d, %v", status, err)
	}
	if diff := cmp.Diff([]string{"drei", "日本", "0123456789", "ab", "red"}, term.Screen()); diff != "" {
		t.Errorf("screen, -want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"one", "two", "drei", "日本", "0123456789", "ab", "red"}, term.All()); diff != "" {
		t.Errorf("all, -want +got:\n%s", diff)
	}
}
