#!/usr/bin/env bash
# The flights sample as a user runs it: its answer against an independent count in awk, the same answer
# at any thread count, partition count and seed, and wrong input of every kind.
set -euo pipefail

flights=$WEIR_BUILD/samples/flights
data=$WEIR_SOURCE/samples/flights/data
here=$WEIR_SOURCE/tests/e2e
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  printf 'FAILED: %s\n' "$1"
  exit 1
}

# What must not depend on the run: everything but times and sizes.
answer() { sed -n '$s/,"seconds".*//p' "$1"; }

# expect CODE WHAT PATTERN -- ARGS: exit code, and one line on stderr that says what is wrong.
expect() {
  local code=$1 pattern=$2 got=0
  shift 3
  "$flights" "$@" >"$work/out" 2>"$work/err" </dev/null || got=$?
  [ "$got" -eq "$code" ] || fail "exit code $got, not $code: flights $* ($(cat "$work/err"))"
  [ "$(wc -l <"$work/err")" -eq 1 ] || fail "not one line: flights $*: $(cat "$work/err")"
  grep -qE -e "$pattern" "$work/err" || fail "no '$pattern' in: $(cat "$work/err")"
}

# --- the answer ---
awk -f "$here/flights_json_to_csv.awk" "$data/flights-20k.json" >"$work/20k.csv"
awk -f "$here/flights_witness.awk" "$data/airports.csv" "$work/20k.csv" >"$work/witness"
"$flights" --report json >"$work/default"
cat "$work/default"
for key in read dead_letters enriched airports days disrupted recovered; do
  want=$(sed -n "s/^$key=//p" "$work/witness")
  grep -q "\"$key\":$want[,}]" "$work/default" || fail "$key is not $want, as the witness counts"
done
grep -q '"ledger_balanced":true' "$work/default" || fail "the ledger is not balanced"
"$flights" --input "$work/20k.csv" --report json >"$work/csv"
[ "$(answer "$work/csv")" = "$(answer "$work/default")" ] || fail "CSV gives another answer than JSON"
for options in "--threads 1 --partitions 1" "--threads 4 --partitions 7" "--threads 2 --seed 99"; do
  # shellcheck disable=SC2086
  "$flights" $options --report json >"$work/other"
  [ "$(answer "$work/other")" = "$(answer "$work/default")" ] || fail "another answer with $options"
done
"$flights" --input - --report json <"$work/20k.csv" >"$work/stdin"
[ "$(answer "$work/stdin")" = "$(answer "$work/default")" ] || fail "standard input gives another answer"

# --- poison and malformed records are dead letters, and the run goes on ---
cat >"$work/bad.csv" <<'CSV'
date,delay,distance,origin,destination
2001-01-01 00:01,33,2176,LAS,PHL
2001-01-01 00:02,2000,100,LAS,PHL
2001-01-01 00:03,5,100,QQQ,PHL
2001-01-01 00:04,x,100,LAS,PHL
2001-02-30 00:05,5,100,LAS,PHL
2001-01-01 00:06,5,100
2001-01-01 00:07,99999999999,100,LAS,PHL
2001-01-01 00:08,7,100,LAS,PHL
CSV
"$flights" --input "$work/bad.csv" --report json >"$work/bad"
grep -q '"read":8,"published":4,"enriched":2,"dead_letters":6,' "$work/bad" || fail "$(cat "$work/bad")"
grep -q '"ledger_balanced":true' "$work/bad" || fail "the ledger of bad input is not balanced"
"$flights" --input "$work/bad.csv" >"$work/text"
for reason in "delay of 2000 minutes" "airport QQQ" "field delay" "field date"; do
  grep -q "$reason" "$work/text" || fail "no dead letter says: $reason"
done

# --- input that cannot be read ---
expect 1 'no-such-file' -- --input "$work/no-such-file"
expect 1 'work|directory' -- --input "$work"
: >"$work/empty"
expect 1 'empty' -- --input "$work/empty"
printf 'date,delay,distance,origin,where\n' >"$work/column"
expect 1 'where|destination' -- --input "$work/column"
head -c 50000 "$data/flights-20k.json" >"$work/cut"
expect 1 'record 561' -- --input "$work/cut"
"$flights" --input "$work/cut" --report json >"$work/kept" 2>/dev/null || true
grep -q '"read":560,"published":560,' "$work/kept" ||
  fail "what was read before a truncation is lost"
printf '[{"date":"2001/01/01 00:47","delay":66,"distance":1750,"origin":"D\xff","destination":"LAS"}]' >"$work/utf8"
"$flights" --input "$work/utf8" | grep -qi 'utf-8' || fail "invalid UTF-8 is not named"

# --- use ---
expect 2 '--inputt' -- --inputt x
expect 2 '--threads' -- --threads many
expect 2 '--partitions' -- --partitions 0
if "$flights" >&- 2>"$work/err"; then fail "a closed standard output is no failure"; fi
[ -s "$work/err" ] || fail "a closed standard output is not told"

# --- Ctrl-C drains, reports and exits 130, at whatever moment it comes ---
mkfifo "$work/pipe"
# interrupted READ: the run in the background ends as an interruption that has read so many records.
interrupted() {
  local got=0
  kill -INT "$run"
  wait "$run" || got=$?
  [ "$got" -eq 130 ] || fail "Ctrl-C gives exit code $got: $(cat "$work/err")"
  grep -q "\"read\":$1,.*\"ledger_balanced\":true" "$work/interrupted" ||
    fail "Ctrl-C does not report $1 records: $(cat "$work/interrupted")"
}
# started: waits until the run holds its input, so that the signal finds its handler in place.
started() {
  until ls -l "/proc/$run/fd" 2>/dev/null | grep -q "$work/pipe"; do
    kill -0 "$run" 2>/dev/null || fail "ended before it was interrupted: $(cat "$work/err")"
  done
}
"$flights" --input "$work/pipe" --report json >"$work/interrupted" 2>"$work/err" &
run=$!
started
interrupted 0  # nobody has opened the other end
"$flights" --input "$work/pipe" --report json >"$work/interrupted" 2>"$work/err" &
run=$!
started
exec 3>"$work/pipe"
interrupted 0  # opened, and not a byte has come
exec 3>&-
"$flights" --input "$work/pipe" --report json >"$work/interrupted" 2>"$work/err" &
run=$!
started
exec 3>"$work/pipe"
head -n 101 "$work/20k.csv" >&3
interrupted '[0-9]*'
exec 3>&-
echo "flights: all well"
