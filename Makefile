# Treadmill. `make help` lists the targets; all tools are pinned in internal/tools.

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

GO         ?= go
TOOL        = $(GO) tool -modfile=internal/tools/$(1)/go.mod $(1)
# The race detector needs a C compiler; without one the tests run without it. The scripts start the program some 500 times, which takes
# eight times as long with it, so they run without: other tests run every command with it, in one process.
RACE       := $(shell command -v "$$($(GO) env CC)" >/dev/null 2>&1 && echo -race)
PROMETHEUS := $(shell sed -n 's|^.*github.com/prometheus/prometheus \(v[^ ]*\).*|\1|p' internal/tools/promtool/go.mod)
SERVERS    ?= $(CURDIR)/.cache/servers
PROMTOOL   := $(SERVERS)/promtool-$(PROMETHEUS)
BENCH_BASE ?= main

.PHONY: help
help: ## list the targets
	@awk -F ':.* ## ' '/^[a-z0-9-]+:.* ## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## build bin/treadmill
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags="-s -w" -o bin/treadmill ./cmd/treadmill

# These packages play rules in Prometheus's engine for minutes, in which nothing is shared: all of it without the race detector, and with it
# what is left by -short and without the longest, PLAYED.
ENGINE := rules/backtest rules/compile
PLAYED := ^Test(Torture|FiresAsRawWindowsDo|OnePairAlone|CompositeIsSilent|NoMutantOfASumSurvives|IncidentThatComesAndGoes)$$
space  := $(subst ,, )

.PHONY: test
test: ## run the tests, in random order and with the race detector
	$(GO) test $(RACE) -shuffle=on -timeout 60m -skip '^TestScripts$$' $$($(GO) list ./... | grep -vE 'treadmill/($(subst $(space),|,$(ENGINE)))$$')
	$(GO) test $(RACE) -short -shuffle=on -timeout 60m -skip '$(PLAYED)' $(addprefix ./,$(ENGINE))
	$(GO) test -shuffle=on -timeout 60m $(addprefix ./,$(ENGINE))
	$(GO) test -shuffle=on -timeout 60m -run '^TestScripts$$' ./cmd/treadmill

.PHONY: quick
quick: ## build, vet and test what changed against main and what depends on it, under a minute
	@internal/tools/quick.sh main

.PHONY: lint
lint: ## run golangci-lint, and actionlint on the example for GitHub
	$(call TOOL,golangci-lint) run ./...
	$(call TOOL,actionlint) -no-color ci/github/example.yml

.PHONY: generate
generate: ## write what is derived: embedded tables, and what make docs writes
	$(GO) generate ./...
	@$(MAKE) --no-print-directory docs

.PHONY: refresh
refresh: ## read the add-ons' own documents in their newest releases; prints what changed
	cd upgrade/addons && $(GO) run ./gen -refresh

.PHONY: docs
docs: ## write docs/cli, docs/schema, docs/findings and the dates of tables from the program
	$(GO) run ./cmd/docgen -markdown docs/cli -schema docs/schema -findings docs/findings -tables cmd/internal/build/tables.tsv -plot docs/performance.md
	cp docs/clusterrole.yaml deploy/helm/treadmill/files/clusterroles.txt
	$(GO) run ./cmd/treadmill upgrade export --rules --format prometheus > deploy/helm/treadmill/files/rules.txt
	cd deploy/gitops && $(GO) run ../../cmd/treadmill rules generate slos --out rules/ > /dev/null

.PHONY: snapshot
snapshot: ## pack the tables into dist/treadmill-data.zip, signed by the keys in SNAPSHOT_KEYS; PUSH=REFERENCE pushes it to an OCI registry
	@mkdir -p dist
	$(GO) run ./cmd/snapshot -out dist/treadmill-data.zip $(if $(PUSH),-push $(PUSH))

.PHONY: snapshot-key
snapshot-key: ## make a key NAME to sign snapshots with, and print both halves
	@$(GO) run ./cmd/snapshot -newkey $(NAME)

.PHONY: licences
licences: build ## write NOTICE and the list of licences from the program
	$(GO) build -C internal/tools/licences -o $(CURDIR)/.cache/licences .
	.cache/licences -binary bin/treadmill -page docs/licences.md -notice NOTICE

