# The commands of the README. `make help` lists them.
SHELL := /bin/bash
.ONESHELL:
.SHELLFLAGS := -euo pipefail -c

PREFIX ?= /usr/local
CONFIG ?= nightjar.example.yml
BREAK ?=
SEED ?= 1
FIRST ?= 0
COUNT ?= 10000
ONLY ?=

.PHONY: help demo test run check bench sanitize torture fuzz build release install clean

help:  ## Lists the commands.
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | column -t -s "$$(printf '\t')"

demo:  ## Installs what is missing, builds, and runs a throw-away stack with the daemon on it.
	@scripts/install demo
	swift build -c release --product nightjar
	.build/release/nightjar demo $(if $(BREAK),--break $(BREAK))

test:  ## Runs everything that CI runs.
	@scripts/install test
	swift build --build-tests --explicit-target-dependency-import-check error
	$(MAKE) --no-print-directory check
	swift test --skip-build --no-parallel

check:  ## Checks format, imports and the rule files.
	swift format lint --strict --recursive Package.swift Sources Tests Benchmarks
	if command -v promtool > /dev/null && compgen -G 'rules/*.rules.yml' > /dev/null; then
	  promtool check rules rules/*.rules.yml
	fi

bench:  ## Measures against the targets and against Prometheus; ONLY=NAME runs one.
	@scripts/install bench
	swift build -c release --product nightjar
	swift build -c release --product benchmarks
	.build/release/benchmarks $(ONLY)

# librdkafka starts its threads by thrd_create, which Thread Sanitizer does not see and crashes on.
sanitize:  ## Runs the tests under Address and Thread Sanitizer, each in a build of its own.
	@scripts/install test
	for kind in address thread; do
	  swift build --build-tests --sanitize=$$kind --scratch-path .build-$$kind
	  skip=$$([ $$kind = address ] || echo --skip 'Kafka|Catalogue|BadTarget|Demo|PrometheusTests|RealSources')
	  ASAN_OPTIONS=detect_leaks=0 swift test --skip-build --no-parallel --sanitize=$$kind \
	    --scratch-path .build-$$kind $$skip
	done

torture:  ## Pulls the plug at random on real servers; SEED=N COUNT=N say how.
	@scripts/install test
	swift build --build-tests
	TORTURE_SEED=$(SEED) TORTURE_COUNT=$(if $(filter 10000,$(COUNT)),100,$(COUNT)) \
	  swift test --skip-build --no-parallel --filter TortureTests

fuzz:  ## Compares random queries with Prometheus'; SEED=N FIRST=N COUNT=N repeats them.
	@scripts/install bench
	swift build -c release --product nightjar
	swift build -c release --product benchmarks
	.build/release/benchmarks fuzz --seed $(SEED) --first $(FIRST) --count $(COUNT)

build:  ## Builds for debugging.
	swift build

release:  ## Builds for use.
	swift build -c release --product nightjar

run: release  ## Runs the daemon with CONFIG=FILE.
	.build/release/nightjar run --config $(CONFIG)

install: release  ## Installs the program, the rules and the dashboards under PREFIX.
	install -D -m 755 .build/release/nightjar $(DESTDIR)$(PREFIX)/bin/nightjar
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/nightjar/rules rules/*.rules.yml
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/nightjar/dashboards dashboards/*.json

clean:  ## Removes what was built.
	rm -rf .build .build-*
