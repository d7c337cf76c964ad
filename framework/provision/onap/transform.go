package onap

// transform is an override that changes rendered objects.
type transform struct {
	Override
	when string
	// do changes the drafts and tells it to the plan.
	do func(*Plan, []*draft) error
}

func transforms() []transform { return nil }
