package image

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// labelKey is the label of the node image that holds its key.
const labelKey = "org.onap.meshcert.key"

// cleanTime is how long removing a build's leftovers from the engine may last.
const cleanTime = 30 * time.Second

// Engine is the container engine that the node image goes to.
type Engine struct {
	// Host is the engine's address for the docker CLI, as in DOCKER_HOST; empty
	// means the CLI's default.
	Host string
	// Builder is the command of a process that calls BuildNode with three more
	// arguments. kind's builder reads the environment, prints to standard
	// output, leaves files in the temporary folder and cannot be stopped; so it
	// runs alone in a process, which gets its environment and is ended with the
	// context.
	Builder []string
}

func (e Engine) env() []string {
	if e.Host == "" {
		return nil
	}
	return []string{"DOCKER_HOST=" + e.Host}
}

func (e Engine) docker(ctx context.Context, in io.Reader, args ...string) ([]byte, error) {
	return command{args: append([]string{"docker"}, args...), env: e.env(), in: in}.run(ctx)
}

// inspect is the engine's image; the zero Image when it has none of this name.
func (e Engine) inspect(ctx context.Context, ref string) (Image, error) {
	// `image ls` answers "none" with success, so that a failure is a failure.
	out, err := e.docker(ctx, nil, "image", "ls", "--no-trunc", "--quiet", ref)
	if err != nil {
		return Image{}, fmt.Errorf("ask the container engine for the image %s: %w", ref, err)
	}
	id := strings.TrimSpace(string(out))
	if id == "" {
		return Image{}, nil
	}
	out, err = e.docker(ctx, nil, "image", "inspect", "--format", "{{json .}}", id)
	if err != nil {
		return Image{}, fmt.Errorf("ask the container engine for the image %s: %w", ref, err)
	}
	var answer struct {
		ID     string `json:"Id"`
		Size   int64
		Config struct{ Labels map[string]string }
	}
	if err := json.Unmarshal(bytes.TrimSpace(out), &answer); err != nil {
		return Image{}, fmt.Errorf("read the container engine's answer about the image %s: %w", ref, err)
	}
	return Image{Ref: ref, ID: answer.ID, Source: SourcePackages, Key: answer.Config.Labels[labelKey], Size: answer.Size}, nil
}

// load streams an image of the store into the engine.
func (e Engine) load(ctx context.Context, s *Store, ref string) error {
	group, ctx := errgroup.WithContext(ctx)
	r, w := io.Pipe()
	group.Go(func() error {
		err := s.Archive(ctx, []string{ref}, w)
		w.CloseWithError(err)
		return err
	})
	group.Go(func() error {
		_, err := e.docker(ctx, r, "load", "--quiet")
		r.CloseWithError(errors.New("docker load has ended"))
		return err
	})
	if err := group.Wait(); err != nil {
		return fmt.Errorf("load image %s into the container engine: %w", ref, err)
	}
	return nil
}

// buildContainer is how names of the containers of kind's builder begin. The
// ancestor alone would name the nodes of clusters too.
const buildContainer = "kind-build-"

// clean removes the base image and the containers that kind's builder left, of
// a build that was interrupted too.
func (e Engine) clean(ctx context.Context, base string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanTime)
	defer cancel()
	out, err := e.docker(ctx, nil, "ps", "--all", "--quiet", "--filter", "ancestor="+base, "--filter", "name=^/?"+buildContainer)
	if err != nil {
		return fmt.Errorf("look for the containers of the node image's build: %w", err)
	}
	if ids := strings.Fields(string(out)); len(ids) > 0 {
		if _, err := e.docker(ctx, nil, append([]string{"rm", "--force", "--volumes"}, ids...)...); err != nil {
			return fmt.Errorf("remove the containers of the node image's build: %w", err)
		}
	}
	have, err := e.inspect(ctx, base)
	if err != nil || have.ID == "" {
		return err
	}
	if _, err := e.docker(ctx, nil, "rmi", base); err != nil {
		return fmt.Errorf("remove the base image of the node image: %w", err)
	}
	return nil
}

// removeReplaced removes the image that lost its name to the new one. It stays
// while a container uses it, which is no reason to fail.
func (e Engine) removeReplaced(ctx context.Context, old, made Image) {
	if old.ID != "" && old.ID != made.ID {
		_, _ = e.docker(ctx, nil, "rmi", old.ID)
	}
}
