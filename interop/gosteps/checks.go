package main

import (
	"errors"
	"fmt"
	"iter"
	"reflect"

	"github.com/cometchat-go/cometchat"
)

// checks keeps the first broken promise of a step.
type checks struct{ broken error }

func (c *checks) fail(format string, args ...any) {
	if c.broken == nil {
		c.broken = fmt.Errorf(format, args...)
	}
}

func (c *checks) equal(what string, got, want any) {
	if !reflect.DeepEqual(got, want) {
		c.fail("%s: got %#v, want %#v", what, got, want)
	}
}

// ok checks that a call succeeded.
func (c *checks) ok(what string, err error) {
	if err != nil {
		c.fail("%s: %w", what, err)
	}
}

// refused checks that a call failed with the error want.
func (c *checks) refused(what string, err, want error) {
	if !errors.Is(err, want) {
		c.fail("%s: got the error %v, want %w", what, err, want)
	}
}

// list reads a list to its end and checks that it has no error.
func (c *checks) list(all iter.Seq2[*cometchat.User, error]) (users []*cometchat.User) {
	for u, err := range all {
		if c.ok("the list", err); err == nil {
			users = append(users, u)
		}
	}
	return users
}
