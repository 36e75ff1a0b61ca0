#!/usr/bin/env bash
# sbom.sh BINARY DOCUMENT: the modules that a binary is built from, in CycloneDX.
set -euo pipefail
go tool -modfile="$(dirname "$0")/cyclonedx-gomod/go.mod" cyclonedx-gomod bin -json -noserial -notimestamp -output "$2" "$1"
