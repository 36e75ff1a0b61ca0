#!/usr/bin/env bash
# fuzz.sh TIME [PATTERN]: runs every fuzz target, or those whose name fits, for TIME each; one that fails does not stop the others.
set -euo pipefail
cd "$(git rev-parse --show-toplevel)"
go=${GO:-go}
time=${1:?want a time, such as 30s or 1h}
failed=()
n=0
while IFS=: read -r file _ line; do
	target=$(sed -E 's/^func (Fuzz[A-Za-z0-9_]+).*/\1/' <<<"$line")
	[[ $target =~ ${2:-.} ]] || continue
	package=./$(dirname "$file")
	n=$((n + 1))
	echo "== $package $target"
	$go test "$package" -run '^$' -fuzz "^$target\$" -fuzztime "$time" || failed+=("$package $target")
done < <(git grep -nE '^func Fuzz[A-Za-z0-9_]*\(f \*testing\.F\)' -- '*_test.go')
if ((${#failed[@]})); then
	printf 'fuzz: failed: %s\n' "${failed[@]}" >&2
	exit 1
fi
echo "fuzz: $n targets ran for $time each, and none failed"
