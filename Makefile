# Everything that is done with Drumbeat, by name: `make` prints the names.
# Cargo alone decides what Rust to compile again; make decides about the rest: tools, the browser's half, npm packages.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
# make's job server is not cargo's: with two cores each cargo may use both.
unexport MAKEFLAGS
# Paths below are inside target/, wherever a person keeps the target folders of other projects.
unexport CARGO_TARGET_DIR

# The build machine must not change Cargo.lock; a person at work may.
LOCKED := $(if $(CI),--locked)
# One choice of packages and features for lints and tests, so that each dependency is compiled once for them.
NATIVE := -p domain -p app -p server --features app/ssr,server/test-clock
BROWSER := -p hydrate --target wasm32-unknown-unknown

# What panics names the place in the source, from the project's root and never from the machine's. Added to
# the flags of .cargo/config.toml, which RUSTFLAGS would replace.
CARGO_HOME ?= $(HOME)/.cargo
SYSROOT := $(shell rustc --print sysroot)
REMAP := --config 'build.rustflags = ["--remap-path-prefix=$(CARGO_HOME)/registry/src=crates", \
	"--remap-path-prefix=$(SYSROOT)/lib/rustlib/src/rust=rust", "--remap-path-prefix=$(CURDIR)=."]'

# `make test-browser WASM_PROFILE=wasm-dev` compiles the browser's half in seconds after a change; it is not what ships.
WASM_PROFILE ?= wasm-release
WASM := target/wasm32-unknown-unknown/$(WASM_PROFILE)/hydrate.wasm
SITE := target/site/drumbeat_bg.wasm
BINDGEN := target/tools/bin/wasm-bindgen
CHECKERS := target/tools/venv/.ready
PLAYWRIGHT := end2end/node_modules/.package-lock.json

# The command and the library write and read one format, which changes with every version.
BINDGEN_VERSION := $(shell grep -A1 '^name = "wasm-bindgen"$$' Cargo.lock | sed -n 's/^version = "\(.*\)"$$/\1/p')

# The demo's database stays out of the source tree. Set either to look at another log, or from another machine.
DRUMBEAT_DATABASE ?= sqlite://target/demo.db
DRUMBEAT_ADDR ?= 127.0.0.1:3000

##@ To use it

.PHONY: run
run: build ## Build, start the demo and print its address
	@DRUMBEAT_DATABASE='$(DRUMBEAT_DATABASE)' DRUMBEAT_ADDR='$(DRUMBEAT_ADDR)' exec target/release/drumbeat serve --demo

.PHONY: run-fresh
run-fresh: ## The same with the demo started over, its clocks timed around now
	@rm -f target/demo.db target/demo.db-*
	@$(MAKE) --no-print-directory run

.PHONY: build
build: site ## Build target/release/drumbeat, the one file that is the whole deployment
	cargo build $(LOCKED) --release -p server --bin drumbeat $(REMAP)
	@.ci/stage "build paths" .ci/paths target/release/drumbeat $(SITE)

##@ To change it

.PHONY: check
check: check-text site $(PLAYWRIGHT) ## Format, spelling, dependencies, types, sizes, lints, documentation
	@cd end2end && ../.ci/stage "types of the browser tests" npm run --silent check
	@.ci/stage "sizes" node .ci/sizes.mjs
	@.ci/stage "build paths" .ci/paths $(SITE)
	@.ci/stage "clippy, native" cargo clippy $(LOCKED) $(NATIVE) --all-targets -- -D warnings
	@.ci/stage "clippy, browser" cargo clippy $(LOCKED) $(BROWSER) -- -D warnings
	@RUSTDOCFLAGS='-D warnings' .ci/stage "rustdoc" cargo doc $(LOCKED) $(NATIVE) --no-deps

.PHONY: check-text
check-text: preflight-check $(CHECKERS) ## The part of check that compiles nothing and takes seconds
	@.ci/stage "format" cargo fmt --all --check
	@.ci/stage "spelling" target/tools/venv/bin/typos
	@.ci/stage "dependencies" .ci/audit

.PHONY: test
test: preflight-test test-native test-browser ## Every test: domain, app, server, then people's tasks in a real browser

.PHONY: test-native
test-native: site ## The tests that need no browser; FILTER=name runs those whose path contains it
	@.ci/stage "tests, native" cargo test $(LOCKED) $(NATIVE) $(FILTER)

.PHONY: test-browser
test-browser: preflight-test site $(PLAYWRIGHT) ## The browser tests against the real binary; ARGS="--headed" goes to Playwright
	@# `--tests` asks for the features that the native tests were built with, so nothing is compiled twice.
	@.ci/stage "server for the browser tests" cargo build $(LOCKED) $(NATIVE) --bin drumbeat --tests
	@cd end2end && CHROMIUM="$${CHROMIUM:-$$(command -v chromium)}" \
		../.ci/stage "tests, browser" npx --no-install playwright test --project=chromium $(ARGS)

.PHONY: test-others
test-others: preflight-others site $(PLAYWRIGHT) ## A few whole tasks in Firefox and WebKit; ARGS="--project=webkit" for one of them
	@.ci/stage "server for the browser tests" cargo build $(LOCKED) $(NATIVE) --bin drumbeat --tests
	@cd end2end && CHROMIUM="$${CHROMIUM:-$$(command -v chromium)}" \
		../.ci/stage "tests, other browsers" npx --no-install playwright test \
		$(if $(findstring --project,$(ARGS)),,--project=firefox --project=webkit) $(ARGS)

