#!/usr/bin/env bash
# home.sh MODULE: gives the module, and those of the tools and test servers below it, the path MODULE in place of the one they have.
set -euo pipefail
new=${1:?want the path of the module, such as example.com/ops/treadmill}
[[ $new =~ ^[a-z0-9.-]+\.[a-z]+(/[A-Za-z0-9._~-]+)+$ ]] || { echo "home: \"$new\" is not a path of a module: want a host and a name, such as example.com/ops/treadmill" >&2; exit 2; }
cd "$(dirname "$0")/../.."
old=$(sed -n 's/^module //p' go.mod)
[[ $old != "$new" ]] || exit 0
q() { sed 's|[.[\*^$/]|\\&|g' <<<"$1"; }
o=$(q "$old") n=$(q "$new")
find . -name go.mod -not -path './.cache/*' -exec sed -i -E "s|^module $o(/.*)?\$|module $n\1|" {} +
# Import lines only: a path in quotes that stands alone on its line, behind a name or the word import.
find . -name '*.go' -not -path './.cache/*' -exec sed -i -E "s|^((\s*import)?\s*([A-Za-z_.][A-Za-z0-9_]*\s+)?)\"$o(/[^\"]*)?\"\$|\1\"$n\4\"|" {} +
if [[ -f .golangci.yml ]]; then sed -i -E "s|(local-prefixes: ?\[?)$o|\1$n|" .golangci.yml; fi
gofmt -l . | xargs -r gofmt -w
echo "home: $old is $new"
