package cometchat

import "context"

// Do makes any call of CometChat's REST API with the API key, on behalf of the user of [Admin.OnBehalfOf] if there is one. Use
// it for calls that this package has no method for.
//
// method is GET, POST, PUT, PATCH or DELETE. path is relative to the API's base URL, begins with "/" and may have a query, as
// in "/users?perPage=2". Ids in it have to be percent-encoded, with [url.PathEscape] for example. in becomes the JSON body;
// nil means no body, and a GET must have none. Do reads the whole answer, with its "data" and "meta", into the value that out
// points to; a *json.RawMessage takes any answer. If out is nil, Do only checks that the answer is JSON. If the answer is
// empty, *out stays as it is.
//
// A GET, PUT or DELETE is retried as the SDK's own calls are, see [RetryPolicy]. A POST or PATCH is retried only after 429, or
// when no connection could be made: it must not take effect twice. Errors and logs show the method and the path, without the
// query, and with "[redacted]" in place of secrets.
//
// Do fails before any request with ErrBadRequest for a method, path, in or out that cannot be used, and with ErrInvalidUID for
// such a uid of OnBehalfOf. A path with an empty segment, a "." or ".." segment, a backslash, white space, a control character
// or a fragment cannot be used. Do fails with the server's error when the server refuses. An answer that does not fit out is
// an [Error] with the code "FAILED_TO_FETCH", in which [errors.As] finds the error of encoding/json; *out may then have a part
// of the answer.
func (a *Admin) Do(ctx context.Context, method, path string, in, out any) (err error) {
	const op = "Do"
	req, err := newAnyCall(op, method, path, in, out)
	if err != nil {
		return err
	}
	ctx, end, err := a.lifecycle().begin(ctx, op)
	if err != nil {
		return err
	}
	defer func() { err = end(err) }()
	if a.onBehalfOf != "" {
		if err := checkUID(op, a.onBehalfOf); err != nil {
			return err
		}
	}
	req.OnBehalfOf, req.Credential = a.onBehalfOf, a.key()
	return anyCall(ctx, a.rest, req, out)
}
