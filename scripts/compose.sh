#!/usr/bin/env bash
# docker compose, or docker-compose where that is what the machine has.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

need_engine
if docker compose version >/dev/null 2>&1; then exec docker compose "$@"; fi
command -v docker-compose >/dev/null || die "docker-compose is missing: make setup-e2e installs it"
exec docker-compose "$@"
