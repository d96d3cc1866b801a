package cometchat

// Uninitialize closes the default client and leaves none, as before Init.
func Uninitialize() {
	if c := defaultClient.Swap(nil); c != nil {
		_ = c.Close()
	}
}
