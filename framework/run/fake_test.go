package run

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/onap/meshcert/framework/config"
	"github.com/onap/meshcert/framework/progress"
	"github.com/onap/meshcert/framework/report"
	"github.com/onap/meshcert/framework/spec"
)

// The program that a child process runs is this test binary. Called as a stage
// it does what the order's context says: a scenario's specs, or one of the acts.
// Called to lead it is the parent, which a test may kill.
func TestMain(m *testing.M) {
	switch {
	case len(os.Args) > 1 && os.Args[1] == "stage":
		os.Exit(fakeStage())
	case len(os.Args) > 3 && os.Args[1] == "lead":
		os.Exit(lead(os.Args[2], os.Args[3]))
	}
	os.Exit(m.Run())
}

func fakeStage() int {
	outlive()
	input := json.NewDecoder(os.Stdin)
	var order Order
	if err := input.Decode(&order); err != nil {
		return say(err)
	}
	if act, ok := acts()[order.Config.Context]; ok {
		return act(order)
	}
	s, ok := scenarios()[order.Config.Context]
	play := s.play
	switch {
	case !ok:
		return say(fmt.Errorf("no scenario %q for stage %s", order.Config.Context, order.Stage))
	case order.Stage == StageReplay:
		play = s.replay
	}
	if err := play(order); err != nil {
		return say(err)
	}
	return 0
}

// lead runs the scenario, with its places below the folder.
func lead(scenario, folder string) int {
	status, err := fakeConductor(scenario, folder, os.Stdout).Run(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return status
}

// fakeConductor leads runs on a cluster that the named scenario or act stands for.
func fakeConductor(name, folder string, out io.Writer) *Conductor {
	c := config.Config{
		Profile: "casablanca", Kubeconfig: "a real cluster's", Context: name,
		Places: config.Places{Cache: filepath.Join(folder, "cache"), State: filepath.Join(folder, "state"), Runs: filepath.Join(folder, "runs")},
	}
	return &Conductor{Config: c.WithDefaults(), Specs: scenarios()[name].specs, Version: "test", Out: out}
}

// say tells the parent what went wrong, as Conductor.Stage does.
func say(err error) int {
	parent := os.NewFile(parentPipe, "parent")
	_ = json.NewEncoder(parent).Encode(complaintOf(err))
	return 1
}

// play is stage specs without a cluster: the specs bring their evidence.
func (s scenario) play(order Order) error {
	selected, err := spec.Select(s.specs, selection(order))
	if err != nil {
		return err
	}
	// The release's own waivers are about specs that no scenario has.
	if err := os.WriteFile(filepath.Join(order.Folder, waiversFile), []byte("waivers: []\n"), 0o600); err != nil {
		return err
	}
	// The rest is as on a cluster of our own.
	order.Config.Kubeconfig, order.Config.Context = "", ""
	env, err := (&Conductor{Specs: s.specs}).newEnv(order)
	if err != nil {
		return err
	}
	env.Dump, env.Progress = dumped(env), progress.Of(fed())
	return judge(order, spec.Cases(selected, env), recorder(order, report.NewWriter(filepath.Join(order.Folder, report.RecordsFile))))
}

// fed is a context whose listener is the parent, as Conductor.Stage makes it.
func fed() context.Context {
	return progress.With(context.Background(), progress.Feed(os.NewFile(feedPipe, "feed")))
}

// replay is the real stage, with the scenario's specs.
func (s scenario) replay(order Order) error {
	return (&Conductor{Specs: s.specs}).stageReplay(fed(), order)
}

// acts are children that are no stage of ours, but what a stage may become.
func acts() map[string]func(Order) int {
	return map[string]func(Order) int{
		"fine": func(order Order) int {
			fmt.Println("to the log")
			fmt.Fprintln(os.Stderr, "to people")
			return write(order, "order", order)
		},
		"environment": func(order Order) int { return write(order, "environment", os.Environ()) },
		"leaks":       spill,
		"says":        func(Order) int { return say(fmt.Errorf("no room on the disk")) },
		"dies":        func(Order) int { return 7 },
		"killed": func(Order) int {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			return 0
		},
		"obedient": func(order Order) int {
			interrupts := make(chan os.Signal, 1)
			signal.Notify(interrupts, os.Interrupt)
			write(order, "ready", os.Getpid())
			<-interrupts
			return write(order, "cleaned", true)
		},
		"stubborn": func(order Order) int {
			signal.Ignore(os.Interrupt)
			return write(order, "ready", os.Getpid()) + rest()
		},
		"stubborn with a grandchild": func(order Order) int {
			signal.Ignore(os.Interrupt)
			return write(order, "ready", grandchild()) + rest()
		},
		"leaves a grandchild": func(order Order) int { return write(order, "ready", grandchild()) },
	}
}

func rest() int {
	time.Sleep(time.Hour)
	return 1
}

// grandchild starts a process that heeds no signal and holds the parent's pipe.
func grandchild() int {
	cmd := exec.Command("sleep", "3600")
	cmd.ExtraFiles = []*os.File{os.NewFile(parentPipe, "parent")}
	if err := cmd.Start(); err != nil {
		return -1
	}
	return cmd.Process.Pid
}

// write puts a value into the run's folder in one step and returns the status to end with.
func write(order Order, name string, value any) int {
	text, err := json.Marshal(value)
	path := filepath.Join(order.Folder, name)
	if err == nil {
		err = os.WriteFile(path+".part", text, 0o600)
	}
	if err == nil {
		err = os.Rename(path+".part", path)
	}
	if err != nil {
		return say(err)
	}
	return 0
}
