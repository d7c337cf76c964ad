package certificate

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	intoto "github.com/in-toto/attestation/go/v1"
	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/verdict"
)

// parts are the three files that are looked at.
func parts(p *Papers) map[string]*[]byte {
	return map[string]*[]byte{"report": &p.Report, "envelope": &p.Envelope, "keys": &p.Trusted}
}

// believable is how each part may be refused after an edit of it.
var believable = map[string][]Reason{
	"report":   {ReportDigest},
	"envelope": {Form, Type, Signature, Untrusted},
	"keys":     {Keys},
}

func refusedFor(t *testing.T, what string, got *Result, want ...Reason) {
	t.Helper()
	if got.State != Refused || len(got.Refusals) == 0 || !slices.Contains(want, got.Refusals[0].Reason) {
		t.Errorf("%s: %s, want refused for one of %v: %v", what, got.State, want, got.Refusals)
	}
	if got.Report != nil && slices.Contains([]Reason{Form, Type, Signature, Untrusted, ReportDigest, Keys}, got.Refusals[0].Reason) {
		t.Errorf("%s: the result tells of a report that nobody signed", what)
	}
}

// TestThousandEdits: of each file 1,000 times one byte is another, is missing or is
// one too many, at places drawn by lot: no such certificate is believed.
func TestThousandEdits(t *testing.T) {
	good := signed(t, assembled(t), nil)
	if got := verified(t, good); got.State != WithStandins {
		t.Fatalf("%s: %v", got.State, got.Refusals)
	}
	for _, part := range []string{"report", "envelope", "keys"} {
		draw := rand.New(rand.NewPCG(8, uint64(len(part))))
		counts := map[Reason]int{}
		for range 1000 {
			p := good
			text := bytes.Clone(*parts(&p)[part])
			at := draw.IntN(len(text))
			how := draw.IntN(4)
			switch how {
			case 0:
				text[at] ^= 1 << draw.IntN(8)
			case 1:
				text[at] += byte(1 + draw.IntN(255))
			case 2:
				text = slices.Delete(text, at, at+1)
			case 3:
				text = slices.Insert(text, at, byte(draw.IntN(256)))
			}
			*parts(&p)[part] = text
			got := verified(t, p)
			refusedFor(t, fmt.Sprintf("%s, way %d at byte %d", part, how, at), got, believable[part]...)
			counts[got.Refusals[0].Reason]++
		}
		t.Logf("%s: %v", part, counts)
	}
}

// TestTruncations: no part of a file is believed, nor one with something behind it.
func TestTruncations(t *testing.T) {
	good := signed(t, assembled(t), nil)
	for part := range parts(&good) {
		whole := *parts(&good)[part]
		for n := range len(whole) {
			if n%7 != 0 && n < len(whole)-10 {
				continue
			}
			p := good
			*parts(&p)[part] = whole[:n]
			refusedFor(t, fmt.Sprintf("the first %d bytes of the %s", n, part), verified(t, p), believable[part]...)
		}
		for _, tail := range []string{"\n", " ", "{}", "\x00", string(whole)} {
			p := good
			*parts(&p)[part] = append(bytes.Clone(whole), tail...)
			refusedFor(t, fmt.Sprintf("%s with %.5q behind it", part, tail), verified(t, p), believable[part]...)
		}
	}
}

