// Package repo has tests of the repository's own files that are no Go: the jobs for pipelines in ci, the chart, the hooks, the changelog,
// and the recipes of CONTRIBUTING. What they say is run.
package repo
