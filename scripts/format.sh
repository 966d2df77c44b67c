#!/usr/bin/env bash
# Formats every C++ file in place.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

sources '*.cc' '*.h' | xargs -r clang-format -i
