package jaeger_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/observe/traces"
)

// page is what a Jaeger answers to a path that it does not know.
const page = "<!doctype html><html><title>Jaeger UI</title></html>"

// onlyV3 are the answers of a Jaeger that has no first version of the API.
func onlyV3(t *testing.T) map[string]string {
	return map[string]string{
		"/api/traces/" + identity:           page,
		"/api/traces/" + nslcm:              page,
		"/api/traces?multicloud.onap":       page,
		"/api/services":                     page,
		"/api/v3/traces/" + identity:        recorded(t, "v3-identity"),
		"/api/v3/traces?v3:multicloud.onap": recorded(t, "v3-search-multicloud"),
		"/api/v3/services":                  recorded(t, "v3-services"),
	}
}

// TestVersions: both versions of the API tell the same.
func TestVersions(t *testing.T) {
	old := serve(t, map[string]string{
		"/api/traces/" + identity:     recorded(t, "identity"),
		"/api/traces?multicloud.onap": recorded(t, "search-multicloud"),
		"/api/services":               recorded(t, "services"),
	})
	current := serve(t, onlyV3(t))
	search := traces.Search{TraceID: identity, Services: []string{"multicloud.onap"}, Start: time.UnixMicro(1795430000000000), End: time.UnixMicro(1795430001000000)}
	want, err := traces.Find(t.Context(), old, search)
	if err != nil {
		t.Fatal(err)
	}
	got, err := traces.Find(t.Context(), current, search)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Wanted, got.Wanted); diff != "" || got.Wanted == nil {
		t.Errorf("the trace (-version 1 +version 3):\n%s", diff)
	}
	byID := map[string]evidence.Trace{}
	for _, o := range want.Others {
		byID[o.ID] = o
	}
	if len(got.Others) == 0 {
		t.Error("no other traces in version 3")
	}
	for _, o := range got.Others {
		if diff := cmp.Diff(byID[o.ID], o); diff != "" {
			t.Errorf("trace %s (-version 1 +version 3):\n%s", o.ID, diff)
		}
	}
	services := []string{"msb-iag.onap", "multicloud-vio.onap", "multicloud.onap", "vfc-nslcm.onap"}
	for version, o := range map[string]traces.Backend{"1": old, "3": current} {
		if names, err := o.Services(t.Context()); err != nil || !cmp.Equal(services, names) {
			t.Errorf("version %s: services %v, %v", version, names, err)
		}
	}
}

// TestVersionIsRemembered: a server that was found to speak version 3 is not
// asked in version 1 again, and what it has not is no trace.
func TestVersionIsRemembered(t *testing.T) {
	asked := []string{}
	o := at(t, func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		switch {
		case !strings.HasPrefix(r.URL.Path, "/api/v3/"):
			_, _ = w.Write([]byte(page))
		case strings.HasSuffix(r.URL.Path, "/services"):
			_, _ = w.Write([]byte(`{}`))
		default:
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(recorded(t, "v3-not-found")))
		}
	})
	if names, err := o.Services(t.Context()); len(names) != 0 || err != nil {
		t.Errorf("services of a Jaeger that knows none: %v, %v", names, err)
	}
	if got, err := o.Trace(t.Context(), identity); got != nil || err != nil {
		t.Errorf("a trace it has not: %v, %v", got, err)
	}
	if got, err := o.Of(t.Context(), "msb-iag.onap", time.Unix(1, 0), time.Unix(2, 0)); len(got) != 0 || err != nil {
		t.Errorf("a search that finds nothing: %v, %v", got, err)
	}
	want := []string{"/api/services", "/api/v3/services", "/api/v3/traces/" + identity, "/api/v3/traces"}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}

func TestMalformedV3(t *testing.T) {
	whole := recorded(t, "v3-identity")
	for name, c := range map[string]struct{ body, want string }{
		"cut":                 {whole[:len(whole)/2], "unexpected EOF"},
		"no result":           {`{}`, "no field result.resourceSpans"},
		"result null":         {`{"result":null}`, "no field result.resourceSpans"},
		"an error":            {`{"error":{"httpCode":500,"message":"storage is away"}}`, "storage is away"},
		"no spans":            {`{"result":{"resourceSpans":[]}}`, "0 traces, not one"},
		"two traces":          {recorded(t, "v3-search-multicloud"), "traces, not one"},
		"another trace":       {strings.ReplaceAll(whole, identity, nslcm), "it is trace " + nslcm},
		"a nameless service":  {strings.Replace(whole, `"stringValue":"multicloud.onap"`, `"stringValue":""`, 1), "has no service"},
		"no time":             {strings.Replace(whole, `"startTimeUnixNano":"1`, `"startTimeUnixNano":"x`, 1), "is no time in nanoseconds"},
		"ends before it was":  {strings.Replace(whole, `"endTimeUnixNano":"1`, `"endTimeUnixNano":"0`, 1), "microseconds"},
		"a span without id":   {strings.Replace(whole, `"spanId":"1a00000000000003"`, `"spanId":""`, 1), "has no id"},
		"a span of somewhere": {strings.Replace(whole, `"traceId":"`+identity, `"traceId":"`, 1), "has no trace id"},
	} {
		t.Run(name, func(t *testing.T) {
			answers := onlyV3(t)
			answers["/api/v3/traces/"+identity] = c.body
			got, err := serve(t, answers).Trace(t.Context(), identity)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %+v, %v, want %q", got, err, c.want)
			}
		})
	}
}
