package cometchattest

import (
	"fmt"
	"net/http"

	"github.com/cometchat-go/cometchat/cometchattest/internal/store"
)

// envelope is the answer to a call that succeeded.
type envelope struct {
	Data   any     `json:"data"`
	Meta   *meta   `json:"meta,omitempty"`
	Cursor *cursor `json:"cursor,omitempty"`

	file *fileAnswer // the answer instead of an envelope, if not nil
}

func data(v any) *envelope { return &envelope{Data: v} }

// success is the answer to a call that has nothing else to return.
func success(format string, args ...any) *envelope {
	return data(map[string]any{"success": true, "message": fmt.Sprintf(format, args...)})
}

// apiError is the answer to a call that is refused.
type apiError struct {
	status  int
	code    string
	message string
	details store.FieldErrors
}

// Error returns the code and the message.
func (e *apiError) Error() string { return e.code + ": " + e.message }

func refuse(status int, code, format string, args ...any) error {
	return &apiError{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

// refuseFields returns nil if no field is wrong.
func refuseFields(errs store.FieldErrors) error {
	if len(errs) == 0 {
		return nil
	}
	return &apiError{http.StatusBadRequest, "ERR_BAD_REQUEST", "Failed to validate the data sent with the request.", errs}
}

func (e *apiError) envelope() any {
	body := map[string]any{"code": e.code, "message": e.message, "devMessage": e.message, "source": "emulator"}
	if e.details != nil {
		body["details"] = e.details
	}
	return map[string]any{"error": body}
}