TIME ?= 30s
.PHONY: fuzz
fuzz: ## run every fuzz target for TIME (default 30s), one after the other; what fails is kept in testdata/fuzz
	@internal/tools/fuzz.sh $(TIME)

# What lint, test and generate leave behind must be what was there: a change of any file, tracked or new, fails.
STATE = { git status --porcelain --untracked-files=all; git diff HEAD; } | git hash-object --stdin
.PHONY: check
check: ## what a change must pass: lint, test, generate, no drift
	@before=$$($(STATE)); $(MAKE) --no-print-directory lint test generate; \
	if [ "$$before" != "$$($(STATE))" ]; then \
		git status --short; git --no-pager diff HEAD --stat; \
		echo "make check: files changed while checking; commit what 'make generate' writes" >&2; exit 1; \
	fi; echo "make check: all is well"

# Real programs are built once per version into SERVERS, which git ignores; etcd comes from the system (etcd-server).
pin = $(shell sed -n 's|^.*$(2) \(v[0-9][^ ]*\).*|\1|p' testdata/servers/$(1)/go.mod | head -1)
KUBE        := $(call pin,kube-apiserver,k8s.io/kubernetes)
PROGRAMS     = $(PROMTOOL) $(SERVERS)/kube-apiserver-$(KUBE) \
	$(SERVERS)/prometheus-$(call pin,prometheus,github.com/prometheus/prometheus) \
	$(SERVERS)/alertmanager-$(call pin,alertmanager,github.com/prometheus/alertmanager) \
	$(SERVERS)/amtool-$(call pin,alertmanager,github.com/prometheus/alertmanager) \
	$(SERVERS)/helm-$(call pin,helm,helm.sh/helm/v3)

# axe-core is installed by npm as internal/tools/axe pins it; without npm that check of the pages is skipped.
AXE = .cache/axe/node_modules/axe-core/axe.min.js
$(AXE): internal/tools/axe/package.json internal/tools/axe/package-lock.json
	@mkdir -p .cache/axe
	cp internal/tools/axe/package.json internal/tools/axe/package-lock.json .cache/axe/
	npm ci --prefix .cache/axe --ignore-scripts --no-audit --no-fund
	@touch $@

.PHONY: axe
axe: $(if $(shell command -v npm),$(AXE)) ## install axe-core, which checks in e2e that pages are accessible

.PHONY: servers
servers: $(PROGRAMS) ## build the real programs that e2e drives

$(PROMTOOL): internal/tools/promtool/go.sum
	@mkdir -p $(@D)
	CGO_ENABLED=0 $(GO) build -modfile=internal/tools/promtool/go.mod -tags netgo,remove_all_sd -ldflags="-s -w" \
		-o $@ github.com/prometheus/prometheus/cmd/promtool
	@touch $@

# SERVER builds package 3 of the module testdata/servers/1 into program 2 of the version in its name; 4 are linker flags.
define SERVER
$$(SERVERS)/$(2)-v%:
	@mkdir -p $$(@D)
	cd testdata/servers/$(1) && CGO_ENABLED=0 $$(GO) build -trimpath -tags netgo,remove_all_sd -ldflags="-s -w $(4)" -o $$@ $(3)
endef
$(eval $(call SERVER,kube-apiserver,kube-apiserver,k8s.io/kubernetes/cmd/kube-apiserver,-X k8s.io/component-base/version.gitVersion=$(KUBE)))
$(eval $(call SERVER,prometheus,prometheus,github.com/prometheus/prometheus/cmd/prometheus))
$(eval $(call SERVER,helm,helm,helm.sh/helm/v3/cmd/helm))

# The module of Alertmanager lacks the built web pages that it embeds: a copy of it gets the source page in their place.
$(SERVERS)/alertmanager-v% $(SERVERS)/amtool-v%:
	@mkdir -p $(@D)
	source=$$(cd testdata/servers/alertmanager && $(GO) mod download github.com/prometheus/alertmanager && \
		$(GO) list -m -f '{{.Dir}}' github.com/prometheus/alertmanager) && \
	rm -rf $@.src && cp -r "$$source" $@.src && chmod -R u+w $@.src && mkdir -p $@.src/ui/app/dist && \
	cp $@.src/ui/app/index.html $@.src/ui/app/dist/ && cd $@.src && \
	CGO_ENABLED=0 $(GO) build -trimpath -tags netgo -ldflags="-s -w" -o $(SERVERS)/ ./cmd/alertmanager ./cmd/amtool
	rm -rf $@.src
	mv $(SERVERS)/alertmanager $(SERVERS)/alertmanager-v$*
	mv $(SERVERS)/amtool $(SERVERS)/amtool-v$*