// TestOtherSpellings: the same meaning in other bytes is refused.
func TestOtherSpellings(t *testing.T) {
	good := signed(t, assembled(t), nil)
	indent := func(text []byte) []byte {
		var out bytes.Buffer
		if err := json.Indent(&out, text, "", " "); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	replace := func(old, with string) func([]byte) []byte {
		return func(text []byte) []byte { return bytes.Replace(text, []byte(old), []byte(with), 1) }
	}
	for _, c := range []struct {
		part, name string
		edit       func([]byte) []byte
	}{
		{"report", "indented", indent}, {"envelope", "indented", indent}, {"keys", "indented", indent},
		{"envelope", "a name twice", replace(`{"payload":`, `{"payload":"","payload":`)},
		{"envelope", "an unknown name", replace(`{"payload":`, `{"extra":1,"payload":`)},
		{"envelope", "other case", replace(`"payloadType"`, `"payloadtype"`)},
		{"envelope", "an escape", replace(`application`, `\u0061pplication`)},
		{"envelope", "a certificate beside the signature", replace(`"keyid":`, `"cert":"x","keyid":`)},
		{"keys", "a name twice", replace(`{"digest":`, `{"digest":"","digest":`)},
		{"keys", "an unknown name", replace(`{"digest":`, `{"all":true,"digest":`)},
		{"keys", "a longer time", replace(`"from":"2026`, `"from":"2025`)},
		{"keys", "another offset", replace(`Z"`, `+00:00"`)},
		{"report", "a number", replace(`1.5`, `1.50`)},
		{"report", "a verdict", replace(`"verdict":"skip"`, `"verdict":"pass"`)},
		{"report", "an unknown name", replace(`{"counts":`, `{"certified":true,"counts":`)},
	} {
		p := good
		*parts(&p)[c.part] = c.edit(*parts(&good)[c.part])
		if bytes.Equal(*parts(&p)[c.part], *parts(&good)[c.part]) {
			t.Errorf("%s, %s: nothing was changed", c.part, c.name)
			continue
		}
		refusedFor(t, c.part+", "+c.name, verified(t, p), believable[c.part]...)
	}
}

// resealed signs another statement with the trusted key: what an owner of the key,
// or a mistake of his tools, could hand out.
func resealed(t *testing.T, p Papers, edit func(*intoto.Statement)) Papers {
	t.Helper()
	var e dsse.Envelope
	if err := json.Unmarshal(p.Envelope, &e); err != nil {
		t.Fatal(err)
	}
	payload, err := base64.StdEncoding.DecodeString(e.Payload)
	if err != nil {
		t.Fatal(err)
	}
	s := &intoto.Statement{}
	if err := protojson.Unmarshal(payload, s); err != nil {
		t.Fatal(err)
	}
	edit(s)
	text, err := encode(s)
	if err != nil {
		t.Fatal(err)
	}
	return sealed(t, p, PayloadType, text, testKey(t, 1))
}

// sealed puts a payload under the key's right signature.
func sealed(t *testing.T, p Papers, kind string, payload []byte, keys ...*Key) Papers {
	t.Helper()
	var signers []dsse.Signer
	for _, k := range keys {
		signers = append(signers, inDSSE{k, k.public})
	}
	signer, err := dsse.NewEnvelopeSigner(signers...)
	if err != nil {
		t.Fatal(err)
	}
	e, err := signer.SignPayload(t.Context(), kind, payload)
	if err != nil {
		t.Fatal(err)
	}
	if p.Envelope, err = canonical(e); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestSignedLies: a right signature does not make a statement right.
func TestSignedLies(t *testing.T) {
	good := signed(t, assembled(t), nil)
	for _, c := range []struct {
		name string
		edit func(*intoto.Statement)
		want Reason
	}{
		{"statement type", func(s *intoto.Statement) { s.Type = "https://in-toto.io/Statement/v0.1" }, Type},
		{"predicate type", func(s *intoto.Statement) { s.PredicateType = "https://slsa.dev/provenance/v1" }, Type},
		{"a subject twice", func(s *intoto.Statement) { s.Subject = append(s.Subject, s.Subject[0]) }, Subjects},
		{"a subject of two digests", func(s *intoto.Statement) {
			s.Subject = append(s.Subject, &intoto.ResourceDescriptor{Name: report.ReportFile, Digest: map[string]string{"sha256": strings.Repeat("0", 64)}})
		}, Subjects},
		{"one subject less", func(s *intoto.Statement) { s.Subject = s.Subject[:len(s.Subject)-1] }, Statement},
		{"no subject", func(s *intoto.Statement) { s.Subject = nil }, Statement},
		{"subjects reordered", func(s *intoto.Statement) { slices.Reverse(s.Subject[1:]) }, Statement},
		{"subjects all reordered", func(s *intoto.Statement) { slices.Reverse(s.Subject) }, Statement},
		{"an image's digest", func(s *intoto.Statement) { s.Subject[2].Digest["sha256"] = strings.Repeat("0", 64) }, Statement},
		{"a weaker digest beside it", func(s *intoto.Statement) { s.Subject[0].Digest["md5"] = strings.Repeat("0", 32) }, Statement},
		{"only a weaker digest", func(s *intoto.Statement) { s.Subject[0].Digest = map[string]string{"md5": strings.Repeat("0", 32)} }, ReportDigest},
		{"another result", func(s *intoto.Statement) {
			s.Predicate.Fields["result"] = s.Predicate.Fields["configuration"].GetListValue().GetValues()[0].GetStructValue().Fields["name"]
		}, Statement},
		{"tests reordered", func(s *intoto.Statement) {
			slices.Reverse(s.Predicate.Fields["warnedTests"].GetListValue().GetValues())
		}, Statement},
		{"an unknown field", func(s *intoto.Statement) { s.Predicate.Fields["waived"] = s.Predicate.Fields["result"] }, Statement},
		{"no predicate", func(s *intoto.Statement) { s.Predicate = nil }, Statement},
	} {
		refusedFor(t, c.name, verified(t, resealed(t, good, c.edit)), c.want)
	}
	lie := assembled(t, broke())
	lie.Counts.Fail, lie.Counts.Pass, lie.Verdict, lie.Exit = 0, 3, "pass", 0
	refusedFor(t, "a verdict that does not follow", verified(t, signed(t, lie, nil)), Report)
	order := assembled(t)
	slices.Reverse(order.Specs)
	refusedFor(t, "specs reordered", verified(t, signed(t, order, nil)), Report)
}

// TestEnvelopes: types, signatures and keys that are not as they must be.
func TestEnvelopes(t *testing.T) {
	good := signed(t, assembled(t), nil)
	one, two := testKey(t, 1), testKey(t, 2)
	var e dsse.Envelope
	if err := json.Unmarshal(good.Envelope, &e); err != nil {
		t.Fatal(err)
	}
	payload, err := base64.StdEncoding.DecodeString(e.Payload)
	if err != nil {
		t.Fatal(err)
	}
	both := signed(t, assembled(t), nil, one, two)
	if got := verified(t, both); got.State != WithStandins || len(got.Keys) != 2 {
		t.Fatalf("two signatures: %s: %v", got.State, got.Refusals)
	}
	edited := func(p Papers, edit func(*dsse.Envelope)) Papers {
		var e dsse.Envelope
		if err := json.Unmarshal(p.Envelope, &e); err != nil {
			t.Fatal(err)
		}
		edit(&e)
		if p.Envelope, err = canonical(e); err != nil {
			t.Fatal(err)
		}
		return p
	}
	trust := func(p Papers, keys ...*Key) Papers { p.Trusted = encoded(t, trusting(t, keys...)); return p }
	for _, c := range []struct {
		name   string
		papers Papers
		want   Reason
	}{
		{"another payload type", sealed(t, good, "application/json", payload, one), Type},
		{"no payload", sealed(t, good, PayloadType, nil, one), Form},
		{"a payload that is not canonical", sealed(t, good, PayloadType, append([]byte(" "), payload...), one), Form},
		{"a payload with something behind it", sealed(t, good, PayloadType, append(bytes.Clone(payload), "{}"...), one), Form},
		{"a name of the payload twice", sealed(t, good, PayloadType, bytes.Replace(payload, []byte(`{"_type":`), []byte(`{"_type":"","_type":`), 1), one), Form},
		{"an unknown name in the payload", sealed(t, good, PayloadType, bytes.Replace(payload, []byte(`{"_type":`), []byte(`{"Type":1,"_type":`), 1), one), Form},
		{"no signature", edited(good, func(e *dsse.Envelope) { e.Signatures = []dsse.Signature{} }), Signature},
		{"signatures are null", edited(good, func(e *dsse.Envelope) { e.Signatures = nil }), Signature},
		{"an empty signature", edited(good, func(e *dsse.Envelope) { e.Signatures[0].Sig = "" }), Signature},
		{"the same signature twice", edited(good, func(e *dsse.Envelope) { e.Signatures = append(e.Signatures, e.Signatures[0]) }), Signature},
		{"without a key's id", edited(good, func(e *dsse.Envelope) { e.Signatures[0].KeyID = "" }), Untrusted},
		{"a key's id in capitals", edited(good, func(e *dsse.Envelope) { e.Signatures[0].KeyID = strings.ToUpper(e.Signatures[0].KeyID) }), Untrusted},
		{"another key that is trusted too", trust(edited(good, func(e *dsse.Envelope) { e.Signatures[0].KeyID = string(two.public.ID) }), one, two), Signature},
		{"a wrong key", trust(good, two), Untrusted},
		{"no key is trusted", trust(good), Untrusted},
		{"one of two is not trusted", trust(both, one), Untrusted},
		{"one of two is wrong", edited(both, func(e *dsse.Envelope) { e.Signatures[1].Sig = e.Signatures[0].Sig }), Signature},
		{"one of two is empty", edited(both, func(e *dsse.Envelope) { e.Signatures[0].Sig = "" }), Signature},
		{"signatures changed places", edited(both, func(e *dsse.Envelope) {
			e.Signatures[0].Sig, e.Signatures[1].Sig = e.Signatures[1].Sig, e.Signatures[0].Sig
		}), Signature},
		{"URL's Base64", edited(good, func(e *dsse.Envelope) { e.Payload = strings.NewReplacer("+", "-", "/", "_").Replace(e.Payload) + "" }), Form},
		{"another run's report", func() Papers {
			p := good
			p.Report = signed(t, assembled(t, start(func(r *report.Run) { r.ID = "20261124T150000Z-casablanca" })), nil).Report
			return p
		}(), ReportDigest},
		{"no report", func() Papers { p := good; p.Report = nil; return p }(), ReportDigest},
		{"no keys", func() Papers { p := good; p.Trusted = nil; return p }(), Keys},
		{"no envelope", func() Papers { p := good; p.Envelope = nil; return p }(), Form},
		{"deep", func() Papers { p := good; p.Envelope = bytes.Repeat([]byte("["), 1<<20); return p }(), Form},
	} {
		if c.name == "URL's Base64" && !strings.ContainsAny(e.Payload, "+/") {
			continue
		}
		refusedFor(t, c.name, verified(t, c.papers), c.want)
	}
}

// TestTheWholeReportIsSigned: a report that is signed with other bytes than its
// canonical ones is refused, since two readers could read it in two ways.
func TestTheWholeReportIsSigned(t *testing.T) {
	r := assembled(t)
	good := signed(t, r, nil)
	for _, text := range [][]byte{
		append([]byte("\n"), good.Report...), bytes.Replace(good.Report, []byte(`{"counts":`), []byte(`{"Counts":{},"counts":`), 1),
		bytes.Replace(good.Report, []byte(`{"counts":`), []byte(`{"counts":{},"counts":`), 1), bytes.Repeat([]byte("["), 1<<20),
	} {
		statement, err := statementOf(r, text, certified)
		if err != nil {
			t.Fatal(err)
		}
		p := sealed(t, good, PayloadType, statement, testKey(t, 1))
		p.Report = text
		refusedFor(t, fmt.Sprintf("%.30q", text), verified(t, p), Form, Report)
	}
}

// FuzzVerify: nothing but the certificate itself is believed, and nothing makes it panic.
func FuzzVerify(f *testing.F) {
	good := signed(f, assembled(f), nil)
	f.Add(good.Envelope, good.Report, good.Trusted)
	f.Add([]byte(`{"payload":"","payloadType":"","signatures":[]}`), []byte(`{}`), []byte(`{"digest":"","keys":[],"type":""}`))
	f.Add([]byte(`null`), []byte(`[`), []byte(``))
	f.Fuzz(func(t *testing.T, envelope, document, trusted []byte) {
		same := bytes.Equal(envelope, good.Envelope) && bytes.Equal(document, good.Report) && bytes.Equal(trusted, good.Trusted)
		for _, p := range []Papers{
			{Envelope: envelope, Report: document, Trusted: trusted}, {Envelope: envelope, Report: good.Report, Trusted: good.Trusted},
			{Envelope: good.Envelope, Report: document, Trusted: good.Trusted}, {Envelope: good.Envelope, Report: good.Report, Trusted: trusted},
		} {
			whole := bytes.Equal(p.Envelope, good.Envelope) && bytes.Equal(p.Report, good.Report) && bytes.Equal(p.Trusted, good.Trusted)
			if got := verified(t, p); (got.State != Refused) != (same || whole) {
				t.Errorf("%s: %v", got.State, got.Refusals)
			}
		}
	})
}

// FuzzParseKeys: what is read as a key file or a file of trusted keys is written the same.
func FuzzParseKeys(f *testing.F) {
	key := testKey(f, 1)
	private, err := key.PEM()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(private)
	f.Add(key.public.PEM())
	f.Add(encoded(f, trusting(f, key)))
	f.Fuzz(func(t *testing.T, text []byte) {
		if key, err := ParseKey(text); err == nil && key.public.ID == "" {
			t.Error("a private key without an id")
		}
		if key, err := ParsePublic(text); err == nil && len(key.key) == 0 {
			t.Error("a public key that is none")
		}
		if keys, err := ParseTrusted(text); err == nil {
			if again, err := keys.Encode(); err != nil || !bytes.Equal(again, text) {
				t.Errorf("trusted keys are written otherwise: %v\n%s", err, again)
			}
		}
	})
}

// processorTime is what this process has used of the processors, which on a machine
// that others use too is less than the time that went by.
func processorTime(t testing.TB) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// BenchmarkVerify looks at a certificate of a thousand specs, each with a finding and
// a file of evidence; its folder is not there. It tells the processor time of one too.
func BenchmarkVerify(b *testing.B) {
	const many = 1000
	big, err := demand("casablanca")
	if err != nil {
		b.Fatal(err)
	}
	big.SpecList = nil
	all := drop(func(r report.Record) bool { return r.Spec != nil })(records(b))
	for i := range many {
		s := *specOf(b, "hygiene.root", "pass")
		s.ID, s.Findings = fmt.Sprintf("hygiene.root-%d", i), []verdict.Finding{{Kind: "root-user", Verdict: "pass", Summary: "runs as root", Object: fmt.Sprintf("Deployment onap/w-%d", i), Waiver: waiver}}
		s.Proves, s.Rerun = "no container of the release runs as root", "make e2e FOCUS=hygiene.root REUSE=1"
		big.SpecList = append(big.SpecList, "casablanca/"+s.ID)
		all = slices.Insert(all, len(all)-1, report.Record{Time: ending, Spec: &s})
	}
	all[0].RunStarted.SpecList, all[0].RunStarted.Selected = big.SpecList, many
	r, err := report.Assemble(all)
	if err != nil {
		b.Fatal(err)
	}
	p := signed(b, r, nil)
	b.SetBytes(int64(len(p.Report) + len(p.Envelope)))
	before := processorTime(b)
	defer func() {
		b.ReportMetric((processorTime(b)-before).Seconds()*1000/float64(b.N), "cpu-ms/op")
	}()
	for b.Loop() {
		if got := Verify(b.Context(), p, today.Add(time.Hour), func(string) (*Demand, error) { return big, nil }); got.State != WithStandins {
			b.Fatalf("%s: %v", got.State, got.Refusals)
		}
	}
}
