#!/usr/bin/env bash
# How the server starts, refuses to start, and stops.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
# shellcheck source=scripts/server.sh
. scripts/server.sh

readonly bin="${BIN:-build/bin}"
scratch="$(mktemp -d)"

clean_up() {
  server_stop_all
  rm -rf "$scratch"
}
trap clean_up EXIT

# expect_eq WHAT WANTED GOT
expect_eq() { [[ $2 == "$3" ]] || die "FAILED: $1: '$3' instead of '$2'"; }

# refused_start VARIABLE=VALUE...: exit code 1; what it said goes to `said`.
refused_start() {
  local code=0
  said="$(env LOG_FORMAT=json PLUGIN_GRPC_SERVER_AUTH_ENABLED=false "$@" \
    timeout 20 "$bin/muster-matchfunction")" || code=$?
  expect_eq "exit code of a start that cannot succeed" 1 "$code"
}

# says WORD...: all of them are in `said`.
says() {
  local word
  for word in "$@"; do
    [[ $said == *"$word"* ]] || die "FAILED: '$word' is not in: $said"
  done
}

refused_start GRPC_PORT=70000 LOG_LEVEL=loud MATCH_LOGIC=triples MAX_STREAMS=none
expect_eq "records of a refused start" 1 "$(wc -l <<<"$said")"
says GRPC_PORT 70000 LOG_LEVEL loud MATCH_LOGIC triples pairs MAX_STREAMS none
step "ok: all problems of a start come in one record"

refused_start PLUGIN_GRPC_SERVER_AUTH_ENABLED=true
says AB_CLIENT_ID AB_CLIENT_SECRET
refused_start PLUGIN_GRPC_SERVER_AUTH_ENABLED=ture ENABLE_LOKI=ture PROMETHEUS_PORT=70000 AB_BASE_URL=nowhere
says PLUGIN_GRPC_SERVER_AUTH_ENABLED ENABLE_LOKI ture 70000 AB_BASE_URL
step "ok: access control does not start without a client"

server_start "$bin/muster-matchfunction" "$scratch/first.log"
refused_start BIND_ADDRESS=127.0.0.1 GRPC_PORT="${server_address##*:}" PROMETHEUS_PORT=0
says "$server_address"
metrics_address="$(json_field metrics "$server_ready")"
refused_start PROMETHEUS_ADDR=127.0.0.1 PROMETHEUS_PORT="${metrics_address##*:}" GRPC_PORT=0
says "$metrics_address"
"$bin/musterctl" health --target "$server_address" >/dev/null || die "FAILED: the first server is gone"
step "ok: a port that is taken is named, and never shared"

code=0
server_stop "$server_pid" || code=$?
expect_eq "exit code after SIGTERM" 0 "$code"
grep -q '"msg":"stopped"' "$scratch/first.log" || die "FAILED: no record of the stop"
server_start "$bin/muster-matchfunction" "$scratch/second.log"
kill -INT "$server_pid"
code=0
wait "$server_pid" || code=$?
expect_eq "exit code after SIGINT" 0 "$code"
step "ok: both signals stop it cleanly"

# make_certificate: an authority of its own, for 127.0.0.1.
make_certificate() {
  openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=muster-test \
    -addext "subjectAltName=IP:127.0.0.1" -keyout "$scratch/key.pem" -out "$scratch/certificate.pem" 2>/dev/null
}

make_certificate
export GRPC_TLS_CERT_FILE="$scratch/certificate.pem" GRPC_TLS_KEY_FILE="$scratch/key.pem"
server_start "$bin/muster-matchfunction" "$scratch/tls.log"
said="$(MUSTERCTL_TLS_CA="$scratch/certificate.pem" "$bin/musterctl" health --target "$server_address")" ||
  die "FAILED: no health over TLS: $said"
if "$bin/musterctl" health --target "$server_address" --timeout 2 >/dev/null 2>&1; then
  die "FAILED: a listener with TLS answers plain text"
fi
server_stop "$server_pid"
unset GRPC_TLS_CERT_FILE GRPC_TLS_KEY_FILE
step "ok: TLS from files, and the health command speaks it"
