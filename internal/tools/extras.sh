#!/usr/bin/env bash
# extras.sh DIR: completions for shells and manual pages, as releases ship them.
set -euo pipefail
out=$1
rm -rf "$out"
mkdir -p "$out/completions" "$out/man"
go=${GO:-go}
export GOOS= GOARCH= # of this machine, whatever a release is built for
program=$out/treadmill
CGO_ENABLED=0 $go build -trimpath -ldflags="-s -w" -o "$program" ./cmd/treadmill
for shell in bash zsh fish powershell; do
	name=treadmill.$shell
	[[ $shell != powershell ]] || name=treadmill.ps1
	"$program" completion "$shell" >"$out/completions/$name"
done
$go run ./cmd/docgen -man "$out/man"
gzip -9 --no-name "$out"/man/*.1
$go build -C internal/tools/licences -o "$PWD/$out/licences" .
"$out/licences" -binary "$program" -texts "$out/LICENSES.txt"
rm "$program" "$out/licences"
