#!/usr/bin/env bash
# Runs the unit and in-process tests and tells which lines of src/ they execute; the page is
# build/coverage/report/index.html.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

build_preset coverage
step "test coverage"
find build/coverage -name '*.gcda' -delete
ctest --test-dir build/coverage --output-on-failure --no-tests=error -j "$(nproc)" -LE '^(e2e|container)$'
step "report"
mkdir -p build/coverage/report
gcovr --root . --filter src/ --exclude-throw-branches --object-directory build/coverage \
  --html-details build/coverage/report/index.html --txt
