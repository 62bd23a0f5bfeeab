#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# flights and orders with --data, killed again and again at random moments: in the end the report is
# that of a run that nobody disturbed. WEIR_KILLS says how often, WEIR_SEED when.
set -euo pipefail

kills=${WEIR_KILLS:-50}
seed=${WEIR_SEED:-20010131}
RANDOM=$seed
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

fail() { printf 'FAILED: %s (seed %s)\n%s\n' "$1" "$seed" "${2-}" >&2; exit 1; }

# What must not depend on the run.
flights_answer() { sed -n '$s/,"seconds".*//p' "$1"; }
orders_answer() {
  sed -n '$s/"retries":[0-9]*,"restarts":[0-9]*,//; $s/,"seconds".*//p' "$1"
}
milliseconds() { echo $(($(date +%s%N) / 1000000)); }

# survive NAME OPTIONS...: kills runs on one directory, a new one whenever a run has come to its end.
survive() {
  local name=$1 killed=0 ended=0 began code took
  shift
  local run=("$WEIR_BUILD/samples/$name" --report json "$@")
  "${run[@]}" >"$work/undisturbed" || fail "$name: exit code $?"
  began=$(milliseconds)
  "${run[@]}" --data "$work/data" >"$work/whole" || fail "$name --data: exit code $?"
  took=$(($(milliseconds) - began))
  local expected
  expected="$("${name}_answer" "$work/undisturbed")"
  [ -n "$expected" ] || fail "$name: no report"
  [ "$("${name}_answer" "$work/whole")" = "$expected" ] ||
    fail "$name --data gives another answer" "$(cat "$work/undisturbed" "$work/whole")"
  "${run[@]}" --data "$work/data" >"$work/again" || fail "$name --data again: exit code $?"
  [ "$("${name}_answer" "$work/again")" = "$expected" ] ||
    fail "$name --data on what is done gives another answer" "$(cat "$work/again")"
  rm -rf "$work/data"
  while ((killed < kills)); do
    "${run[@]}" --data "$work/data" >"$work/report" 2>"$work/log" &
    sleep "$(printf '0.%03d' $((RANDOM % (took < 900 ? took + 50 : 950))))"
    kill -9 $! 2>/dev/null || true
    code=0
    wait $! 2>/dev/null || code=$?
    if ((code == 137)); then
      killed=$((killed + 1))
      continue
    fi
    ((code == 0)) || fail "$name: exit code $code after $killed kills" "$(cat "$work/log")"
    ended=$((ended + 1))
    [ "$("${name}_answer" "$work/report")" = "$expected" ] ||
      fail "$name: another answer after $killed kills" "$(cat "$work/undisturbed" "$work/report")"
    rm -rf "$work/data"
  done
  "${run[@]}" --data "$work/data" >"$work/report" || fail "$name: exit code $? in the end"
  [ "$("${name}_answer" "$work/report")" = "$expected" ] ||
    fail "$name: another answer in the end" "$(cat "$work/undisturbed" "$work/report")"
  rm -rf "$work/data"
  echo "$name: $killed kills, $((ended + 1)) runs to the end, seed $seed"
}

survive flights
survive orders --orders 3000 --chaos 7

# A directory that is none, and one that another run has.
code=0
"$WEIR_BUILD/samples/flights" --data /dev/null/nowhere >"$work/out" 2>"$work/err" || code=$?
((code == 1)) || fail "exit code $code for a directory that cannot be"
[ "$(wc -l <"$work/err")" -eq 1 ] || fail "not one line" "$(cat "$work/err")"
