module github.com/cometchat-go/cometchat/examples/gateway

go 1.26.0

replace (
	github.com/cometchat-go/cometchat => ../../
	github.com/cometchat-go/cometchat/redisstore => ../../redisstore
)

require (
	github.com/cometchat-go/cometchat v0.0.0
	github.com/cometchat-go/cometchat/redisstore v0.0.0
	github.com/redis/go-redis/v9 v9.23.0
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/coder/websocket v1.8.15 // indirect
	github.com/go-resty/resty/v2 v2.17.2 // indirect
	go.uber.org/atomic v1.12.0 // indirect
	go.yaml.in/yaml/v3 v3.0.6 // indirect
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/sys v0.50.0 // indirect
	golang.org/x/time v0.16.0 // indirect
)
