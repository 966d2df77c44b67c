# shellcheck shell=bash
# A server program of ours in the background, for scripts. Source it after lib.sh. Free ports of 127.0.0.1,
# ready when it says so, stopped by its own pid. Unless the caller's environment says otherwise, it asks for no
# token and exports nothing.

server_pids=()
server_timeout_s=30

# json_field NAME LINE: the text or number of a field in a flat JSON object; empty when there is none.
json_field() { sed -nE "s/.*\"$1\":\"?([^\",}]*).*/\1/p" <<<"$2"; }

# server_start PROGRAM LOG: starts it, waits for its record `ready` and leaves it in `server_ready`, its
# address in `server_address`, its pid in `server_pid`. All records go to the file LOG.
server_start() {
  local program="$1" log="$2" line records
  mkfifo "$log.fifo"
  BIND_ADDRESS=127.0.0.1 GRPC_PORT=0 PROMETHEUS_ADDR=127.0.0.1 PROMETHEUS_PORT=0 LOG_FORMAT=json \
    PLUGIN_GRPC_SERVER_AUTH_ENABLED="${PLUGIN_GRPC_SERVER_AUTH_ENABLED:-false}" \
    ENABLE_LOKI="${ENABLE_LOKI:-false}" ENABLE_ZIPKIN="${ENABLE_ZIPKIN:-false}" \
    "$program" >"$log.fifo" &
  server_pid=$!
  server_pids+=("$server_pid")
  exec {records}<"$log.fifo"
  rm "$log.fifo"
  server_ready=""
  while [[ -z $server_ready ]] && IFS= read -r -t "$server_timeout_s" -u "$records" line; do
    printf '%s\n' "$line" >>"$log"
    if [[ $line == *'"msg":"ready"'* ]]; then server_ready="$line"; fi
  done
  [[ -n $server_ready ]] || die "$program did not become ready: $(cat "$log" 2>/dev/null)"
  # The server must never wait for a reader.
  cat <&"$records" >>"$log" &
  exec {records}<&-
  # shellcheck disable=SC2034  # for whoever sources this
  server_address="$(json_field grpc "$server_ready")"
}

# server_stop_all: asks every server to end and waits for it.
server_stop_all() {
  local pid
  for pid in "${server_pids[@]}"; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  server_pids=()
}

# server_stop PID: asks one server to end; the exit code is the server's.
server_stop() {
  kill -TERM "$1"
  wait "$1"
}

# server_metric NAME: the value of a series of the server that was started last, as it is written.
server_metric() {
  local address connection
  address="$(json_field metrics "$server_ready")"
  exec {connection}<>"/dev/tcp/${address%:*}/${address##*:}"
  printf 'GET /metrics HTTP/1.0\r\n\r\n' >&"$connection"
  awk -v name="$1" '$1 == name { sub("\r", "", $2); print $2 }' <&"$connection"
  exec {connection}>&-
}
