module github.com/cometchat-go/cometchat/benchmarks

go 1.26.0

require (
	github.com/coder/websocket v1.8.15
	github.com/cometchat-go/cometchat v0.0.0
	github.com/go-resty/resty/v2 v2.17.2
)

require (
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/time v0.16.0 // indirect
)

replace github.com/cometchat-go/cometchat => ../
