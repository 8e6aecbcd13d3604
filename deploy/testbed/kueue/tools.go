//go:build tools

// Package kueue names the command that the script of the testbed builds; nothing here is ever run.
package kueue

import _ "sigs.k8s.io/kueue/cmd/kueue"
