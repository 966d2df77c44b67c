#!/usr/bin/env bash
# Debian's Prometheus with the rules of deploy/ scrapes the built server: every query of the dashboard and
# of the alerts is answered, and what they show is what happened.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=scripts/server.sh
. scripts/server.sh

readonly bin="${BIN:-build/bin}"
readonly prefix=appServer
readonly rules=deploy/prometheus
readonly dashboard=deploy/grafana/dashboards/matchfunction.json
readonly max_wait_s=60
scratch="$(mktemp -d)"
prometheus_pid=""

skip() {
  if [[ ${CI:-} == true ]]; then die "$1"; fi
  echo "******** SKIPPED: prometheus_test: $1 ********"
  exit 77
}

clean_up() {
  if [[ -n $prometheus_pid ]]; then
    kill "$prometheus_pid" 2>/dev/null || true
    wait "$prometheus_pid" 2>/dev/null || true
  fi
  server_stop_all
  rm -rf "$scratch"
}

fail() {
  tail -n 5 "$scratch/prometheus.log" >&2 2>/dev/null || true
  die "FAILED: $1"
}

# api PATH [CURL OPTION...]: what Prometheus answers.
api() {
  local path="$1"
  shift
  curl --silent --show-error --max-time 20 "$@" "http://$prometheus_address/api/v1/$path"
}

# value EXPR: the first number that a query gives; empty when it gives none.
value() { api query --data-urlencode "query=$1" | jq -r '.data.result[0].value[1] // empty'; }

