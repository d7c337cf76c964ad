package cluster

import (
	"context"
	"errors"
	"testing"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
)

// inside is an insider whose pod prints the text, whatever it is told to do.
func inside(text string) insider {
	o := &Observer{exec: func(context.Context, string, string, string, ...string) (string, error) { return text, nil }}
	return insider{place: outsider, observer: o, pod: "client-1"}
}

// printed is a parser of what the program prints: an answer that says nothing is refused.
func printed(ask func(insider) (map[string]string, error)) attack.Parse {
	return func(text string) (refused, broken error) {
		var taken map[string]string
		refused, broken = attack.JSON(func(text string) (_ map[string]string, err error) {
			taken, err = ask(inside(text))
			return taken, err
		})(text)
		for _, answer := range taken {
			if answer == "" || answer == "error: " {
				broken = errors.Join(broken, errors.New("an answer that says nothing"))
			}
		}
		return refused, broken
	}
}

func lookup(text string) (refused, broken error) {
	return printed(func(i insider) (map[string]string, error) {
		resolved, _, err := i.ask(context.Background(), Probe{Names: []string{"example.com"}})
		return resolved, err
	})(text)
}

func dial(text string) (refused, broken error) {
	return printed(func(i insider) (map[string]string, error) {
		_, dialed, err := i.ask(context.Background(), Probe{Addresses: []string{"192.0.2.1:80"}})
		return dialed, err
	})(text)
}

func canaryRequest(text string) (refused, broken error) {
	var taken evidence.Canary
	refused, broken = attack.JSON(func(text string) (_ evidence.Canary, err error) {
		taken, err = inside(text).canary(context.Background())
		return taken, err
	})(text)
	if refused == nil && taken.Response.Status == 0 && taken.Response.Error == "" {
		broken = errors.Join(broken, errors.New("neither a status nor an error"))
	}
	return refused, broken
}

const (
	looked = `{"addresses":["10.96.0.1","fd00::1"]}`
	lost   = `{"addresses":null,"error":"no such host"}`
	dialed = `{"connected":true,"first":"SSH","error":"read: i/o timeout"}`
	closed = `{"connected":false,"error":"no route to host"}`
	echoed = `{"status":200,"headers":{"server":["envoy"]},"body":"{\"method\":\"GET\",\"headers\":{\"x-forwarded-client-cert\":[\"By=spiffe://a;URI=spiffe://b\"]}}"}`
	failed = `{"status":0,"headers":null,"body":"","error":"connection reset"}`
)

// saysWhy is an answer of a program that failed, and of foreign ones too.
const saysWhy = `{"error":"unavailable"}`

// saysStatus is a foreign error that has a text in the field error.
const saysStatus = `{"status":"error","errorType":"internal","error":"storage is away"}`

func TestLookupMalformed(t *testing.T) {
	attack.Parser(t, lookup, []string{looked, lost}, saysWhy, saysStatus)
}

func TestDialMalformed(t *testing.T) {
	attack.Parser(t, dial, []string{dialed, closed}, saysWhy, saysStatus)
}

func TestCanaryMalformed(t *testing.T) {
	attack.Parser(t, canaryRequest, []string{echoed, failed}, saysWhy)
}

func FuzzInside(f *testing.F) {
	all := []attack.Parse{lookup, dial, canaryRequest}
	f.Add(looked)
	f.Add(dialed)
	f.Add(echoed)
	f.Fuzz(func(t *testing.T, text string) {
		for _, parse := range all {
			attack.Try(t, parse, text)
		}
	})
}
