# Thin verbs; what they do stands in scripts/. Each installs what it needs (nothing, when it is there).
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# 10 in `make soak`: how many times longer `check` looks.
SOAK ?= 1
export SOAK

# A build takes all cores: one after the other, whatever -j says.
.NOTPARALLEL:

.PHONY: setup setup-e2e build test run image imagex bench bench-lobby bench-core bench-quality format lint check \
  soak coverage demo ps logs clean help setup-test setup-lint setup-coverage fuzz

help:  ## this list
	@sed -nE 's/^([a-z0-9-]+):[^#]*## (.*)/  make \1\t\2/p' Makefile | expand -t 22

setup:  ## install what building and unit tests need
	@scripts/setup.sh build

setup-e2e: setup  ## install engines and servers for the end-to-end tests
	@scripts/setup.sh e2e

setup-lint: setup
	@scripts/setup.sh lint

setup-coverage: setup
	@scripts/setup.sh coverage

# Engines are installed for CI and for those who ask.
ifneq (,$(filter true,$(CI))$(filter 1,$(TEST_E2E)))
setup-test: setup-e2e
else
setup-test: setup
endif

build: setup  ## build the programs into build/bin
	@scripts/build.sh release src/all examples/all

run: build  ## build, then serve the match function and the lobby; reads .env if there is one
	@scripts/run.sh

test: setup-test  ## build and run every test; TEST_E2E=1 installs engines for those that need one
	@scripts/test.sh

image:  ## build the container images
	@scripts/image.sh

imagex:  ## build the match function's image for amd64 and arm64
	@scripts/image.sh --multi

bench: setup  ## measure against reference servers
	@scripts/build.sh bench src/all bench/all iam_stand_in
	@scripts/bench.sh
	@scripts/bench_lobby.sh

bench-lobby: setup  ## measure the lobby, from request to slot, beside bare Beast, the disk and docker run
	@scripts/build.sh bench src/all bench/all
	@scripts/bench_lobby.sh

bench-core: setup  ## measure the alliance engine's speed and memory beside sorting
	@scripts/build.sh bench bench_core bench_memory
	@scripts/bench_core.sh

bench-quality: setup  ## measure how good the alliance engine's matches are; draws docs/images/quality.svg
	@scripts/build.sh bench bench_quality
	@scripts/bench_quality.sh

format: setup-lint  ## format the C++ sources
	@scripts/format.sh

lint: setup-lint  ## clang-format, shellcheck, style test, clang-tidy on what changed (TIDY_ALL=1: all)
	@scripts/lint.sh

fuzz: setup-lint  ## run each fuzz target for 20 seconds
	@scripts/fuzz.sh $$((20 * SOAK))

check: lint fuzz demo test  ## all that CI does: lint, fuzz, demo, test

soak:  ## the same, ten times longer, and clang-tidy on all files
	@$(MAKE) check SOAK=10 TIDY_ALL=1

coverage: setup-coverage  ## which lines the tests execute
	@scripts/coverage.sh

demo: build  ## start a server, send it tickets, show the matches
	@./demo.sh

ps:  ## the running services of docker-compose.yaml
	@scripts/compose.sh ps

logs:  ## their logs
	@scripts/compose.sh logs --tail 100

clean:  ## remove what was built
	@rm -rf build
