#!/bin/sh
# treadmill.sh JOB PATH...: one job of Treadmill in a pipeline, the same in all of them. JOB is
#
#   scan      deprecated and removed APIs in manifests, charts and kustomizations (TO: the version)
#   rules     what a change does to alert rules: findings of the rules that it touches, coverage, cost (BASE: what it goes to)
#   lint      alert rules and dashboards that a version of Kubernetes breaks (TO)
#   check     a fleet file: clusters that are out of support, or soon (WITHIN: how soon, such as 90d)
#   generate  alert rules from SLOs, which must be those that are committed in OUT
#   validate  SLOs
#   report    one comment that joins what a pull request changes (BASE; TO): of each PATH the kind is said, as in
#             scan=deploy slos=slos rules=rules fleet=fleet.yaml
#
# ARGS are more flags, as words. In a run for a pull request only new findings of a scan count, and of lint those on lines that changed
# (BASE: the commit to compare with).
# It leaves treadmill-JOB.md, .json, .sarif and .gitlab.json in REPORTS (default: treadmill-reports), annotates lines on GitHub, comments
# the pull request where COMMENT_TOKEN is given, and ends with the status of treadmill: 0 fine, 1 findings, 2 command line, 3 not done.
set -eu

treadmill=${TREADMILL:-treadmill}
case $treadmill in [!/]*/*) treadmill=$PWD/$treadmill ;; esac # it runs in other folders too
reports=${REPORTS:-treadmill-reports}
limit=65536 # characters of a comment, which GitHub refuses when it is longer
here=$(dirname "$0")

job=${1:?want a job: scan, rules, lint, check, generate, validate or report}
shift
[ $# -gt 0 ] || set -- .
mkdir -p "$reports"
report=$reports/treadmill-$job

# work FORMAT PATH...: the job in one format.
work() {
	format=$1
	shift
	# shellcheck disable=SC2086 # ARGS are words
	case $job in
	scan) "$treadmill" upgrade scan "$@" ${TO:+--to "$TO"} ${baseline:+--baseline "$baseline"} ${ARGS:-} -o "$format" ;;
	rules) "$treadmill" rules ci "$@" --base "${BASE:-HEAD~1}" ${TO:+--to "$TO"} ${ARGS:-} -o "$format" ;;
	lint) "$treadmill" rules lint "$@" ${TO:+--to "$TO"} ${since:+--changed-since "$since"} ${ARGS:-} -o "$format" ;;
	check) "$treadmill" upgrade check -f "$1" ${WITHIN:+--within "$WITHIN"} ${ARGS:-} -o "$format" ;;
	generate) "$treadmill" rules generate "$@" --out "${OUT:?generate wants OUT, the file or folder of the rules}" ${ARGS:-} -o "$format" ;;
	validate) "$treadmill" slo validate "$@" ${ARGS:-} -o "$format" ;;
	report) "$treadmill" report pr "$reports/base" "$reports/head" ${ARGS:-} -o "$format" ;;
	*)
		echo "treadmill.sh: there is no job \"$job\": want scan, rules, lint, check, generate, validate or report" >&2
		return 2
		;;
	esac
}

# What the base has already is accepted.
baseline=
if [ "$job" = scan ] && [ -n "${BASE:-}" ]; then
	old=$(mktemp -d)
	if git worktree add --quiet --detach "$old/tree" "$BASE"; then
		(cd "$old/tree" && work json "$@") >"$old/baseline.json" 2>/dev/null || [ $? -le 1 ] || rm "$old/baseline.json"
		git worktree remove --force "$old/tree"
	fi
	if [ -s "$old/baseline.json" ]; then baseline=$old/baseline.json; else echo "treadmill.sh: $BASE could not be scanned, so every finding counts" >&2; fi
fi

# one FILE ARG...: the JSON of a single job, and no file of one that was not done; findings are no failure here.
one() {
	file=$1
	shift
	code=0
	"$treadmill" "$@" -o json >"$file" 2>/dev/null || code=$?
	if [ "$code" -gt 1 ]; then
		rm "$file"
		failed=$code
		"$treadmill" "$@" >&2 || true # which says what was not read
	fi
}

# side FOLDER: what the single jobs say of the checkout.
side() {
	failed=0
	mkdir -p "$1"
	# shellcheck disable=SC2086 # these are words
	{
		[ -z "$scan" ] || one "$1/scan.json" upgrade scan $scan ${TO:+--to "$TO"}
		[ -z "$slos" ] || one "$1/slos.json" slo explain $slos
		[ -z "$fleet" ] || one "$1/plan.json" upgrade plan -f $fleet
	}
	return "$failed"
}

if [ "$job" = report ]; then
	scan='' slos='' rules='' fleet=''
	for word in "$@"; do
		case $word in
		scan=*) scan="$scan ${word#*=}" ;;
		slos=*) slos="$slos ${word#*=}" ;;
		rules=*) rules="$rules ${word#*=}" ;;
		fleet=*) fleet=${word#*=} ;;
		*)
			echo "treadmill.sh: report does not know what \"$word\" is: want scan=, slos=, rules= or fleet= before it" >&2
			exit 2
			;;
		esac
	done
	case $reports in /*) ;; *) reports=$PWD/$reports ;; esac
	rm -rf "$reports/base" "$reports/head"
	mkdir -p "$reports/base"
	old=$(mktemp -d)
	if git worktree add --quiet --detach "$old/tree" "${BASE:?report wants BASE, the commit to compare with}"; then
		(cd "$old/tree" && side "$reports/base") || echo "treadmill.sh: not all of $BASE could be read, so what is there counts as new" >&2
		git worktree remove --force "$old/tree"
	else
		echo "treadmill.sh: there is no $BASE: fetch it" >&2
		exit 2
	fi
	side "$reports/head" || exit "$failed"
	# shellcheck disable=SC2086 # these are words
	[ -z "$rules" ] || one "$reports/head/rules.json" rules ci $rules --base "$BASE" ${TO:+--to "$TO"}
	[ "$failed" -eq 0 ] || exit "$failed"
fi

since=
if [ "$job" = lint ] && [ -n "${BASE:-}" ]; then
	if git cat-file -e "$BASE^{commit}" 2>/dev/null; then since=$BASE; else echo "treadmill.sh: there is no $BASE, so every finding counts" >&2; fi
fi

status=0
work text "$@" || status=$?
[ "$status" -ne 2 ] || exit 2
for format in markdown json sarif gitlab; do
	case $format in markdown) to=$report.md ;; gitlab) to=$report.gitlab.json ;; *) to=$report.$format ;; esac
	work "$format" "$@" >"$to" 2>/dev/null || true
done
[ -z "${GITHUB_ACTIONS:-}" ] || work github "$@" 2>/dev/null || true

if [ "$job" = generate ] && [ "$status" -eq 0 ]; then
	if [ -n "$(git status --porcelain -- "$OUT")" ]; then
		git --no-pager diff -- "$OUT"
		echo "treadmill.sh: the rules in $OUT are not those of the SLOs: run treadmill rules generate, and commit what it writes" >&2
		printf '\nThe rules in `%s` are not those of the SLOs: run `treadmill rules generate`, and commit what it writes.\n' "$OUT" >>"$report.md"
		status=1
	fi
fi

# The Markdown, short enough for a comment: whole lines, code blocks closed, and where the rest is.
awk -v room=$((limit - 600)) -v link="${REPORT_URL:-}" '
	{ n += length($0) + 1 }
	n > room { cut = 1; exit }
	/^```/ { open = !open }
	{ print }
	END {
		if (cut && open) print "```"
		if (cut) print "\nThis is not all: the comment would be too long. " (link ? "[The whole report](" link ")." : "The artefacts of the run have the whole report.")
	}' "$report.md" >"$report.comment.md"
[ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$report.comment.md" >>"$GITHUB_STEP_SUMMARY"
if [ -n "${COMMENT_TOKEN:-}" ]; then
	sh "$here/comment.sh" "$job" "$report.comment.md" || echo "treadmill.sh: the pull request could not be commented" >&2
fi

case $status in
1) echo "treadmill.sh: $job found problems (status 1); \`treadmill explain ID\` says what each means" >&2 ;;
3) echo "treadmill.sh: $job could not be done (status 3): an input was not read" >&2 ;;
esac
exit "$status"
