#!/usr/bin/env bash
# The container images and docker-compose.yaml, built and run by a real Docker Engine: the one that
# answers, else, for root, one of our own that ends with the test. Exits with 77 when there is none.
# Needs Debian's python3-websocket.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=scripts/engine.sh
. scripts/engine.sh

readonly musterctl="${MUSTERCTL:-build/bin/musterctl}"
readonly base=debian:bookworm-slim
# The file's; where there is no registry it is made from Debian's package.
readonly redis=redis:7.2-bookworm
readonly max_bytes=60000000
readonly max_game_bytes=15000000
readonly max_wait_s=30
# Names of this run, so that nothing of the user's is replaced.
export IMAGE="muster-container-test-$$"
export LOBBY_IMAGE="$IMAGE-lobby" GAMESERVER_IMAGE="$IMAGE-gameserver"
export COMPOSE_PROJECT_NAME="$IMAGE" DOCKER_NETWORK="$IMAGE-games" DEPLOYMENT="test-$$"
scratch="$(mktemp -d)"
: >"$scratch/no.env"
made_base=no
made_redis=no

skip() {
  if [[ ${CI:-} == true ]]; then die "$1"; fi
  echo "******** SKIPPED: container_test: $1 ********"
  exit 77
}

fail() {
  docker logs --tail 20 "$IMAGE" >&2 2>/dev/null || true
  compose logs --no-color --tail 20 >&2 2>/dev/null || true
  die "FAILED: $1"
}

compose() {
  if docker compose version >/dev/null 2>&1; then
    docker compose --env-file "$scratch/no.env" "$@"
  else
    docker-compose --env-file "$scratch/no.env" "$@"
  fi
}

game_containers() { docker ps --all --quiet --filter "label=muster.deployment=$DEPLOYMENT"; }

# What this run started and made goes; the layers it built stay as the builder's cache.
clean_up() {
  local image
  compose stop --timeout 1 lobby-worker >/dev/null 2>&1 || true
  game_containers | xargs --no-run-if-empty docker rm --force >/dev/null 2>&1 || true
  compose down --volumes --timeout 1 >/dev/null 2>&1 || true
  docker rm --force "$IMAGE" >/dev/null 2>&1 || true
  for image in "$IMAGE" "$LOBBY_IMAGE" "$GAMESERVER_IMAGE"; do
    docker rmi --no-prune "$image:latest" "$image:$(cat VERSION)" >/dev/null 2>&1 || true
  done
  # Our own engine keeps what it needs for the next run.
  if [[ -z ${engine_pid:-} ]]; then
    if [[ $made_redis == yes ]]; then docker rmi --no-prune "$redis" >/dev/null 2>&1 || true; fi
    if [[ $made_base == yes ]]; then docker rmi --no-prune "$base" >/dev/null 2>&1 || true; fi
  fi
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

# Where Debian's base is made by hand there is no registry for Redis either.
find_redis() {
  if docker image inspect "$redis" >/dev/null 2>&1 || docker pull --quiet "$redis" >/dev/null 2>&1; then
    return 0
  fi
  step "build $redis from Debian's package"
  DOCKER_BUILDKIT=0 docker build --tag "$redis" - >"$scratch/build.log" 2>&1 <<FILE || fail_build "$redis"
FROM $base
RUN apt-get update -q && apt-get install -q -y --no-install-recommends redis-server
FILE
  made_redis=yes
}

fail_build() {
  tail -n 40 "$scratch/build.log" >&2
  fail "the build of $1"
}

size_of() { docker image inspect -f '{{.Size}}' "$1"; }

# expect_without_root IMAGE
expect_without_root() {
  local user
  user="$(docker image inspect -f '{{.Config.User}}' "$1:latest")"
  [[ -n $user && $user != root* && $user != 0 && $user != 0:* ]] || fail "$1 runs as root"
}

# expect_small IMAGE BYTES_OF_ITS_BASE MAX_BYTES
expect_small() {
  local bytes
  bytes=$(($(size_of "$1:latest") - $2))
  step "$1 adds $((bytes / 1000000)) MB to its base"
  ((bytes < $3)) || fail "$1 adds $bytes bytes to its base, at most $3 are allowed"
}

expect_small_images_without_root() {
  local base_bytes
  base_bytes="$(size_of "$base")"
  expect_small "$IMAGE" "$base_bytes" "$max_bytes"
  expect_small "$LOBBY_IMAGE" "$base_bytes" "$max_bytes"
  expect_small "$GAMESERVER_IMAGE" 0 "$max_game_bytes"
  expect_without_root "$IMAGE"
  expect_without_root "$LOBBY_IMAGE"
  expect_without_root "$GAMESERVER_IMAGE"
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

# await_address LOBBY CLIENT: where the client's slot is.
await_address() {
  local waited status
  for ((waited = 0; waited < max_wait_s * 5; ++waited)); do
    status="$(curl --silent --output "$scratch/answer" --write-out '%{http_code}' --request POST \
      --header "Authorization: $2" "http://$1/request")" || fail "the lobby at $1 does not answer"
    case "$status" in
      200) cat "$scratch/answer" && return 0 ;;
      202) sleep 0.2 ;;
      *) fail "the lobby at $1 answers $status $(cat "$scratch/answer")" ;;
    esac
  done
  fail "no slot for $2 after $max_wait_s s"
}

