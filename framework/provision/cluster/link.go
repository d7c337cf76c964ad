package cluster

import (
	"errors"
	"fmt"
	"net"
	"unsafe"

	"golang.org/x/sys/unix"
)

// deleteLink removes a network bridge that its engine left behind, as "ip link
// delete" does, without needing that program; one that is gone is no error.
func deleteLink(name string) error {
	if _, err := net.InterfaceByName(name); err != nil {
		return nil
	}
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("remove network bridge %s: %w", name, err)
	}
	defer unix.Close(socket)
	request, err := unix.NewIfreq(name)
	if err != nil {
		return fmt.Errorf("remove network bridge %s: %w", name, err)
	}
	// Flags zero takes it down: the kernel removes no bridge that is up (netdevice(7)).
	if err := unix.IoctlIfreq(socket, unix.SIOCSIFFLAGS, request); err != nil {
		return fmt.Errorf("take network bridge %s down: %w", name, err)
	}
	text, err := unix.BytePtrFromString(name)
	if err != nil {
		return fmt.Errorf("remove network bridge %s: %w", name, err)
	}
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(socket), unix.SIOCBRDELBR, uintptr(unsafe.Pointer(text)))
	if errno != 0 && !errors.Is(errno, unix.ENXIO) {
		return fmt.Errorf("remove network bridge %s: %w", name, errno)
	}
	return nil
}
