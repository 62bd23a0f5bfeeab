#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The orders sample: a calm run notifies everybody; under chaos the same seed gives the same numbers
# at any number of threads and partitions, and every order has its one fate.
set -euo pipefail

orders="$WEIR_BUILD/samples/orders"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

fail() { printf 'FAILED: %s\n%s\n' "$1" "${2-}" >&2; exit 1; }

# numbers <option>...: the JSON object of a run, without the seconds it took.
numbers() {
  local line
  line="$("$orders" --report json "$@" | tail -n 1)" || fail "exit code $? of $*" "$line"
  [[ "$line" == '{'*',"seconds":'*'}' ]] || fail "the last line is the object" "$line"
  printf '%s\n' "${line%,\"seconds\":*}"
}

# field <name> <object>
field() {
  local rest="${2#*\""$1"\":}"
  [[ "$rest" != "$2" ]] || fail "no field $1" "$2"
  printf '%s\n' "${rest%%,*}"
}

# well <object>: what must hold of every run.
well() {
  [[ "$(field unaccounted "$1")" == 0 ]] || fail "unaccounted" "$1"
  [[ "$(field ledger_balanced "$1")" == true ]] || fail "the ledger" "$1"
  (($(field notified "$1") + $(field dead_letters "$1") == $(field orders "$1"))) ||
    fail "notified and dead letters make the orders" "$1"
}

calm="$(numbers)"
well "$calm"
for name in orders billed shipped notified; do
  [[ "$(field "$name" "$calm")" == 1000 ]] || fail "a calm run: $name" "$calm"
done
for name in dead_letters retries restarts fallbacks; do
  [[ "$(field "$name" "$calm")" == 0 ]] || fail "a calm run: $name" "$calm"
done

first="$(numbers --chaos 7)"
well "$first"
for name in dead_letters retries restarts fallbacks; do
  (($(field "$name" "$first") > 0)) || fail "chaos without $name" "$first"
done
for options in '' '--threads 1' '--threads 2' '--threads 8 --partitions 7' '--partitions 1' \
  '--threads 2 --seed 9'; do
  # shellcheck disable=SC2086
  again="$(numbers --chaos 7 $options)"
  [[ "$again" == "$first" ]] || fail "other numbers with '$options'" "$first"$'\n'"$again"
done
[[ "$(numbers --chaos 8)" != "$first" ]] || fail "the seed does not matter"

for seed in 1 2 3 4 5; do
  well "$(numbers --chaos "$seed" --orders 3000 --threads 2)"
done

# The text report says the same, for people.
"$orders" --chaos 7 >"$work/text"
fates="$(field notified "$first") notified + $(field dead_letters "$first") dead letters"
for line in 'ledger' '  balanced' 'dead letters' "  $fates of 1,000 orders; 0 unaccounted"; do
  grep -qxF -- "$line" "$work/text" || fail "the text says '$line'" "$(<"$work/text")"
done
