package traffic

import (
	"testing"

	"github.com/onap/meshcert/framework/evidence"
	"github.com/onap/meshcert/framework/internal/attack"
	"github.com/onap/meshcert/framework/judge/load"
)

// fortioPrinted is a result as fortio 1.68.2 printed it, less its fields that are not read.
const fortioPrinted = `{
  "RunType": "HTTP", "RequestedQPS": "50", "RequestedDuration": "2s", "ActualQPS": 48.5, "ActualDuration": 2061855670, "NumThreads": 4, "Version": "1.68.2",
  "DurationHistogram": {"Count": 100, "Min": 0.00017, "Max": 0.0014, "Sum": 0.053, "Avg": 0.00053, "StdDev": 0.0002,
    "Data": [{"Start": 0.00017, "End": 0.0005, "Percent": 60, "Count": 60}, {"Start": 0.0005, "End": 0.0014, "Percent": 100, "Count": 40}],
    "Percentiles": [{"Percentile": 50, "Value": 0.00046}, {"Percentile": 75, "Value": 0.00066}, {"Percentile": 90, "Value": 0.0009}, {"Percentile": 99, "Value": 0.0014}]},
  "ErrorsDurationHistogram": {"Count": 20, "Min": 0.0003, "Max": 0.0012, "Data": null},
  "RetCodes": {"200": 80, "503": 20}, "Sizes": {"Count": 100}, "Sockets": [1, 1, 1, 1]
}`

// results reads a result and hands it to the judge, who must not be led into a panic.
func results(text string) (evidence.LoadResult, error) {
	result, err := readFortio(text)
	if err != nil {
		return result, err
	}
	round := []evidence.LoadRound{{LoadOrder: order("http://a/"), Result: result}}
	load.JudgeRounds(load.Plan{Gateway: true}, round)
	load.Figures(round)
	return result, nil
}

func TestMalformedResults(t *testing.T) {
	attack.Parser(t, attack.JSON(results), []string{fortioPrinted})
}

func FuzzResults(f *testing.F) { attack.FuzzParser(f, attack.JSON(results), fortioPrinted) }
