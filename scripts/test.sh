#!/usr/bin/env bash
# Builds and runs every test: unit and in-process RPC tests under ASan + UBSan, what does not link gRPC
# under TSan, and the built programs end to end. What needs an engine is skipped where there is none,
# except with CI=true. SOAK=N repeats every test N times, the ones with engines aside.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

# run_tests PRESET [CTEST OPTION...]
run_tests() {
  local preset="$1"
  shift
  step "test $preset"
  ctest --test-dir "build/$preset" --output-on-failure --no-tests=error -j "$(nproc)" "$@"
}

repeat=()
if [[ ${SOAK:-1} != 1 ]]; then repeat=(--repeat "until-fail:$SOAK"); fi
if [[ ${CI:-} != true && ${TEST_E2E:-} != 1 ]]; then
  step "tests that need an engine run where one answers; TEST_E2E=1 installs it"
fi

# run_unit_tests PRESET: those labelled `soaks` look SOAK times longer by themselves.
run_unit_tests() {
  if [[ ${#repeat[@]} == 0 ]]; then
    run_tests "$1" -LE '^(e2e|container|engine)$'
  else
    run_tests "$1" -LE '^(e2e|container|engine|soaks)$' "${repeat[@]}"
    run_tests "$1" -L '^soaks$'
  fi
}

build_preset tsan
run_unit_tests tsan
build_preset asan
run_unit_tests asan
# Neither the unit tests nor the benchmarks: asan has run the ones, the others have no verdict.
build_preset release src/all examples/all tests/e2e/all
# The container test goes first and alone: it builds the images with both cores. Two tests of engines
# at once would want the same bridge.
run_tests release -L '^container$'
run_tests release -L '^engine$'
run_tests release -L '^e2e$' "${repeat[@]}"
