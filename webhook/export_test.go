package webhook

// NewMemoryDeduper makes the default Deduper.
func NewMemoryDeduper() Deduper { return newMemoryDeduper() }

// MaxHandled is how many handled events the default Deduper remembers.
const MaxHandled = maxHandled
