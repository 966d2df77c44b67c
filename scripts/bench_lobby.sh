#!/usr/bin/env bash
# Measures the lobby beside its references, on free ports of the loopback, and prints tables. `make bench-lobby`
# builds first. Takes about five minutes, with a Docker Engine some more; BENCH_PAIRS, BENCH_RUNS (of the rows
# with requests), BENCH_SECONDS (of one such run) and BENCH_STARTS (pairs of containers) make it shorter or
# longer. BENCH_PARTS, for example "healthz,requests", measures these parts only.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/server.sh
. scripts/server.sh
# shellcheck source=scripts/engine.sh
. scripts/engine.sh

readonly bench_dir="${BENCH_DIR:-build/release/bench}"
readonly lobby_program="${BIN:-build/bin}/muster-lobby"
readonly gameserver_program="${BIN:-build/bin}/muster-gameserver"
readonly image="muster-bench:$$"
readonly admin_token="admin-token-of-the-benchmark"
# On the disk of the repository: /tmp may be memory, and every step is to be durable.
mkdir -p build
scratch="$(mktemp -d build/bench.XXXXXX)"
redis_pid=""
starts=0

clean_up() {
  server_stop_all
  redis_stop
  if [[ -n ${has_image:-} ]]; then docker rmi --force "$image" >/dev/null 2>&1 || true; fi
  engine_stop
  rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# wanted PART: whether BENCH_PARTS asks for it.
wanted() { [[ -z ${BENCH_PARTS:-} || ",$BENCH_PARTS," == *",$1,"* ]]; }

# start_lobby [NAME=VALUE...]: a fresh one, with no limit that a benchmark's few clients would meet.
start_lobby() {
  local work="$scratch/lobby-$((++starts))"
  mkdir "$work"
  server_start_with "$lobby_program" "$work/log" \
    LOBBY_AUTH=dev "ADMIN_TOKEN=$admin_token" HTTP_PORT=0 LOBBY_PROMETHEUS_PORT=0 "STORE_URL=sqlite:$work/lobby.db" \
    "SERVER_RUN_DIR=$work/servers" "DEPLOYMENT=bench$$" CLIENT_CALLS_PER_SECOND=0 SHUTDOWN_DELAY_MS=0 "$@"
  lobby="$(json_field http "$server_ready")"
}

# server_start_with PROGRAM LOG NAME=VALUE...: as server_start, with these variables for this server alone.
server_start_with() {
  local program="$1" log="$2" setting names=()
  shift 2
  for setting in "$@"; do
    names+=("${setting%%=*}")
    export "${setting?}"
  done
  server_start "$program" "$log"
  unset "${names[@]}"
}

resident_mib() { awk '/^VmRSS:/ { printf "%.1f", $2 / 1024 }' "/proc/$server_pid/status"; }

memory_row() { printf '%-46s %9.1f  goal < %6.1f MiB\n' "$1" "$(resident_mib)" 40; }

# healthz_rows TITLE [NAME=VALUE...]: beside bare Beast, which answers the same bytes.
healthz_rows() {
  local title="$1" connections
  shift
  start_lobby HTTP_THREADS=1 "$@"
  for connections in 8 64; do
    "$bench_dir/bench_http_load" --reference "$reference" --ours "$lobby" --reference-pid "$reference_pid" \
      --ours-pid "$server_pid" --connections "$connections" --pairs "${BENCH_PAIRS:-15}" \
      --title "$title, $connections" --goal 0.8
  done
  server_stop "$server_pid"
}

bench_healthz() {
  step "GET /healthz beside bare Beast: the same bytes, one thread each, connections that stay open"
  server_start "$bench_dir/bench_bare_http" "$scratch/reference.log"
  reference="$(json_field http "$server_ready")"
  reference_pid="$server_pid"
  "$bench_dir/bench_http_load" --heading
  healthz_rows "without logs" ENABLE_INTERCEPTOR_LOGGING=false
  healthz_rows "defaults"
  # It knows no orderly end.
  server_stop "$reference_pid" || true
}

# request_row TITLE [NAME=VALUE...]: with game servers that run and have room for all.
request_row() {
  local title="$1"
  shift
  start_lobby SERVER_MIN_READY=4 SERVER_MAX=4 MAX_CONCURRENT_JOBS=4 MAX_PENDING_REQUESTS=100000 \
    SERVER_ENVIRONMENT=MAX_PLAYERS=10000,MAX_CONNECTIONS=10000,RESERVATION_TTL_MS=600000 "$@"
  "$bench_dir/bench_request_load" --lobby "$lobby" --title "$title" --goal 10 --runs "${BENCH_RUNS:-3}" \
    --seconds "${BENCH_SECONDS:-10}"
  server_stop "$server_pid"
}

# redis_start: one that answers only what is on the disk; its port is left in redis_port.
redis_start() {
  local tries waited
  for ((tries = 0; tries < 5; ++tries)); do
    redis_port=$((20000 + RANDOM % 10000))
    redis-server --port "$redis_port" --bind 127.0.0.1 --dir "$scratch" --save '' --appendonly yes \
      --appendfsync always >/dev/null &
    redis_pid=$!
    for ((waited = 0; waited < 50; ++waited)); do
      if redis-cli -p "$redis_port" ping >/dev/null 2>&1; then return 0; fi
      kill -0 "$redis_pid" 2>/dev/null || break
      sleep 0.1
    done
    redis_stop
  done
  die "redis-server did not start"
}

redis_stop() {
  [[ -n $redis_pid ]] || return 0
  kill "$redis_pid" 2>/dev/null || true
  wait "$redis_pid" 2>/dev/null || true
  redis_pid=""
}

bench_requests() {
  step "from the first POST /request to the ready push, 1,000 a second; every step on the disk"
  # A socket for every player.
  ulimit -n "$(ulimit -H -n)"
  "$bench_dir/bench_request_load" --heading
  request_row "sqlite"
  if ! command -v redis-server >/dev/null; then
    step "left out: redis, since redis-server is missing (make setup-e2e)"
    return 0
  fi
  redis_start
  request_row "redis" "STORE_URL=redis://127.0.0.1:$redis_port/0"
  step "beside it, this Redis alone: one SET after the other, each on the disk"
  redis-benchmark -p "$redis_port" -c 1 -n 2000 -t set --csv
  redis_stop
}

bench_memory() {
  step "resident memory of $lobby_program"
  start_lobby
  # It has looked at its store and at what runs.
  sleep 2
  memory_row "resident, idle"
  ulimit -n "$(ulimit -H -n)"
  "$bench_dir/bench_request_load" --lobby "$lobby" --runs 1 --seconds 1 --rate 100 --warm-up-seconds 0.1 >/dev/null
  sleep 2
  memory_row "after 111 players and their game servers"
  server_stop "$server_pid"
}

# has_engine: one that answers, or one of our own.
has_engine() {
  if ! command -v docker >/dev/null; then return 1; fi
  if docker info >/dev/null 2>&1; then return 0; fi
  [[ $(id -u) == 0 ]] && command -v dockerd >/dev/null && engine_start build/engine
}

# container_row AT_ONCE PAIRS GOAL
container_row() {
  "$bench_dir/bench_container_start" --lobby "$lobby" --admin-token "$admin_token" --image "$image" \
    --at-once "$1" --pairs "$2" --title "$1 at once" --goal "$3"
}

bench_containers() {
  if ! has_engine; then
    step "left out: containers, since no Docker Engine answers"
    return 0
  fi
  step "from POST /request to the ready push with a new container, beside docker run until its port answers"
  has_image=true
  tar -C "$(dirname "$gameserver_program")" -c muster-gameserver |
    docker import --change 'ENTRYPOINT ["/muster-gameserver"]' - "$image" >/dev/null
  start_lobby CONTAINER_BACKEND=docker "IMAGE_TO_PULL=$image" SERVER_SLOTS=1 \
    MAX_CONCURRENT_JOBS=10 SERVER_MAX=10
  "$bench_dir/bench_container_start" --heading
  container_row 1 "${BENCH_STARTS:-15}" 0.9
  container_row 10 "${BENCH_STARTS:-15}" 1.0
  server_stop "$server_pid"
}

for program in "$lobby_program" "$gameserver_program" \
  "$bench_dir"/bench_{bare_http,http_load,request_load,container_start,store}; do
  [[ -x $program ]] || die "$program is missing: run make bench-lobby"
done
# Nothing listens where they would be sent.
export ENABLE_LOKI=false ENABLE_ZIPKIN=false
if wanted healthz; then bench_healthz; fi
if wanted store; then
  step "durable writes of a request, beside the same bytes in a bare file"
  "$bench_dir/bench_store" "$scratch"
fi
if wanted requests; then bench_requests; fi
if wanted memory; then bench_memory; fi
if wanted containers; then bench_containers; fi
step "done; load average $(cut -d ' ' -f 1-3 /proc/loadavg), late: how late this program asked, on a busy machine"
