package cometchat

import (
	"iter"

	"github.com/cometchat-go/cometchat/internal/lenient"
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
