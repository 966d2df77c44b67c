#!/usr/bin/env bash
# Builds one preset: scripts/build.sh PRESET [TARGET...]. FOLDER/all is what a folder makes; `release`
# leaves the programs in build/bin.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

build_preset "$@"
step "built"
