# SPDX-License-Identifier: BSD-3-Clause
# Sourced by shell tests: runs programs, and says what was written where something else was expected.
fail() { printf 'FAILED: %s\n--- stdout\n%s\n--- stderr\n%s\n' "$1" "$(<out)" "$(<err)" >&2; exit 1; }
expect() {
  local want="$1" code=0
  shift
  "$@" >out 2>err || code=$?
  [[ "$code" == "$want" ]] || fail "exit code $code instead of $want: $*"
}
has() { grep -qF -e "$1" out || fail "no '$1'"; }
lines() { [[ "$(wc -l <out)" == "$1" ]] || fail "not $1 lines"; }
refused() { [[ "$(wc -l <err)" == 1 ]] && grep -qF -e "$1" err || fail "no one line with '$1'"; }
