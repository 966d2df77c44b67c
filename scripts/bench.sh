#!/usr/bin/env bash
# Measures Muster beside its references, on free ports of the loopback, and prints one table. `make bench`
# builds first. Takes about ten minutes; BENCH_PAIRS, BENCH_SECONDS (of one unary run), BENCH_STREAMS (of one
# MakeMatches run) and BENCH_STARTS make it shorter or longer. BENCH_ROWS, for example "off,all blocked",
# measures the speed of these rows only.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/server.sh
. scripts/server.sh

readonly bench_dir="${BENCH_DIR:-build/release/bench}"
readonly server_program="${BIN:-build/bin}/muster-matchfunction"
readonly iam_program="${E2E_BIN:-build/release/e2e_bin}/iam_stand_in"
scratch="$(mktemp -d)"

# Every row sends the same headers, to the reference too: a caller's token and its sampled trace.
readonly trace_header="b3:80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1"

# What a row does not turn on is off; metrics are served in each, to tell what was dropped.
readonly features_off=(
  PLUGIN_GRPC_SERVER_AUTH_ENABLED=false ENABLE_INTERCEPTOR_METRICS=false ENABLE_INTERCEPTOR_LOGGING=false
  ENABLE_LOKI=false ENABLE_ZIPKIN=false LOG_LEVEL=info TRACE_SAMPLE_PERCENT=100
  PROMETHEUS_PREFIX=bench
)

