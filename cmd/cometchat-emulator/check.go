package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// check returns an error unless an emulator at the address, or URL, is ready. It is for health checks of containers, whose images
// have no other program to ask with.
func check(ctx context.Context, addr string) error {
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // it sends no secret, and believes only "ready"
	}}
	schemes := []string{"https", "http"} // https to an http port leaves no line in the log
	if scheme, host, ok := strings.Cut(addr, "://"); ok {
		schemes, addr = []string{scheme}, strings.TrimSuffix(host, "/")
	}
	var failure error
	for _, scheme := range schemes {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+addr+"/healthz", nil)
		if err != nil {
			return fmt.Errorf("-check: %w", err)
		}
		response, err := client.Do(request)
		if err == nil {
			_ = response.Body.Close() // nothing is read from it
			if response.StatusCode == http.StatusOK {
				return nil
			}
			err = fmt.Errorf("%s answers %s", request.URL, response.Status)
		}
		failure = err
	}
	return fmt.Errorf("-check: %w", failure)
}