.PHONY: test-long
test-long: test-seeds test-two-builds test-others ## What takes too long for every change

.PHONY: test-seeds
test-seeds: site
	@SEEDS=1000 .ci/stage "simulation, 1 000 seeds" cargo test $(LOCKED) $(NATIVE) --test server simulation::

.PHONY: test-two-builds
test-two-builds: preflight-test site $(PLAYWRIGHT)
	@cargo build $(LOCKED) $(NATIVE) --bin drumbeat --tests
	@# The same sources with the next number of a build; its programs have a folder of their own.
	@export DRUMBEAT_NEXT_BUILD=1 DRUMBEAT_SITE="$(CURDIR)/target/next/site"; \
		cargo build $(LOCKED) $(BROWSER) --profile wasm-dev --target-dir target/next; \
		$(BINDGEN) --target web --no-typescript --out-dir target/next/site --out-name drumbeat \
			target/next/wasm32-unknown-unknown/wasm-dev/hydrate.wasm; \
		cargo build $(LOCKED) $(NATIVE) --bin drumbeat --tests --target-dir target/next
	@cd end2end && CHROMIUM="$${CHROMIUM:-$$(command -v chromium)}" DRUMBEAT_NEXT_BIN=../../target/next/debug/drumbeat \
		../.ci/stage "tests, two builds" npx --no-install playwright test --project=chromium two-builds

.PHONY: bench
bench: preflight-test site $(PLAYWRIGHT) ## Measure what DESIGN §6 budgets, each figure beside its baseline
	cargo bench $(LOCKED) -p domain --bench fold $(REMAP)
	@# A thousand live browsers have two thousand sockets.
	ulimit -S -n 4096 || :; CHROMIUM="$${CHROMIUM:-$$(command -v chromium)}" cargo bench $(LOCKED) -p server --bench load $(REMAP)
	@node .ci/sizes.mjs

.PHONY: sizes-record
sizes-record: site ## Make the present download sizes those that growth is counted from
	@node .ci/sizes.mjs --record

.PHONY: clean
clean: ## Remove everything that was built or installed here, the demo's database too
	rm -rf target end2end/node_modules end2end/test-results end2end/playwright-report

.PHONY: help
help: ## Print this
	@awk -F ':.*## ' '/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# ---------------------------------------------------------------------------------------------------------------------
# The browser's half: Rust to WebAssembly, then the JavaScript that loads it. The server's build script embeds the folder.

# The tool and the WebAssembly are made at the same time: the last minute of the latter uses one core only.
.PHONY: site
site: preflight-build
	@$(MAKE) --no-print-directory --jobs=2 $(SITE)

$(WASM): FORCE
	@cargo build $(LOCKED) $(BROWSER) --profile $(WASM_PROFILE) $(REMAP)

# Reached only when the WebAssembly or the tool is newer: an unchanged site makes cargo's next build a matter of seconds.
$(SITE): $(WASM) $(BINDGEN)
	@rm -rf $(@D)
	@$(BINDGEN) --target web --no-typescript --remove-name-section --remove-producers-section \
		--out-dir $(@D) --out-name drumbeat $(WASM)

# Not `--locked`: the tool's own lock file names a crate that the registry lacks. Neither optimised nor with its test
# runner and TLS, it compiles in a third of the time and takes a fraction of a second longer to do the same work.
$(BINDGEN): FORCE
	@[ -n "$(BINDGEN_VERSION)" ] || { echo "Cargo.lock names no wasm-bindgen" >&2; exit 1; }
	@[ "$$($@ --version 2>/dev/null || true)" = "wasm-bindgen $(BINDGEN_VERSION)" ] || { \
		echo "installing wasm-bindgen-cli $(BINDGEN_VERSION) into target/tools; this takes half a minute"; \
		CARGO_TARGET_DIR=target/tools/build CARGO_PROFILE_RELEASE_OPT_LEVEL=0 cargo install --quiet --force \
			wasm-bindgen-cli --version "=$(BINDGEN_VERSION)" --bin wasm-bindgen --no-default-features \
			--root target/tools; \
		rm -rf target/tools/build; \
	}

# ---------------------------------------------------------------------------------------------------------------------
# What must be there first. Everything that is installed here goes into target/ or end2end/node_modules, the browser apart.

.PHONY: preflight-build preflight-check preflight-test preflight-others
preflight-build:
	@.ci/preflight build
preflight-check:
	@.ci/preflight build lints python node
preflight-test:
	@.ci/preflight build node browser
preflight-others:
	@.ci/preflight build node browser other_browsers

$(CHECKERS): .ci/requirements.txt
	@rm -rf $(@D)
	@python3 -m venv $(@D)
	@$(@D)/bin/pip install --quiet --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes --requirement $<
	@touch $@

# Playwright's own browsers are not asked for: the tests use Debian's Chromium.
$(PLAYWRIGHT): end2end/package-lock.json
	@cd end2end && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund
	@touch $@

.PHONY: FORCE
FORCE:
