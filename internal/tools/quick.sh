#!/usr/bin/env bash
# quick.sh [BASE]: build and vet everything, then test what changed since BASE (default: main) and what depends on it, without the race
# detector and without the tests that take long. With LIST=1 it only lists the packages that it would test.
set -euo pipefail
cd "$(git rev-parse --show-toplevel)"
go=${GO:-go}
base=$(git merge-base HEAD "${1:-main}")
module=$($go list -m)

# owner FILE...: the packages that the files belong to, by folder; those at the top and in docs, ci and testdata are read by tests.
owners() {
	local file dir
	while read -r file; do
		case $file in
		go.mod) # what uses the libraries whose version moved
			git diff -U0 "$base" -- go.mod | sed -nE 's|^[+-]\s*(require )?([^ ]+) (v[^ ]+).*|\2 \3|p' | sort | uniq -u | cut -d' ' -f1 | sort -u
			;;
		go.sum) ;;
		testdata/*/*)
			dir=$(cut -d/ -f1-2 <<<"$file")
			grep -rlE --include='*_test.go' "$dir|testdata\", \"${dir#testdata/}\"" cmd internal rules slo upgrade | xargs -r dirname
			echo cmd/treadmill
			;;
		*)
			dir=$(dirname "$file")
			while [[ $dir != . ]] && ! compgen -G "$dir/*.go" >/dev/null; do dir=$(dirname "$dir"); done
			if [[ $dir == . && $file != *.go ]]; then
				printf '%s\n' cmd/treadmill cmd/docgen internal/arch
			else
				echo "$dir"
			fi
			;;
		esac
	done
}

changed=$({ git diff --name-only "$base"; git ls-files --others --exclude-standard; } | sort -u | owners | sort -u)
if [[ -z $changed ]]; then
	packages=()
else
	all=$($go list -test -f '{{with .ForTest}}{{.}}{{else}}{{.ImportPath}}{{end}} {{join .Deps " "}}' ./...)
	mapfile -t packages < <(sed -E 's/ \[[^]]*\]//g; s/\.test / /' <<<"$all" | awk -v module="$module" -v changed="$changed" '
		BEGIN {
			n = split(changed, names, "\n")
			for (i = 1; i <= n; i++)
				if (names[i] ~ /^[^\/]*\.[^\/]*\//) library[names[i] "/"] = 1
				else hit[names[i] == "." ? module : module "/" names[i]] = 1
		}
		index($1 "/", module "/") != 1 { next }
		{
			for (i = 1; i <= NF; i++) {
				if ($i in hit) { print $1; next }
				if ($i ~ /\./) for (l in library) if (index($i "/", l) == 1) { print $1; next }
			}
		}' | sort -u)
fi
if [[ -n ${LIST:-} ]]; then
	printf '%s\n' "${packages[@]}"
	exit
fi
$go build ./...
$go vet ./...
if ((${#packages[@]} == 0)); then
	echo "quick: nothing has changed since ${1:-main}"
	exit
fi
$go test -short -shuffle=on "${packages[@]}"
echo "quick: ${#packages[@]} packages tested in $SECONDS s; make check has the rest"
