//go:build peers

// With `-tags=peers` the collector has the ECS observer, too: only `npm run bench -- --peers` needs it. It is that of
// ADOT v0.49, because Go's checksum database does not know the one of v0.158.
package main

import (
	"github.com/open-telemetry/opentelemetry-collector-contrib/extension/observer/ecsobserver"
)

func init() {
	peers = append(peers, ecsobserver.NewFactory())
}
