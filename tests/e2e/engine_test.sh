#!/usr/bin/env bash
# The docker and swarm backends, by themselves and in the lobby, against real engines: the one that
# answers, else one of our own, then a Swarm of three. Everything it starts ends with it. Exits with 77
# when it cannot be run here. PROVISION_TEST and TEST_SERVER are the programs, BIN is the folder of the
# lobby and the game server.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=scripts/engine.sh
. scripts/engine.sh
# shellcheck source=scripts/swarm.sh
. scripts/swarm.sh

# A registry that refuses at once, should an engine look for the images there.
export TEST_IMAGE="127.0.0.1:9/muster-test-server:test"
export GAME_IMAGE="127.0.0.1:9/muster-gameserver:test"

skip() {
  if [[ ${CI:-} == true ]]; then die "$1"; fi
  echo "******** SKIPPED: engine_test: $1 ********"
  exit 77
}

clean_up() {
  docker rmi --force "$TEST_IMAGE" "$GAME_IMAGE" >/dev/null 2>&1 || true
  swarm_stop
  engine_stop
}

# import_image PROGRAM IMAGE COMMAND...: a static program is all that is in it.
import_image() {
  local program="$1" image="$2"
  shift 2
  tar -C "$(dirname "$program")" -c "$(basename "$program")" |
    "$@" --change "ENTRYPOINT [\"/$(basename "$program")\"]" --change "USER 10001:10001" - "$image" \
      >/dev/null
}

# import_images COMMAND...
import_images() {
  import_image "$TEST_SERVER" "$TEST_IMAGE" "$@"
  import_image "$BIN/muster-gameserver" "$GAME_IMAGE" "$@"
}

# lobby_test CLASS
lobby_test() { /usr/bin/python3 tests/e2e/lobby_engine_test.py "$BIN" "$1"; }

expect_no_container() {
  [[ -z $(docker ps --all --quiet --filter label=muster.owner=muster-lobby) ]] ||
    die "FAILED: containers are left"
}

[[ $(id -u) == 0 ]] || skip "engines need root"
for program in docker dockerd; do
  command -v "$program" >/dev/null || skip "$program is not installed (make setup-e2e)"
done
/usr/bin/python3 -c "import websocket" 2>/dev/null ||
  skip "python3-websocket is not installed (make setup-e2e)"
[[ -x ${PROVISION_TEST:-} && -x ${TEST_SERVER:-} ]] || die "PROVISION_TEST or TEST_SERVER is missing"
[[ -x ${BIN:=build/bin}/muster-lobby && -x $BIN/muster-gameserver ]] ||
  die "$BIN has no muster-lobby or no muster-gameserver"
trap clean_up EXIT

if ! docker info >/dev/null 2>&1; then
  step "start an engine"
  engine_start build/engine || skip "dockerd does not start on this machine"
fi
import_images docker import
step "the docker backend"
"$PROVISION_TEST" "$@"
expect_no_container
step "the lobby with it"
lobby_test DockerTest
expect_no_container
if [[ -n ${ENGINE_PID_FILE:-} ]]; then
  step "the lobby while the engine stops and starts"
  lobby_test RestartTest
  expect_no_container
else
  echo "******** SKIPPED: the engine that answers is not ours to stop ********"
fi
docker rmi "$TEST_IMAGE" "$GAME_IMAGE" >/dev/null
engine_stop

step "start a Swarm of three"
swarm_start build/swarm || skip "a Swarm does not start on this machine"
import_images swarm_each import
# Those of earlier runs stay on nodes that were lost.
swarm_each image prune --force </dev/null >/dev/null
step "the lobby with it"
lobby_test SwarmTest
# Last: it loses a node, too.
step "the swarm backend"
"$PROVISION_TEST" "$@"
[[ -z $(docker service ls --quiet) ]] || die "FAILED: services are left"
step "engine_test passed"
