// Package config is the one typed configuration: what the user said by file
// and flags, checked before anything is made, and the places meshcert writes to.
package config