clean_up() {
  server_stop_all
  rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# start NAME PROGRAM [OPTION...]: as server_start; the records after the first are read, as a container
# engine does, and thrown away.
start() {
  local log="$scratch/$1.log"
  ln -s /dev/null "$log"
  if [[ $# -gt 2 ]]; then
    printf '#!/bin/sh\nexec %s\n' "${*:2}" >"$scratch/$1"
    chmod +x "$scratch/$1"
    server_start "$scratch/$1" "$log"
  else
    server_start "$2" "$log"
  fi
  rm "$log"
}

# fresh_token: a token that the stand-in for IAM signs.
fresh_token() {
  local authority="${iam_url#http://}" connection line length=0 token
  exec {connection}<>"/dev/tcp/${authority%:*}/${authority##*:}"
  printf 'POST /test/token HTTP/1.1\r\nHost: iam\r\n\r\n' >&"$connection"
  while IFS= read -r -u "$connection" line && [[ $line != $'\r' ]]; do
    if [[ ${line,,} == content-length:* ]]; then length="${line//[^0-9]/}"; fi
  done
  IFS= read -r -N "$length" -u "$connection" token
  exec {connection}>&-
  printf '%s' "$token"
}

# until_ready: waits until the server has what it needs of IAM.
until_ready() {
  local waited
  for ((waited = 0; waited < 100; ++waited)); do
    if [[ $(server_metric bench_auth_ready) == 1 ]]; then return 0; fi
    sleep 0.1
  done
  die "the server did not load keys and revocations from its stand-in for IAM"
}

# dropped: which share of the records each exporter dropped; those that still wait are neither.
dropped() {
  local exporter reason sent text=""
  for exporter in stdout loki zipkin; do
    sent="$(server_metric "bench_exporter_records_sent_total{exporter=\"$exporter\"}")"
    for reason in queue_full refused gave_up; do
      server_metric "bench_exporter_records_dropped_total{exporter=\"$exporter\",reason=\"$reason\"}"
    done >"$scratch/lost"
    text+="$(awk -v exporter="$exporter" -v sent="${sent:-0}" '{ lost += $1 }
      END { if (sent + lost > 1000) printf " %s %.1f %%", exporter, 100 * lost / (sent + lost) }' "$scratch/lost")"
  done
  printf '%s' "${text:+  dropped:$text}"
}

# wanted ROW: whether BENCH_ROWS asks for it.
wanted() { [[ -z ${BENCH_ROWS:-} || ",$BENCH_ROWS," == *",$1,"* ]]; }

# row TITLE GOAL BENCHMARK RATE_SHARE [NAME=VALUE...]: one line of the table, with a server of its own.
row() {
  local title="$1" goal="$2" benchmark="$3" rate_share="$4" setting line
  shift 4
  wanted "$title" || return 0
  for setting in "${features_off[@]}" "$@"; do export "${setting?}"; done
  start ours "$server_program"
  if [[ $PLUGIN_GRPC_SERVER_AUTH_ENABLED == true ]]; then until_ready; fi
  line="$("$bench_dir/bench_compare" --reference "$reference" --ours "$server_address" \
    --reference-pid "$reference_pid" --ours-pid "$server_pid" \
    --pairs "${BENCH_PAIRS:-25}" --unary-seconds "${BENCH_SECONDS:-0.75}" --streams "${BENCH_STREAMS:-8}" \
    --benchmark "$benchmark" --rate-share "$rate_share" --title "$title" --goal "$goal" \
    --token "$(fresh_token)" --header "$trace_header")"
  # What the exporters still hold goes out.
  sleep 2
  printf '%s%s\n' "$line" "$(dropped)"
  server_stop "$server_pid"
}

# tick_row POPULATION: as row, for one stream of 10,000 tickets to the alliance engine.
tick_row() {
  local title="alliance $1" setting
  wanted "$title" || return 0
  for setting in "${features_off[@]}" MATCH_LOGIC=alliance; do export "${setting?}"; done
  start ours "$server_program"
  "$bench_dir/bench_ticks" --reference "$reference" --ours "$server_address" \
    --reference-pid "$reference_pid" --ours-pid "$server_pid" \
    --pairs "${BENCH_PAIRS:-25}" --population "$1" --title "$title"
  server_stop "$server_pid"
  unset MATCH_LOGIC
}

readonly bench_programs=("$bench_dir"/bench_{bare_server,compare,footprint,receiver,auth,ticks})
for program in "$server_program" "$iam_program" "${bench_programs[@]}"; do
  [[ -x $program ]] || die "$program is missing: run make bench"
done
if [[ -z ${BENCH_ROWS:-} ]]; then
  step "start-up and memory of $server_program"
  PLUGIN_GRPC_SERVER_AUTH_ENABLED=false ENABLE_LOKI=false ENABLE_ZIPKIN=false \
    "$bench_dir/bench_footprint" --server "$server_program" --starts "${BENCH_STARTS:-20}"
  step "what a token costs, beside the bare check of a signature"
  "$bench_dir/bench_auth"
fi

start reference "$bench_dir/bench_bare_server"
reference="$server_address"
reference_pid="$server_pid"
start iam "$iam_program"
iam_url="$(json_field url "$server_ready")"
start receiver "$bench_dir/bench_receiver"
receiver="$(json_field url "$server_ready")"
start blocked "$bench_dir/bench_receiver" --blocked
blocked="$(json_field url "$server_ready")"

readonly auth=(
  PLUGIN_GRPC_SERVER_AUTH_ENABLED=true "AB_BASE_URL=$iam_url" AB_CLIENT_ID=muster AB_CLIENT_SECRET=secret
  AB_NAMESPACE=accelbyte
)
readonly metrics=(ENABLE_INTERCEPTOR_METRICS=true)
readonly logs=(ENABLE_INTERCEPTOR_LOGGING=true)
loki_to() { printf 'ENABLE_LOKI=true\nLOKI_URL=%s/loki/api/v1/push\n' "$1"; }
zipkin_to() { printf 'ENABLE_ZIPKIN=true\nOTEL_EXPORTER_ZIPKIN_ENDPOINT=%s/api/v2/spans\n' "$1"; }
mapfile -t traces < <(zipkin_to "$receiver")
mapfile -t exports < <(loki_to "$receiver" && zipkin_to "$receiver")
mapfile -t blocked_exports < <(loki_to "$blocked" && zipkin_to "$blocked")
readonly all=("${auth[@]}" "${metrics[@]}" "${logs[@]}")

step "speed beside a bare gRPC server: same messages, headers, callback API, options and client"
"$bench_dir/bench_compare" --heading
row "off" 0.90 unary 0
row "auth" 0.95 unary 0 "${auth[@]}"
row "metrics" 0.95 unary 0 "${metrics[@]}"
row "logs" 0.90 unary 0 "${logs[@]}"
row "traces" 0.90 unary 0 "${traces[@]}"
row "all" 0.75 unary 0 "${all[@]}" "${exports[@]}"
row "all blocked" 0.75 unary 0 "${all[@]}" "${blocked_exports[@]}"
row "all half rate" 0.99 unary 0.5 "${all[@]}" "${exports[@]}"
row "off" 0.90 stream 0
row "all" 0.75 stream 0 "${all[@]}" "${exports[@]}"

step "a tick of the alliance engine beside a bare server that reads as much and then answers as much"
"$bench_dir/bench_ticks" --heading
tick_row "1v1"
tick_row "5v5 solos"
tick_row "5v5 parties 1-5 in regions"
step "done; us: the server's processor time a call or ticket; blocked: receivers that take connections and read nothing"
