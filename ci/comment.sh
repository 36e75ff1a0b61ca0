#!/bin/sh
# comment.sh JOB FILE: puts the Markdown of FILE as a comment on the pull request of this run, on GitHub or GitLab, and replaces the one
# that an earlier run of the job has left. COMMENT_TOKEN may write comments. Outside of a pull request it does nothing. It needs curl and jq.
set -eu
job=$1 file=$2
mark="<!-- treadmill:$job -->" # by which the comment is known again

ask() { curl --silent --show-error --fail --max-time 30 --header "$auth" "$@"; }
say() { jq --null-input --rawfile text "$file" --arg mark "$mark" '{body: ($mark + "\n" + $text)}' | ask --header 'Content-Type: application/json' --data-binary @- --output /dev/null "$@"; }
earlier() { ask "$1" | jq --arg mark "$mark" 'map(select(.body | startswith($mark)) | .id) | last // empty'; }

# comment URL METHOD: URL lists the comments, and takes a new one; METHOD changes one.
comment() {
	id=$(earlier "$1?per_page=100")
	if [ -n "$id" ]; then say --request "$2" "${3:-$1}/$id"; else say "$1"; fi
}

if [ -n "${GITHUB_REPOSITORY:-}" ]; then
	number=$(printf '%s' "${GITHUB_REF:-}" | sed -n 's|^refs/pull/\([0-9]*\)/.*|\1|p')
	[ -n "$number" ] || exit 0
	auth="Authorization: Bearer $COMMENT_TOKEN"
	issues=${GITHUB_API_URL:-https://api.github.com}/repos/$GITHUB_REPOSITORY/issues
	comment "$issues/$number/comments" PATCH "$issues/comments"
elif [ -n "${CI_MERGE_REQUEST_IID:-}" ]; then
	auth="PRIVATE-TOKEN: $COMMENT_TOKEN"
	comment "$CI_API_V4_URL/projects/$CI_PROJECT_ID/merge_requests/$CI_MERGE_REQUEST_IID/notes" PUT
fi
