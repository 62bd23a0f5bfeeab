#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The ride_hailing sample: every ride, quote and position is accounted for; a seed gives the same
# rides at any number of threads and partitions; wrong input, Ctrl-C, and the dashboard on a terminal.
set -euo pipefail

city="$WEIR_BUILD/samples/ride_hailing"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"

fail() { printf 'FAILED: %s\n%s\n' "$1" "${2-}" >&2; exit 1; }

# field <name> <object>
field() {
  local rest="${2#*\""$1"\":}"
  [[ "$rest" != "$2" ]] || fail "no field $1" "$2"
  rest="${rest%%,*}"
  printf '%s\n' "${rest%\}}"
}

# well <object>: what must hold of every day, however it went.
well() {
  local name
  for name in unaccounted positions_unaccounted drivers_busy; do
    [[ "$(field "$name" "$1")" == 0 ]] || fail "$name" "$1"
  done
  [[ "$(field ledger_balanced "$1")" == true ]] || fail "the ledger" "$1"
  [[ "$(field quotes "$1")" == "$(field quotes_answered "$1")" ]] || fail "quotes" "$1"
  (($(field completed "$1") + $(field cancelled "$1") + $(field expired "$1") +
    $(field dead_letters "$1") == $(field requested "$1"))) || fail "rides that did not end" "$1"
  (($(field requested "$1") + $(field declined "$1") == $(field quotes "$1"))) ||
    fail "requested and declined make the quotes" "$1"
  (($(field positions_shown "$1") + $(field positions_expired "$1") +
    $(field positions_dropped "$1") == $(field positions "$1"))) || fail "positions" "$1"
}

# day <option>...: the JSON object of a run, which says nothing on stderr where nobody looks.
day() {
  local line
  line="$("$city" --report json "$@" 2>err | tail -n 1)" || fail "exit code $? of $*" "$(<err)"
  [[ "$line" == '{"quotes":'*',"seconds":'*'}' ]] || fail "the last line is the object" "$line"
  [[ ! -s err ]] || fail "stderr of $*" "$(<err)"
  well "$line"
  printf '%s\n' "$line"
}

# rides <object>: what a seed decides, as long as drivers' answers are not late for other reasons.
rides() {
  local name
  for name in quotes declined requested completed cancelled expired dead_letters offers accepted \
    positions metres_driven; do
    printf '%s=%s ' "$name" "$(field "$name" "$1")"
  done
}

# As fast as they come, with drivers enough for all and patience enough for a busy machine.
calm=(--rides 300 --drivers 1000 --rate 0 --patience 500)
first="$(day "${calm[@]}")"
for name in declined completed cancelled expired dead_letters too_late timers_cancelled \
  positions_dropped; do
  (($(field "$name" "$first") > 0)) || fail "a day without $name" "$first"
done
for options in '--threads 1' '--threads 8 --partitions 7' '--partitions 1'; do
  # shellcheck disable=SC2086
  again="$(day "${calm[@]}" $options)"
  [[ "$(rides "$again")" == "$(rides "$first")" ]] ||
    fail "other rides with '$options'" "$first"$'\n'"$again"
done
[[ "$(rides "$(day "${calm[@]}" --seed 2)")" != "$(rides "$first")" ]] ||
  fail "the seed does not matter"

# Too few drivers, no time to answer, one ride at a time: more rides expire, all of them end.
scarce="$(day --rides 200 --drivers 1 --rate 0)"
(($(field nobody_free "$scarce") > 0)) || fail "one driver is enough" "$scarce"
day --rides 200 --rate 0 --patience 1 >/dev/null
day --rides 100 --rate 0 --drivers 500 --at-once 1 >/dev/null

# The text report says the same, for people.
"$city" "${calm[@]}" >text 2>err || fail "exit code $?" "$(<text)"
for line in 'ledger' '  balanced' 'dead letters' 'accounting by ride, without the ledger'; do
  grep -qxF -- "$line" text || fail "the text says '$line'" "$(<text)"
done
ends="$(field completed "$first") completed + $(field cancelled "$first") cancelled"
grep -qF "  $ends + " text || fail "the text says '$ends'" "$(<text)"

# refused <message> <option>...: exit code 2 and one line.
refused() {
  local code=0
  "$city" "${@:2}" >out 2>err || code=$?
  [[ "$code" == 2 && ! -s out && "$(wc -l <err)" == 1 ]] || fail "exit code $code of ${*:2}" "$(<err)"
  [[ "$(<err)" == *"$1"* ]] || fail "'$1' for ${*:2}" "$(<err)"
}
refused '--rides: ' --rides 0
refused '--drivers: ' --drivers none
refused '--patience: ' --patience 60001
refused '--at-once: ' --at-once 0
refused '--fleet' --fleet 3

# Ctrl-C: what was requested ends and is reported. The day would take more than an hour; once there
# are threads, the signal has its handler.
"$city" --rides 100000 --rate 20 --report json >out 2>err &
run=$!
while [[ -d /proc/$run/task && ! -d "$(compgen -G "/proc/$run/task/*" | sed -n 2p)" ]]; do :; done
kill -INT "$run"
code=0
wait "$run" || code=$?
[[ "$code" == 130 ]] || fail "exit code $code after Ctrl-C" "$(<err)"
interrupted="$(tail -n 1 out)"
well "$interrupted"
[[ "$(field interrupted "$interrupted")" == true ]] || fail "interrupted" "$interrupted"
(($(field quotes "$interrupted") < 100000)) || fail "the day goes on" "$interrupted"

# On a terminal there is a dashboard, redrawn in place, and the report below it.
if command -v script >/dev/null; then
  TERM=xterm script -qec "$city --rides 300 --rate 300" /dev/null >screen </dev/null ||
    fail "exit code $? on a terminal" "$(<screen)"
  grep -q $'\e\[[0-9]*A\e\[J' screen || fail "the dashboard is redrawn" "$(<screen)"
  grep -q '  dispatch ' screen || fail "the dashboard shows subscriptions" "$(<screen)"
  grep -q '^accounting by ride' screen || fail "the report follows" "$(<screen)"
  TERM=dumb script -qec "$city --rides 10 --rate 0" /dev/null >screen </dev/null
  ! grep -q $'\e' screen || fail "a dumb terminal gets no escapes" "$(<screen)"
fi
