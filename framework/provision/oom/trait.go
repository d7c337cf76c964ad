package oom

import "fmt"

// Trait is something the loader met in a tree and dealt with.
type Trait struct {
	Kind Kind
	// Where is the folder or file of the tree: "vfc/charts/vfc-catalog".
	Where string
	// Detail says what was found and what was made of it, for people.
	Detail string
}

// Kind says what sort of trait it is.
type Kind string

const (
	// LocalRepository is a dependency on "@local", answered by a chart of the tree.
	LocalRepository Kind = "local-repository"
	// FileRepository is a dependency on "file://", answered by a folder of the tree.
	FileRepository Kind = "file-repository"
	// OtherRepository is a dependency on a server, answered by a chart of the tree that has its name.
	OtherRepository Kind = "other-repository"
	// VendoredDependency is a dependency that lies below charts/ already.
	VendoredDependency Kind = "vendored-dependency"
	// VendoredRequirements are dependencies of a chart below charts/, which Helm itself leaves alone.
	VendoredRequirements Kind = "vendored-requirements"
	// RequirementsFile says that dependencies were read from requirements.yaml.
	RequirementsFile Kind = "requirements-file"
	// NoAPIVersion is a Chart.yaml without apiVersion, taken for v1.
	NoAPIVersion Kind = "no-api-version"
	// AbsentChart is a dependency that no chart of the tree answers.
	AbsentChart Kind = "absent-chart"
	// PatchedTemplate is a template whose text was changed, since today's Helm cannot run it.
	PatchedTemplate Kind = "patched-template"
	// WrongEncoding is a file with comments that are not UTF-8.
	WrongEncoding Kind = "wrong-encoding"
	// Alias is a dependency under another name.
	Alias Kind = "alias"
	// ListedTwice is a dependency that is listed again and was dropped the second time.
	ListedTwice Kind = "listed-twice"
	// SameChartName is a dependency whose name several charts of the tree have.
	SameChartName Kind = "same-chart-name"
	// SameTemplateName is a named template with different bodies in the charts that were loaded.
	SameTemplateName Kind = "same-template-name"
	// IgnoredCondition is a condition that no chart's values hold, "not a.b" or "a:b", so that Helm takes
	// the chart for enabled.
	IgnoredCondition Kind = "ignored-condition"
	// Hook is a template with a Helm hook.
	Hook Kind = "hook"
	// RandomOutput is a template that may render differently each time.
	RandomOutput Kind = "random-output"
	// Archive is a packaged chart below charts/.
	Archive Kind = "archive"
	// OtherName is a chart whose name is not that of its folder.
	OtherName Kind = "other-name"
)

// Error is one fault of a tree.
type Error struct {
	// Chart is the chart that cannot be loaded, by name or folder.
	Chart string
	// File is the file or folder of the tree that is wrong.
	File string
	// What is wrong with it.
	What string
	// Fix is what to do.
	Fix string
}

func (e *Error) Error() string {
	return fmt.Sprintf("chart %s: %s: %s; %s", e.Chart, e.File, e.What, e.Fix)
}
