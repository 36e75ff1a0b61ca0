#!/usr/bin/env bash
# release-check.sh DIST: what a release must hold is there, and is what it says.
set -euo pipefail
cd "$1"
fail() { echo "release-check: $*" >&2; exit 1; }
count() { compgen -G "$1" | wc -l; }

[[ $(count 'treadmill_*_*.tar.gz') -ge 4 && $(count 'treadmill_*_windows_*.zip') -ge 2 ]] || fail "there are fewer than six archives"
[[ $(count '*.deb') -ge 2 && $(count '*.rpm') -ge 2 ]] || fail "there are fewer than two packages of each kind"
[[ $(count '*.cdx.json') -ge 6 ]] || fail "binaries lack a bill of materials"
sha256sum --quiet --check checksums.txt || fail "checksums do not agree"
for archive in treadmill_*_*.tar.gz; do
	names=$(tar -tzf "$archive")
	for want in treadmill LICENSE NOTICE LICENSES.txt README.md CHANGELOG.md completions/treadmill.bash completions/treadmill.zsh completions/treadmill.fish man/treadmill.1.gz; do
		grep -qx "$want" <<<"$names" || fail "$archive lacks $want"
	done
done
for package in *.deb; do
	names=$(ar p "$package" data.tar.gz | tar -tzf - | sed 's|^\./||')
	for want in usr/bin/treadmill usr/bin/kubectl-treadmill usr/share/bash-completion/completions/treadmill usr/share/man/man1/treadmill.1.gz; do
		grep -qx "$want" <<<"$names" || fail "$package lacks $want"
	done
done
grep -q '^kind: Plugin' krew/treadmill.yaml || fail "there is no manifest for krew"
grep -q 'cask "treadmill"' homebrew/Casks/treadmill.rb || fail "there is no manifest for Homebrew"
[[ -f image/index.json ]] || fail "there is no image"
for f in *.cdx.json; do grep -q '"bomFormat": "CycloneDX"' "$f" || fail "$f is not a bill of materials"; done

here=$(go env GOOS)_$(go env GOARCH)
said=$(./treadmill_"$here"*/treadmill version | head -n 1)
commit=$(git -C .. log -1 --format=%H | cut -c1-12)
[[ $said == *"$commit"* ]] || fail "the binary says \"$said\", and was built from $commit"

# Another folder, the same bytes.
again=$(mktemp -d)
git clone --quiet --no-hardlinks .. "$again/elsewhere"
git -C "$again/elsewhere" checkout --quiet "$(git -C .. rev-parse HEAD)"
(cd "$again/elsewhere" && CGO_ENABLED=0 go build -trimpath -buildvcs=true -ldflags='-s -w' -o "$again/treadmill" ./cmd/treadmill)
cmp "$again/treadmill" treadmill_"$here"*/treadmill || fail "a second build in another folder gives another binary"
rm -rf "$again"

printf '%-60s %10s\n' file bytes
for f in *.tar.gz *.zip *.deb *.rpm; do printf '%-60s %10d\n' "$f" "$(stat -c %s "$f")"; done
echo "release-check: all is there; $said"
