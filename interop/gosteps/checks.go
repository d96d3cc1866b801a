package main

import (
	"errors"
	"fmt"
	"reflect"
)

// checks keeps the first promise that was found broken.
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

// ok checks that a call has not failed.
func (c *checks) ok(what string, err error) {
	if err != nil {
		c.fail("%s: %w", what, err)
	}
}

// refused checks that a call has failed in this way.
func (c *checks) refused(what string, err, want error) {
	if !errors.Is(err, want) {
		c.fail("%s: got the error %v, want %w", what, err, want)
	}
}
