#!/usr/bin/env bash
# The docker and swarm backends against real engines: the one that answers, else one of our own, then a
# Swarm of three. Everything it starts ends with it. Exits with 77 when it cannot be run here.
# PROVISION_TEST and TEST_SERVER are the programs.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=scripts/engine.sh
. scripts/engine.sh
# shellcheck source=scripts/swarm.sh
. scripts/swarm.sh

# A registry that refuses at once, should an engine look for the image there.
export TEST_IMAGE="127.0.0.1:9/muster-test-server:$$"

skip() {
  if [[ ${CI:-} == true ]]; then die "$1"; fi
  echo "******** SKIPPED: engine_test: $1 ********"
  exit 77
}

clean_up() {
  docker rmi --force "$TEST_IMAGE" >/dev/null 2>&1 || true
  swarm_stop
  engine_stop
}

import_image() {
  tar -C "$(dirname "$TEST_SERVER")" -c "$(basename "$TEST_SERVER")" |
    "$@" --change "ENTRYPOINT [\"/$(basename "$TEST_SERVER")\"]" - "$TEST_IMAGE" >/dev/null
}

expect_no_container() {
  [[ -z $(docker ps --all --quiet --filter label=muster.owner=muster-lobby) ]] ||
    die "FAILED: containers are left"
}

[[ $(id -u) == 0 ]] || skip "engines need root"
command -v docker >/dev/null && command -v dockerd >/dev/null ||
  skip "docker is not installed (make setup-e2e)"
[[ -x ${PROVISION_TEST:-} && -x ${TEST_SERVER:-} ]] || die "PROVISION_TEST or TEST_SERVER is missing"
trap clean_up EXIT

if ! docker info >/dev/null 2>&1; then
  step "start an engine"
  engine_start build/engine || skip "dockerd does not start on this machine"
fi
import_image docker import
step "the docker backend"
"$PROVISION_TEST" "$@"
expect_no_container
docker rmi "$TEST_IMAGE" >/dev/null
engine_stop

step "start a Swarm of three"
swarm_start build/swarm || skip "a Swarm does not start on this machine"
import_image swarm_each import
step "the swarm backend"
"$PROVISION_TEST" "$@"
[[ -z $(docker service ls --quiet) ]] || die "FAILED: services are left"
step "engine_test passed"
