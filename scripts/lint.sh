#!/usr/bin/env bash
# Checks the form of the sources: clang-format, shellcheck, the style test, and clang-tidy on what
# changed since TIDY_BASE (a commit; default: where this branch left its upstream, else the commit before
# this one), the last changed first and at most TIDY_MAX of them (default 24: one takes about ten
# seconds of a core). TIDY_ALL=1 looks at every file.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

# The commit to compare with; empty when the history is too short.
tidy_base() {
  local upstream
  if [[ -n ${TIDY_BASE:-} ]]; then
    git rev-parse --verify "$TIDY_BASE^{commit}"
    return
  fi
  if upstream="$(git rev-parse --verify --quiet '@{upstream}' 2>/dev/null)" &&
    upstream="$(git merge-base HEAD "$upstream")" && [[ $upstream != $(git rev-parse HEAD) ]]; then
    echo "$upstream"
    return
  fi
  git rev-parse --verify --quiet HEAD~1 || true
}

# Changed files, the last changed first; some more than once.
changed_files() {
  local base range=HEAD
  base="$(tidy_base)"
  if [[ -n $base ]]; then range="$base..HEAD"; fi
  if [[ ${TIDY_ALL:-} == 1 ]] || ! git rev-parse --verify --quiet HEAD >/dev/null; then
    sources '*.cc' '*.h'
  else
    git ls-files --others --modified --exclude-standard -- '*.cc' '*.h'
    git log --format= --name-only "$range" -- '*.cc' '*.h'
  fi
}

# Sources that show clang-tidy each file of the input: a source itself; for a header its own source, or
# else one that includes it.
sources_to_tidy() {
  local file
  while read -r file; do
    if [[ ! -f $file ]]; then continue; fi
    case "$file" in
      *.cc) echo "$file" ;;
      *) if [[ -f ${file%.h}.cc ]]; then
        echo "${file%.h}.cc"
      else
        sources '*.cc' | xargs grep -lF "\"${file#src/}\"" | head -n 1 || true
      fi ;;
    esac
  done | awk '!seen[$0]++'
}

# Those of the input that the build knows, in their order.
only_compiled() {
  grep -Fxf <(sed -nE "s|^ *\"file\": \"$PWD/(.*)\",?\$|\1|p" build/tidy/compile_commands.json) || true
}

tidy() {
  echo "  $1"
  clang-tidy -p build/tidy --quiet --warnings-as-errors='*' "$1" 2> >(grep -v 'warnings\? generated' >&2)
}
export -f tidy

step "clang-format"
sources '*.cc' '*.h' | xargs -r clang-format --dry-run --Werror

step "shellcheck"
{ sources '*.sh'; echo .ci/run; } | sort -u | xargs shellcheck -x

step "style test"
python3 tests/style/style_test.py

step "clang-tidy: configure"
cmake --preset tidy --log-level=WARNING >/dev/null
mapfile -t files < <(changed_files | sources_to_tidy | only_compiled)
count=${#files[@]}
if [[ ${TIDY_ALL:-} != 1 ]]; then files=("${files[@]:0:${TIDY_MAX:-24}}"); fi
if [[ $count != 0 ]]; then
  build_preset tidy muster_proto
  step "clang-tidy, ${#files[@]} of $count files to look at (TIDY_ALL=1: every file)"
  printf '%s\n' "${files[@]}" | xargs -P "$(nproc)" -I {} bash -c 'tidy {}'
fi
step "lint passed"
