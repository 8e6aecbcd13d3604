//go:build tools

// Package kwok names the command that the script of the testbed builds; nothing here is ever run.
package kwok

import _ "sigs.k8s.io/kwok/cmd/kwok"