# expect_joins ADDRESS CLIENT
expect_joins() {
  PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=tests/e2e /usr/bin/python3 -c 'if True:
    import sys
    from lobby_programs import join
    player = join(sys.argv[1], sys.argv[2])
    assert player.receive_until("welcome")["player"] == sys.argv[2]
    player.close()' "$1" "$2" || fail "$2 cannot join at $1"
}

# run_locked_down IMAGE PORT OPTION...
run_locked_down() {
  local image="$1" port="$2"
  shift 2
  docker run --detach --name "$IMAGE" --read-only --cap-drop ALL \
    --security-opt no-new-privileges --health-interval 1s \
    --publish "127.0.0.1::$port" "$@" "$image:latest" >/dev/null
  wait_healthy "$IMAGE"
  [[ $(docker exec "$IMAGE" id -u) != 0 ]] || fail "the process of $image runs as root"
  if docker exec "$IMAGE" touch /var/tmp/file 2>/dev/null; then
    fail "the root file system of $image can be written"
  fi
}

expect_it_runs_locked_down() {
  run_locked_down "$IMAGE" 6565 --env PLUGIN_GRPC_SERVER_AUTH_ENABLED=false \
    --publish 127.0.0.1::8080
  expect_serving "$(docker port "$IMAGE" 6565/tcp)" "$(docker port "$IMAGE" 8080/tcp)"
}

# By itself it starts game servers as processes; /tmp is all it needs to write.
expect_lobby_runs_locked_down() {
  run_locked_down "$LOBBY_IMAGE" 3000 --tmpfs /tmp --env STORE_URL=sqlite:/tmp/muster.db \
    --env LOBBY_AUTH=dev --env LOBBY_ALLOW_INSECURE=true --env BIND_ADDRESS=0.0.0.0
  await_address "$(docker port "$IMAGE" 3000/tcp)" alice >/dev/null
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

compose_up() {
  export BIND_ADDRESS=127.0.0.1 PROMETHEUS_ADDR=127.0.0.1 GRPC_PORT PROMETHEUS_PORT HTTP_PORT
  export LOBBY_PROMETHEUS_PORT WORKER_PROMETHEUS_PORT
  GRPC_PORT="$(free_port)"
  PROMETHEUS_PORT="$(free_port)"
  HTTP_PORT="$(free_port)"
  LOBBY_PROMETHEUS_PORT="$(free_port)"
  WORKER_PROMETHEUS_PORT="$(free_port)"
  # Of the engine that is used, whichever that is.
  export DOCKER_SOCKET="${DOCKER_HOST:-unix:///var/run/docker.sock}"
  export DOCKER_SOCKET="${DOCKER_SOCKET#unix://}"
  export IMAGE_TO_PULL="$GAMESERVER_IMAGE:latest"
  compose up --build --detach >"$scratch/compose.log" 2>&1 || {
    tail -n 20 "$scratch/compose.log" >&2
    fail "docker-compose up --build"
  }
}

expect_compose_serves() {
  local address
  compose_up
  wait_healthy "$(compose ps -q matchfunction)"
  expect_serving "127.0.0.1:$GRPC_PORT" "127.0.0.1:$PROMETHEUS_PORT"
  wait_healthy "$(compose ps -q lobby)"
  wait_healthy "$(compose ps -q lobby-worker)"
  address="$(await_address "127.0.0.1:$HTTP_PORT" alice)"
  expect_joins "$address" alice
  [[ $(game_containers | wc -l) == 1 ]] || fail "one player has $(game_containers | wc -l) containers"
}

# The game servers are the worker's, not compose's: another one, told to end them, takes them with it.
expect_compose_down_leaves_nothing() {
  SERVERS_ON_SHUTDOWN=stop compose up --detach lobby-worker >"$scratch/compose.log" 2>&1 ||
    fail "docker-compose up lobby-worker"
  wait_healthy "$(compose ps -q lobby-worker)"
  compose down --volumes >"$scratch/compose.log" 2>&1 || {
    tail -n 20 "$scratch/compose.log" >&2
    fail "docker-compose down"
  }
  [[ -z $(docker ps --all --quiet --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME") ]] ||
    fail "docker-compose down leaves containers"
  [[ -z $(game_containers) ]] || fail "docker-compose down leaves game servers"
  [[ -z $(docker network ls --quiet --filter "name=$IMAGE") ]] ||
    fail "docker-compose down leaves networks"
  [[ -z $(docker volume ls --quiet --filter "name=$IMAGE") ]] ||
    fail "docker-compose down leaves volumes"
}

find_engine
trap clean_up EXIT
[[ -x $musterctl ]] || die "$musterctl is missing: make build"
find_base
find_redis
scripts/image.sh >"$scratch/build.log" 2>&1 || fail_build "images"
expect_small_images_without_root
step "run the match function with a read-only root file system"
expect_it_runs_locked_down
expect_it_knows_the_authorities
expect_sigterm_ends_it
step "run the lobby likewise"
expect_lobby_runs_locked_down
expect_it_knows_the_authorities
expect_sigterm_ends_it
step "docker-compose up --build"
expect_compose_serves
step "docker-compose down"
expect_compose_down_leaves_nothing
step "container_test passed"
