package image

import (
	"context"
	"path/filepath"
)

// Program builds one of our own programs (fixtures/apps/cmd/NAME) for this
// machine and returns its path in the cache.
func (p *Packages) Program(ctx context.Context, name string, to Progress) (string, error) {
	st, err := p.golang.app(p.apps, name)
	if err != nil {
		return "", err
	}
	t := &tracker{to: to}
	t.expect(st.name)
	folder, err := p.steps.need(ctx, st, t)
	if err != nil {
		return "", err
	}
	return filepath.Join(folder, name), nil
}
