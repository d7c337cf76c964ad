package image

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// mvn is Maven's program, and getter the goal that downloads one file. The
// goal's version is said so that Maven does not look for the newest.
const (
	mvn    = "mvn"
	getter = "org.apache.maven.plugins:maven-dependency-plugin:2.8:get"
)

var mavenPart = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)

// name is the file's name in a repository: ARTIFACT-VERSION[-CLASSIFIER].PACKAGING.
func (m Maven) name() (string, error) {
	parts := strings.Split(m.Artifact, ":")
	for _, p := range parts {
		if !mavenPart.MatchString(p) {
			parts = nil
		}
	}
	switch len(parts) {
	case 4:
		return parts[1] + "-" + parts[2] + "." + parts[3], nil
	case 5:
		return parts[1] + "-" + parts[2] + "-" + parts[4] + "." + parts[3], nil
	}
	return "", fmt.Errorf("%q is not GROUP:ARTIFACT:VERSION:PACKAGING or GROUP:ARTIFACT:VERSION:PACKAGING:CLASSIFIER", m.Artifact)
}

// maven is the step that downloads a file of a Maven repository and checks its
// digest; the result holds it under its own name.
func (d *debian) maven(recipe string, m Maven) (step, error) {
	name, err := m.name()
	if err != nil {
		return step{}, err
	}
	key := newKey("maven").text("artifact", m.Artifact).text("sha256", m.SHA256).sum()
	return step{name: "Maven artifact " + name, slug: "maven-" + recipe, key: key,
		fill: func(ctx context.Context, out string, say func(error)) error {
			if _, err := exec.LookPath(mvn); err != nil {
				if err := d.install(ctx, "maven", say); err != nil {
					return err
				}
			}
			repository := filepath.Join(filepath.Dir(out), "maven")
			err := download(ctx, "the Maven artifact "+m.Artifact, say, func() error {
				_, err := command{args: []string{mvn, "--batch-mode", "--quiet", getter, "-Dartifact=" + m.Artifact, "-Dtransitive=false",
					"-Dmaven.repo.local=" + repository}, dir: filepath.Dir(out)}.run(ctx)
				return err
			})
			if err != nil {
				return err
			}
			return m.take(repository, name, out)
		}}, nil
}

// take moves the file out of Maven's local repository, if it is the right one.
func (m Maven) take(repository, name, out string) error {
	parts := strings.Split(m.Artifact, ":")
	file := filepath.Join(repository, filepath.FromSlash(strings.ReplaceAll(parts[0], ".", "/")), parts[1], parts[2], name)
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("read what Maven downloaded: %w", err)
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return fmt.Errorf("read what Maven downloaded: %w", err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != m.SHA256 {
		return fmt.Errorf("the Maven artifact %s has the digest %s, its recipe wants %s: it is another file than the one that was tried", m.Artifact, got, m.SHA256)
	}
	if err := os.Rename(file, filepath.Join(out, name)); err != nil {
		return fmt.Errorf("keep the Maven artifact: %w", err)
	}
	return nil
}
