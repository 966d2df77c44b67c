#!/usr/bin/env bash
# The container image and docker-compose.yaml, built and run by a real Docker Engine: the one that
# answers, else, for root, one of our own that ends with the test. Exits with 77 when there is none.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=scripts/engine.sh
. scripts/engine.sh

readonly musterctl="${MUSTERCTL:-build/bin/musterctl}"
readonly base=debian:bookworm-slim
readonly max_bytes=60000000
readonly max_wait_s=30
# Names of this run, so that nothing of the user's is replaced.
export IMAGE="muster-container-test-$$"
export COMPOSE_PROJECT_NAME="$IMAGE"
scratch="$(mktemp -d)"
: >"$scratch/no.env"
made_base=no

skip() {
  if [[ ${CI:-} == true ]]; then die "$1"; fi
  echo "******** SKIPPED: container_test: $1 ********"
  exit 77
}

fail() {
  docker logs --tail 20 "$IMAGE" >&2 2>/dev/null || true
  die "FAILED: $1"
}

compose() {
  if docker compose version >/dev/null 2>&1; then
    docker compose --env-file "$scratch/no.env" "$@"
  else
    docker-compose --env-file "$scratch/no.env" "$@"
  fi
}

# What this run started and made goes; the layers it built stay as the builder's cache.
clean_up() {
  compose down --timeout 1 >/dev/null 2>&1 || true
  docker rm --force "$IMAGE" >/dev/null 2>&1 || true
  docker rmi --no-prune "$IMAGE:latest" "$IMAGE:$(cat VERSION)" >/dev/null 2>&1 || true
  # Our own engine keeps its base image for the next run.
  if [[ $made_base == yes && -z ${engine_pid:-} ]]; then docker rmi --no-prune "$base" >/dev/null 2>&1 || true; fi
  engine_stop
  rm -rf "$scratch"
}

find_engine() {
  command -v docker >/dev/null || skip "docker is not installed (make setup-e2e)"
  if docker info >/dev/null 2>&1; then return 0; fi
  [[ $(id -u) == 0 ]] || skip "no Docker Engine answers, and starting one needs root"
  command -v dockerd >/dev/null || skip "dockerd is not installed (make setup-e2e)"
  step "start an engine"
  engine_start build/engine || skip "dockerd does not start on this machine"
}

find_base() {
  if docker image inspect "$base" >/dev/null 2>&1; then return 0; fi
  # Who cannot make it pulls it: the builder does so by itself.
  if [[ $(id -u) != 0 ]] || ! command -v debootstrap >/dev/null; then return 0; fi
  scripts/base-image.sh
  made_base=yes
}

size_of() { docker image inspect -f '{{.Size}}' "$1"; }

expect_small_image_without_root() {
  local bytes user
  bytes=$(($(size_of "$IMAGE:latest") - $(size_of "$base")))
  step "the image adds $((bytes / 1000000)) MB to its base"
  ((bytes < max_bytes)) || fail "the image adds $bytes bytes to its base, at most $max_bytes are allowed"
  user="$(docker image inspect -f '{{.Config.User}}' "$IMAGE:latest")"
  [[ -n $user && $user != root* && $user != 0 && $user != 0:* ]] || fail "the image runs as root"
}

# wait_healthy CONTAINER
wait_healthy() {
  local state waited
  for ((waited = 0; waited < max_wait_s * 10; ++waited)); do
    state="$(docker inspect -f '{{.State.Health.Status}}' "$1")" || fail "$1 is gone"
    if [[ $state == healthy ]]; then return 0; fi
    sleep 0.1
  done
  fail "$1 is $state after $max_wait_s s"
}

# expect_serving GRPC_ADDRESS METRICS_ADDRESS: four tickets come back as two matches.
expect_serving() {
  local i output
  for i in 1 2 3 4; do
    echo "{\"ticketId\": \"t$i\", \"matchPool\": \"p\", \"players\": [{\"playerId\": \"u$i\"}]}"
  done >"$scratch/tickets.jsonl"
  output="$("$musterctl" validate --target "$1" --tickets "$scratch/tickets.jsonl")" ||
    fail "validate: $output"
  output="$("$musterctl" make-matches --json --target "$1" --tickets "$scratch/tickets.jsonl")" ||
    fail "make-matches: $output"
  [[ $output == *'"tickets":4,"matches":2,"matched":4,"leftOver":0'* ]] || fail "make-matches: $output"
  curl --silent --show-error --fail "http://$2/metrics" >"$scratch/metrics" || fail "no metrics at $2"
  [[ -s $scratch/metrics ]] || fail "the metrics are empty"
}

expect_it_runs_locked_down() {
  docker run --detach --name "$IMAGE" --read-only --cap-drop ALL \
    --security-opt no-new-privileges --health-interval 1s \
    --env PLUGIN_GRPC_SERVER_AUTH_ENABLED=false \
    --publish 127.0.0.1::6565 --publish 127.0.0.1::8080 "$IMAGE:latest" >/dev/null
  wait_healthy "$IMAGE"
  [[ $(docker exec "$IMAGE" id -u) != 0 ]] || fail "the process runs as root"
  if docker exec "$IMAGE" touch /tmp/file 2>/dev/null; then fail "the root file system can be written"; fi
  expect_serving "$(docker port "$IMAGE" 6565/tcp)" "$(docker port "$IMAGE" 8080/tcp)"
}

# Without it every call to an AccelByte of the real world would fail.
expect_it_knows_the_authorities() {
  docker exec "$IMAGE" test -s /etc/ssl/certs/ca-certificates.crt ||
    fail "the image has no certificates of authorities"
}

expect_sigterm_ends_it() {
  local start=$SECONDS code
  docker kill --signal TERM "$IMAGE" >/dev/null
  code="$(timeout "$max_wait_s" docker wait "$IMAGE")" || fail "it still runs $max_wait_s s after SIGTERM"
  [[ $code == 0 ]] || fail "after SIGTERM it exits with $code"
  ((SECONDS - start < 12)) || fail "SIGTERM took $((SECONDS - start)) s"
  docker rm "$IMAGE" >/dev/null
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

expect_compose_serves() {
  export BIND_ADDRESS=127.0.0.1 PROMETHEUS_ADDR=127.0.0.1 GRPC_PORT PROMETHEUS_PORT
  GRPC_PORT="$(free_port)"
  PROMETHEUS_PORT="$(free_port)"
  compose up --build --detach >"$scratch/compose.log" 2>&1 || {
    tail -n 20 "$scratch/compose.log" >&2
    fail "docker-compose up --build"
  }
  wait_healthy "$(compose ps -q matchfunction)"
  expect_serving "127.0.0.1:$GRPC_PORT" "127.0.0.1:$PROMETHEUS_PORT"
  compose down >/dev/null 2>&1 || fail "docker-compose down"
  [[ -z $(docker ps --all --quiet --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME") ]] ||
    fail "docker-compose down leaves containers"
}

find_engine
trap clean_up EXIT
[[ -x $musterctl ]] || die "$musterctl is missing: make build"
find_base
scripts/image.sh >"$scratch/build.log" 2>&1 || {
  tail -n 40 "$scratch/build.log" >&2
  fail "make image"
}
expect_small_image_without_root
step "run it with a read-only root file system"
expect_it_runs_locked_down
expect_it_knows_the_authorities
expect_sigterm_ends_it
step "docker-compose up --build"
expect_compose_serves
step "container_test passed"