.PHONY: e2e
e2e: servers axe ## test against real programs: kube-apiserver and etcd, Prometheus, Alertmanager, Helm
	SERVERS=$(SERVERS) PROMTOOL=$(PROMTOOL) $(GO) test -count=1 -timeout=40m -tags e2e -run '^TestE2E' -v ./cmd/treadmill

.PHONY: torture
torture: ## play faults at all phases, scrape and evaluation intervals to the rules and to raw windows, some minutes
	$(GO) test -count=1 -timeout=60m -run '^TestTorture$$' ./rules/compile -torture

.PHONY: bench
bench: ## run the benchmarks six times, into .cache/bench.txt
	@mkdir -p .cache
	$(GO) test -run '^$$' -bench . -benchmem -count=6 ./... | tee .cache/bench.txt

.PHONY: bench-diff
bench-diff: bench ## compare the benchmarks with those of BENCH_BASE (default: main)
	@rm -rf .cache/base && git worktree prune && git worktree add --detach .cache/base $(BENCH_BASE)
	cd .cache/base && $(GO) test -run '^$$' -bench . -benchmem -count=6 ./... > ../bench-base.txt
	git worktree remove --force .cache/base
	$(call TOOL,benchstat) .cache/bench-base.txt .cache/bench.txt

.PHONY: bench-beside
bench-beside: ## run this program and that of BENCH_BASE in turn on large inputs, and print the ratios of processor time
	@rm -rf .cache/base && git worktree prune && git worktree add --detach .cache/base $(BENCH_BASE)
	cd .cache/base && CGO_ENABLED=0 $(GO) build -trimpath -ldflags="-s -w" -o ../base-treadmill ./cmd/treadmill
	git worktree remove --force .cache/base
	PROMTOOL=$(wildcard $(PROMTOOL)) $(GO) test -run '^$$' -bench Beside -benchtime 5x -timeout 60m ./cmd/treadmill -base $(CURDIR)/.cache/base-treadmill

# Of a release everything depends on the commit alone: its time, and the last tag or 0.1.0.
export SOURCE_DATE_EPOCH := $(shell git log -1 --format=%ct 2>/dev/null || echo 0)
export SOURCE_DATE       := $(shell date -u -d @$(SOURCE_DATE_EPOCH) +%Y-%m-%dT%H:%M:%SZ)
export RELEASE_VERSION   ?= $(shell git describe --tags --abbrev=0 --match 'v*' 2>/dev/null | sed 's/^v//' | grep . || echo 0.1.0)-snapshot.$(shell git log -1 --format=%h --abbrev=8 2>/dev/null)
GORELEASER ?= $(call TOOL,goreleaser)
IMAGE       = GOFLAGS= $(GO) run -C internal/tools/image .

.PHONY: release-snapshot
release-snapshot: ## build all of a release into dist: archives, packages, image, checksums, SBOM, manifests; nothing is published
	@[ ! -f .git ] || { echo "release-snapshot: this is a worktree, in which Go stamps no version into binaries: make a clone of it and build there" >&2; exit 1; }
	$(GORELEASER) release --snapshot --clean --parallelism $$(nproc)
	@$(MAKE) --no-print-directory image
	internal/tools/release-check.sh dist

.PHONY: image
image: ## the container image of the binaries in dist, as an OCI layout in dist/image
	$(IMAGE) build -out $(CURDIR)/dist/image -version $(RELEASE_VERSION) -commit $$(git rev-parse HEAD) -created $(SOURCE_DATE) \
		$$(for a in amd64 arm64; do f=$$(ls $(CURDIR)/dist/treadmill_linux_$${a}*/treadmill 2>/dev/null) && echo linux/$$a=$$f; done)

.PHONY: home
home: ## give the module the path MODULE, such as example.com/ops/treadmill, everywhere
	internal/tools/home.sh $(MODULE)

.PHONY: man
man: ## write manual pages to dist/man
	$(GO) run ./cmd/docgen -man dist/man

.PHONY: clean
clean: ## remove what the targets above have built
	rm -rf bin dist .cache
