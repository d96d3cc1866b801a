package cometchat

import (
	"iter"

	"github.com/cometchat-go/cometchat/internal/lenient"
	"github.com/cometchat-go/cometchat/internal/rest"
)

// maxUIDsBody is the API's limit for the body of a request about many users, in bytes: 10 KB. It documents no other limit.
const maxUIDsBody = 10_000

// uidBatches cuts uids into parts for which the body {field: [uid, …]} is within the limit.
func uidBatches(field string, uids []string) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		empty := len(`{"":[]}`) + len(field)
		start, size := 0, empty
		for i, uid := range uids {
			text, _ := lenient.Marshal(uid) // cannot fail for a string
			if size+len(text)+1 > maxUIDsBody {
				if !yield(uids[start:i]) {
					return
				}
				start, size = i, empty
			}
			size += len(text) + 1
		}
		yield(uids[start:])
	}
}

// itemResults are the server's results for the many items of a request: by uid, for example.
type itemResults map[string]itemResult

// itemResult is the server's answer for one of the many items of a request.
type itemResult struct {
	Success *bool  `json:"success"`
	Message string `json:"message"`
	Error   *struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

// err returns nil for a success, and otherwise an Error.
func (r itemResult) err(req *rest.Request) error {
	switch {
	case r.Error != nil:
		return refusedItem(req, r.Error.Code, r.Error.Message)
	case r.Success != nil && !*r.Success:
		return refusedItem(req, "", r.Message)
	}
	return nil
}

// outcomes returns the result for each uid of a request, spelled as the caller spelled it.
func (r itemResults) outcomes(req *rest.Request, uids []string) map[string]error {
	said := make(itemResults, len(r)) // the server lower-cases uids
	for uid, result := range r {
		said[foldUID(uid)] = result
	}
	outcomes := make(map[string]error, len(uids))
	for _, uid := range uids {
		outcomes[uid] = said.outcome(req, foldUID(uid), "user")
	}
	return outcomes
}

// outcome returns the result for one item. what is a word for the item.
func (r itemResults) outcome(req *rest.Request, key, what string) error {
	result, ok := r[key]
	if !ok {
		return refusedItem(req, "", "the server's answer has no result for this "+what)
	}
	return result.err(req)
}

// memberResults are the server's results for the members of a group, by list, such as "admins", and by uid.
type memberResults map[string]itemResults

// outcomes returns the result for each uid of m.
func (r memberResults) outcomes(req *rest.Request, m NewGroupMembers) map[string]error {
	all := itemResults{}
	for _, list := range r {
		for uid, result := range list {
			if result.Success != nil || result.Error != nil {
				all[uid] = result
			}
		}
	}
	return all.outcomes(req, m.uids())
}