# await WHAT EXPR NUMBER: polls until the query gives the number.
await() {
  local got="" deadline=$((SECONDS + max_wait_s))
  while ((SECONDS < deadline)); do
    kill -0 "$prometheus_pid" 2>/dev/null || fail "Prometheus is gone"
    got="$(value "$2" 2>/dev/null)" || got=""
    if [[ $got == "$3" ]]; then
      step "ok: $1"
      return 0
    fi
    sleep 0.2
  done
  fail "$1: $2 is '$got' instead of '$3' after $max_wait_s s"
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# The deployed configuration; only target and intervals are others.
start_prometheus() {
  local metrics="$1"
  cp "$rules/alerts.yml" "$scratch/"
  sed -e "s/matchfunction:8080/$metrics/" -e 's/_interval: 15s/_interval: 1s/' \
    "$rules/prometheus.yml" >"$scratch/prometheus.yml"
  grep -qF "$metrics" "$scratch/prometheus.yml" || fail "prometheus.yml has no target matchfunction:8080"
  prometheus_address="127.0.0.1:$(free_port)"
  prometheus --config.file="$scratch/prometheus.yml" --storage.tsdb.path="$scratch/data" \
    --storage.tsdb.retention.time=7d --storage.tsdb.retention.size=1GB \
    --web.listen-address="$prometheus_address" >"$scratch/prometheus.log" 2>&1 &
  prometheus_pid=$!
}

# Seven good tickets and one without players are validated and ticked three times; one call fails. Leaves
# in `matches` what musterctl counted.
drive_calls() {
  local i created output code=0
  echo '{"shipCountMin":5,"shipCountMax":2}' >"$scratch/bad.json"
  created="$(date -u +%FT%TZ)"
  for i in {1..7}; do
    printf '{"ticketId":"t%d","matchPool":"p","CreatedAt":"%s","players":[{"playerId":"u%d"}]}\n' \
      "$i" "$created" "$i"
  done >"$scratch/tickets.jsonl"
  echo '{"ticketId":"t8","matchPool":"p"}' >>"$scratch/tickets.jsonl"
  "$bin/musterctl" validate --target "$server_address" --tickets "$scratch/tickets.jsonl" >/dev/null
  matches=0
  for i in 1 2 3; do
    output="$("$bin/musterctl" make-matches --json --target "$server_address" \
      --tickets "$scratch/tickets.jsonl")"
    matches=$((matches + $(jq -s '.[] | .summary // empty | .matches' <<<"$output")))
  done
  "$bin/musterctl" stat-codes --target "$server_address" --rules "$scratch/bad.json" \
    >/dev/null 2>&1 || code=$?
  [[ $code == 1 ]] || fail "a call with bad rules ends with $code"
}

# What is wrong with the metrics page, beside the camel case of a prefix that others chose.
lint_metrics() {
  local code=0
  curl --silent --show-error --fail "http://$1/metrics" >"$scratch/page"
  promtool check metrics <"$scratch/page" >"$scratch/lint" 2>&1 || code=$?
  # 3: it is well-formed, but could be nicer.
  [[ $code == 0 || $code == 3 ]] || fail "promtool check metrics: $(cat "$scratch/lint")"
  if grep -vE "^(${prefix}_.* not 'camelCase'|exposer_)" "$scratch/lint" | grep .; then
    fail "promtool check metrics has more to say than about the prefix"
  fi
  step "ok: promtool reads the metrics page"
}

# answered WHAT EXPR: the query succeeds; prints how many series it gives.
answered() {
  local answer
  answer="$(api query --data-urlencode "query=$2")"
  [[ $(jq -r .status <<<"$answer") == success ]] || fail "$1: $2: $answer"
  jq '.data.result | length' <<<"$answer"
}

check_dashboard() {
  local title expr series count=0
  while IFS=$'\t' read -r title expr; do
    series="$(answered "panel $title" "$expr")"
    # With auth off there are no verdicts.
    [[ $series != 0 || $title == Verdicts ]] || fail "panel $title shows nothing: $expr"
    count=$((count + 1))
  done < <(jq -r '.panels[] | select(.datasource.type == "prometheus") | .title as $title
    | .targets[] | [$title, .expr] | @tsv' "$dashboard" |
    sed -e "s/\${prefix}/$prefix/g" -e "s/\\\$__rate_interval/5m/g")
  ((count > 40)) || fail "only $count queries in $dashboard"
  step "ok: $count queries of the dashboard"
}

# The rules as Prometheus itself runs them.
check_alerts() {
  local name expr count=0 texts
  while IFS=$'\t' read -r name expr; do
    answered "alert $name" "$expr" >/dev/null
    count=$((count + 1))
  done < <(api rules | jq -r '.data.groups[].rules[] | [.name, .query] | @tsv')
  ((count > 10)) || fail "only $count alerts are loaded"
  [[ $(api rules | jq '[.data.groups[].rules[] | select(.health != "ok")] | length') == 0 ]] ||
    fail "a rule does not run: $(api rules)"
  texts="$(api alerts | jq -r '.data.alerts[] | .annotations[]')"
  [[ $texts != *"<error"* ]] || fail "a text of an alert cannot be expanded: $texts"
  step "ok: $count alerts run"
}

queries() { cat "$rules/alerts.yml" <(jq -r '.. | .expr? // empty' "$dashboard" | sed "s/\${prefix}/$prefix/g"); }

# Every series that a query names is one that the server has.
check_series() {
  local name count=0
  while read -r name; do
    grep -qE "^${name}[{ ]" "$scratch/page" || fail "the server has no series $name"
    count=$((count + 1))
  done < <(queries | grep -v '^ *#' | grep -oE "\b(grpc_server|$prefix)_[a-z_]+" | sort -u)
  ((count > 30)) || fail "only $count series are asked for"
  step "ok: the server has the $count series that queries name"
}

# Every value that a query compares a label with is one that the server has.
check_label_values() {
  local label word known pair
  for label in grpc_code grpc_type verdict; do
    known=" $(api "label/$label/values" | jq -r '.data | join(" ")') "
    while read -r pair; do
      for word in ${pair//|/ }; do
        [[ $known == *" $word "* ]] || fail "no $label is called $word; there are:$known"
      done
    done < <(queries | sed -nE "s/$label(=|!=|=~|!~)\"/\n@/gp" | sed -nE 's/^@([^"]*)".*/\1/p')
  done
  step "ok: codes, types and verdicts are those of the server"
}

for program in prometheus promtool jq curl python3; do
  command -v "$program" >/dev/null || skip "$program is not installed (make setup-e2e)"
done
trap clean_up EXIT

promtool check config "$rules/prometheus.yml" >"$scratch/promtool" 2>&1 || fail "$(cat "$scratch/promtool")"
promtool check rules "$rules/alerts.yml" >"$scratch/promtool" 2>&1 || fail "$(cat "$scratch/promtool")"
promtool test rules "$rules/alerts_test.yml" >"$scratch/promtool" 2>&1 || fail "$(cat "$scratch/promtool")"
step "ok: configuration, rules and tests of the rules"

export PLUGIN_GRPC_SERVER_AUTH_ENABLED=false ENABLE_LOKI=false ENABLE_ZIPKIN=false APP_NAME=app-server
unset PROMETHEUS_PREFIX PROMETHEUS_ENDPOINT
server_start "$bin/muster-matchfunction" "$scratch/server.log"
metrics_address="$(json_field metrics "$server_ready")"
start_prometheus "$metrics_address"
await "the server is scraped" 'up{job="matchfunction"}' 1
# Rates need the counters as they were before.
await "its counters are there" "${prefix}_matches_total" 0

drive_calls
await "matches are those that musterctl saw" "sum(${prefix}_matches_total)" "$matches"
await "players in them" "sum(${prefix}_players_matched_total)" "$((2 * matches))"
await "tickets of the ticks" "sum(${prefix}_tickets_received_total{method=\"MakeMatches\"})" 24
await "one a tick has no players" "sum(${prefix}_tickets_left_out_total{reason=\"no_players\"})" 3
await "the others have no match" "sum(${prefix}_tickets_left_over_total)" "$((21 - 2 * matches))"
await "those with a match have waited" "sum(${prefix}_ticket_wait_seconds_count)" "$((2 * matches))"
await "one is not valid" "sum(${prefix}_tickets_invalid_total)" 1
await "calls that went well" 'sum(grpc_server_handled_total{grpc_code="OK"})' 11
await "the one that failed" \
  'sum(grpc_server_handled_total{grpc_method="GetStatCodes", grpc_code="InvalidArgument"})' 1
await "the duration of each" 'sum(grpc_server_handling_seconds_count)' 12
await "traffic, as the dashboard asks for it" 'sum(rate(grpc_server_started_total[5m])) > bool 0' 1
await "the alert that auth is off fires" 'ALERTS{alertname="AuthOff", alertstate="firing"}' 1
await "no other alert fires" 'count(ALERTS{alertname!="AuthOff"}) or vector(0)' 0

lint_metrics "$metrics_address"
check_series
check_dashboard
check_alerts
check_label_values

server_stop "$server_pid" || fail "the server ended with an error"
await "a server that stops is seen" 'up{job="matchfunction"}' 0
await "and its alert is pending" 'ALERTS{alertname="MatchFunctionDown", alertstate="pending"}' 1
step "passed"
