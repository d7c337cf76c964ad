package onap_test

import (
	"strings"
	"testing"

	"github.com/onap/meshcert/framework/provision/onap"
)

func TestParseSource(t *testing.T) {
	for text, want := range map[string]string{
		"":                                    "embedded",
		"oom:/src/oom":                        "oom:/src/oom",
		"oom:oom/kubernetes":                  "oom:oom/kubernetes",
		"repo:https://charts.example.org":     "repo:https://charts.example.org",
		"repo:http://h:8080/a/b@3.0.0":        "repo:http://h:8080/a/b@3.0.0",
		"repo:https://h/a@~3.x-0":             "repo:https://h/a@~3.x-0",
		"oci://localhost:5000/charts":         "oci://localhost:5000/charts",
		"oci://localhost:5000/onap/oom:3.0.0": "oci://localhost:5000/onap/oom:3.0.0",
		"oci://localhost:5000":                "oci://localhost:5000",
	} {
		source, err := onap.ParseSource(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if source.String() != want || source.Embedded() != (text == "") {
			t.Errorf("%q: %s, embedded %t", text, source, source.Embedded())
		}
	}
	for text, want := range map[string]string{
		"casablanca":                 `--charts "casablanca": this is no source of charts; want nothing for the charts that are built in, oom:FOLDER`,
		"/src/oom/kubernetes":        "this is no source of charts",
		":":                          "this is no source of charts",
		"https://charts.example.org": "repo:https://HOST/PATH",
		"oom:":                       "the folder is missing; write oom:FOLDER",
		"repo:":                      "this is no URL of charts",
		"repo:oci://h/p":             "this is no URL of charts",
		"repo:file:///etc":           "this is no URL of charts",
		"oci:h/p":                    "this is no URL of charts",
		"oci://":                     "this is no URL of charts",
		"repo:https://h/a@":          "the version is missing",
		"oci://h/p:":                 "the version is missing",
		"repo:https://me:secret@h/a": "credentials in a URL end up in reports",
		"repo:https://h/%zz":         "the URL cannot be read",
		"oci://me:secret@h/charts:1": "credentials in a URL",
	} {
		if _, err := onap.ParseSource(text); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "--charts") {
			t.Errorf("%q: got %v, want an error with %q", text, err, want)
		} else if strings.Contains(err.Error(), "me:secret") {
			t.Errorf("%q: the error tells the password: %v", text, err)
		}
	}
}
