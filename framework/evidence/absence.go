package evidence

import "errors"

// Absence tells why there is no evidence, which decides what looking again is worth.
type Absence string

const (
	// Transient: looking again may help. An error that says nothing else is transient.
	Transient Absence = "transient"
	// Final: looking again will not help: the server refuses us, or answers what
	// it never should.
	Final Absence = "final"
	// Unmet: what the observation stands on is not there (a Service, a pod to ask).
	Unmet Absence = "unmet"
)

// absent is an error that tells why there is no evidence.
type absent struct {
	error
	absence Absence
}

func (a absent) Unwrap() error { return a.error }

// Absent marks an observer's error; nil stays nil, and a mark that is there stays.
func Absent(absence Absence, err error) error {
	var marked absent
	if err == nil || errors.As(err, &marked) {
		return err
	}
	return absent{err, absence}
}

// AbsenceOf reads the mark of an error; without one it is Transient.
func AbsenceOf(err error) Absence {
	var marked absent
	if errors.As(err, &marked) {
		return marked.absence
	}
	return Transient
}
