#!/bin/sh
# Records for the past what the rules for SLOs record from now on, so that long windows and budgets are right from the
# first day. It adds blocks to the data of Prometheus and changes none that are there.
#
#   DATA=/prometheus sh backfill.sh            before the rules are loaded: up to three hours ago, since Prometheus still
#                                              writes what is newer
#   DATA=/prometheus sh backfill.sh FROM TO    three hours after they are loaded: the time in between, in seconds since
#                                              1970. The first run prints the line.
#
# DATA is the folder of Prometheus' data and PROMETHEUS its address, http://localhost:9090 unless given. Each pass reads
# what the one before has recorded, so it waits for Prometheus to look for new blocks, which it does every minute (PAUSE).
set -eu
: "${DATA:?set DATA to the folder of Prometheus data}" "${PROMETHEUS:=http://localhost:9090}" "${PAUSE:=75}"
DATA=$(cd "$DATA" && pwd)
now=$(date +%s)
from=$(( ${1:-$((now - PERIOD - 3600))} / 600 * 600 )) # whole steps of ten minutes, so that no block begins between two evaluations
to=${2:-$((now - 10800))}
for pass in PASSES; do
  echo "$pass"
  (cd "$(dirname "$0")/$pass" && promtool tsdb create-blocks-from --quiet --max-block-duration=24h rules \
    --url="$PROMETHEUS" --start="$from" --end="$to" --output-dir="$DATA" rules.yaml)
  sleep "$PAUSE"
done
if [ $# -eq 0 ]; then
  echo "Load the rules now. Three hours later run: DATA=$DATA PROMETHEUS=$PROMETHEUS sh $0 $to $(date +%s)"
fi
