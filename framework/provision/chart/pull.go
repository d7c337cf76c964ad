package chart

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"helm.sh/helm/v3/pkg/action"
	helmchart "helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	helmgetter "helm.sh/helm/v3/pkg/getter"
	"helm.sh/helm/v3/pkg/provenance"
	"helm.sh/helm/v3/pkg/registry"
	"helm.sh/helm/v3/pkg/repo"
)

// maxDownload bounds what one answer of a repository may hold, in bytes. Helm
// bounds what a chart unpacks to.
const maxDownload = 64 << 20

// Pull fetches a packaged chart: from a chart repository, "https://…", or from
// below a path of an OCI registry, "oci://HOST/PATH", where it is PATH/NAME. Version
// is a version or a range as Helm knows them, "" for the newest that is no
// pre-release. A registry gets the credentials that "helm registry login" or
// "docker login" left; on this machine itself it is asked without TLS. The chart
// must bring its dependencies along.
func Pull(ctx context.Context, from, name, version string) (*helmchart.Chart, error) {
	ctx, cancel := context.WithTimeout(ctx, requestLimit)
	defer cancel()
	c, err := pull(ctx, from, name, version)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		err = fmt.Errorf("an answer is larger than %d MiB", maxDownload>>20)
	}
	if err != nil {
		return nil, fmt.Errorf("pull chart %s from %s: %w", strings.TrimSpace(name+" "+version), from, err)
	}
	return c, nil
}

func pull(ctx context.Context, from, name, version string) (*helmchart.Chart, error) {
	base, err := url.Parse(from)
	if err != nil {
		return nil, err
	}
	var archive []byte
	switch base.Scheme {
	case "http", "https":
		archive, err = fromRepository(ctx, from, name, version)
	case registry.OCIScheme:
		archive, err = fromRegistry(ctx, base, name, version)
	default:
		return nil, errors.New("want a URL that begins with https://, http:// or oci://")
	}
	if err != nil {
		return nil, err
	}
	c, err := loader.LoadArchive(bytes.NewReader(archive))
	if err != nil {
		return nil, err
	}
	if c.Name() != name {
		return nil, fmt.Errorf("the archive holds chart %s", c.Name())
	}
	return c, action.CheckDependencies(c, c.Metadata.Dependencies)
}

// fromRepository returns the archive that the repository's index names.
func fromRepository(ctx context.Context, from, name, version string) ([]byte, error) {
	folder, err := os.MkdirTemp("", "meshcert-index-") // Helm reads an index from a file only
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	get := web{ctx}
	asked, err := repo.NewChartRepository(&repo.Entry{Name: "charts", URL: from}, helmgetter.Providers{
		{Schemes: []string{"http", "https"}, New: func(...helmgetter.Option) (helmgetter.Getter, error) { return get, nil }},
	})
	if err != nil {
		return nil, err
	}
	asked.CachePath = folder
	file, err := asked.DownloadIndexFile()
	if err != nil {
		return nil, fmt.Errorf("read its index: %w", err)
	}
	index, err := repo.LoadIndexFile(file)
	if err != nil {
		return nil, fmt.Errorf("read its index: %w", err)
	}
	found, err := index.Get(name, version)
	if errors.Is(err, repo.ErrNoChartName) {
		return nil, fmt.Errorf("no such chart; it has %s", strings.Join(slices.Sorted(maps.Keys(index.Entries)), ", "))
	}
	if err != nil {
		return nil, err
	}
	if len(found.URLs) == 0 {
		return nil, fmt.Errorf("its index has no URL for version %s", found.Version)
	}
	address, err := repo.ResolveReferenceURL(from, found.URLs[0])
	if err != nil {
		return nil, err
	}
	archive, err := get.Get(address)
	if err != nil {
		return nil, err
	}
	digest, err := provenance.Digest(bytes.NewReader(archive.Bytes()))
	if err == nil && found.Digest != "" && strings.TrimPrefix(found.Digest, "sha256:") != digest {
		err = fmt.Errorf("%s has digest %s, its index says %s", address, digest, found.Digest)
	}
	return archive.Bytes(), err
}

// fromRegistry returns the archive with the tag that fits the version best.
func fromRegistry(ctx context.Context, base *url.URL, name, version string) ([]byte, error) {
	options := []registry.ClientOption{registry.ClientOptHTTPClient(&http.Client{Transport: bounded{ctx}})}
	if host := base.Hostname(); host == "localhost" || net.ParseIP(host).IsLoopback() {
		options = append(options, registry.ClientOptPlainHTTP())
	}
	client, err := registry.NewClient(options...)
	if err != nil {
		return nil, err
	}
	path := base.Host + base.JoinPath(name).Path
	tags, err := client.Tags(path)
	if err != nil {
		return nil, err
	}
	tag, err := registry.GetTagMatchingVersionOrConstraint(tags, version)
	if err != nil {
		return nil, err
	}
	pulled, err := client.Pull(path + ":" + tag)
	if err != nil {
		return nil, err
	}
	return pulled.Chart.Data, nil
}

// bounded sends requests that end with the context, for libraries that take
// none, and gives up on answers that are too large.
type bounded struct{ ctx context.Context }

func (b bounded) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(request.WithContext(b.ctx))
	if err != nil {
		return nil, err
	}
	response.Body = http.MaxBytesReader(nil, response.Body, maxDownload)
	return response, nil
}

// web is Helm's getter for the URLs of a chart repository.
type web struct{ ctx context.Context }

func (w web) Get(address string, _ ...helmgetter.Option) (*bytes.Buffer, error) {
	request, err := http.NewRequestWithContext(w.ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	response, err := (&http.Client{Transport: bounded(w)}).Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET %s: %s", address, response.Status)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fmt.Errorf("GET %s: %w", address, err)
	}
	return bytes.NewBuffer(body), nil
}
