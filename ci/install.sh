#!/bin/sh
# install.sh URL VERSION FOLDER: fetches the archive of a release for this machine, checks it against the checksums beside it, and unpacks
# the program into FOLDER. URL is where releases are, such as https://host/owner/treadmill/releases/download.
set -eu
url=$1 version=${2#v} folder=$3
os=$(uname -s | tr '[:upper:]' '[:lower:]')
case $(uname -m) in
x86_64 | amd64) arch=amd64 ;;
aarch64 | arm64) arch=arm64 ;;
*) echo "install.sh: there is no release for $(uname -m)" >&2; exit 3 ;;
esac
archive=treadmill_${version}_${os}_${arch}.tar.gz
dir=$(mktemp -d)
for file in "$archive" checksums.txt; do
	curl --silent --show-error --fail --location --max-time 300 --output "$dir/$file" "$url/v$version/$file"
done
(cd "$dir" && grep " $archive\$" checksums.txt | sha256sum -c - >/dev/null) || { echo "install.sh: $archive is not what checksums.txt says" >&2; exit 3; }
mkdir -p "$folder"
tar -xzf "$dir/$archive" -C "$folder" treadmill
rm -r "$dir"
"$folder/treadmill" version | head -n 1
