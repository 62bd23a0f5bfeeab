#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The tools for data directories on the directory of a run of flights: when it has ended, while it
# runs, damaged, and none at all.
set -euo pipefail

weir="$WEIR_BUILD/samples/weir"
flights="$WEIR_BUILD/samples/flights"
work="$(mktemp -d)"
trap 'kill %1 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"

source "$WEIR_SOURCE/tests/e2e/expect.bash"

expect 0 "$flights" --data d
# --- what there is ---
expect 0 "$weir" topics --data d --json
has '"topic":"airports.status","partition":0,"first":0,"end":6,"events":6'
events="$(sed -n 's/.*"flights.enriched".*"events":\([0-9]*\).*/\1/p' out | paste -sd+)"
((events == 20000)) || fail "not 20000 enriched flights"
expect 0 "$weir" topics --data d
has 'airports.status'
expect 0 "$weir" inspect --data d --json
has '{"subscription":"notifier","topic":"airports.status","partition":0,"settled":6,"end":6,"lag":0}'
has '{"dead_letters":0,"timers":0}'
expect 0 "$weir" inspect --data d
has '0 dead letters, 0 scheduled events'
# --- events ---
expect 0 "$weir" tail airports.status --data d
lines 6
has 'airports.status/0 @5 airport.recovered@1 '
has ' 12 bytes '
expect 0 "$flights" tail airports.status --data d --from 4
lines 2
has '@5 airport.recovered@1 '
has '{"airport":"'
expect 0 "$flights" tail airports.status --data d --from earliest --filter key=ORD --json
lines 2
has '"type":"airport.disrupted"'
has '"data":{"airport":"ORD","mean_delay_minutes":'
expect 0 "$weir" tail airports.status --data d --from=-1
lines 1
expect 0 "$weir" tail airports.status --data d --from latest
lines 0
expect 0 "$weir" tail airports.status --data d --from 99999
lines 0
expect 0 "$weir" tail airports.status --data d --from 2001-01-01T00:00:00Z --limit 3
lines 3
expect 0 "$weir" tail airports.status --data d --from 2200-01-01T00:00:00Z
lines 0
expect 0 "$weir" tail flights --data d --from earliest
lines 20000
# Over partitions the oldest come first.
[[ "$(cut -d' ' -f1 out | sort -c 2>&1 | wc -l)" == 0 ]] || fail "not in the order of time"
# --- again, as another topic ---
expect 0 "$weir" checkpoint --data d --into again
expect 0 "$weir" replay flights --data again --into flights.late --filter key=ORD --from earliest
has 'flights -> flights.late: '
has ' left out, 4 partitions'
expect 0 "$weir" tail flights --data again --from earliest --filter key=ORD
cut -d' ' -f1,4- out >original
expect 0 "$weir" tail flights.late --data again --from earliest
cut -d' ' -f1,4- out | cmp - original || fail "replayed something else"
expect 0 "$weir" verify again
has ' 0 damaged'
expect 1 "$weir" replay flights --data again --into flights.late --resume
refused 'no replay of flights into flights.late was interrupted'
expect 2 "$weir" replay flights --data again --into flights
refused 'a topic is not replayed into itself'
expect 2 "$weir" replay flights --data again --into 'no/name'
refused "--into: topic 'no/name' "
expect 1 "$weir" replay flights --data nowhere --into late
refused 'not_found: no store in nowhere'
expect 2 "$weir" replay flights --data again
refused 'into'
# --- sound, copied, damaged ---
expect 0 "$weir" verify d
has ' 0 damaged'
expect 0 "$weir" checkpoint --data d --into copy
expect 0 "$weir" verify copy --json
has '"events":40006,"damages":0}'
expect 1 "$weir" checkpoint --data d --into copy
refused 'copy: there is something'
expect 0 "$flights" --data copy --report json
has '"enriched":20000'
for file in copy/engine/*.sst; do
  printf 'XXXX' | dd of="$file" bs=1 seek=64 conv=notrunc status=none
done
expect 1 "$weir" verify copy
refused 'store_corrupt: copy: '
grep -qF '.sst' out err || fail "nothing says what is damaged"
# --- beside a run that goes on ---
mkfifo in
"$flights" --input in --data live --report json >report 2>live.err &
exec 3>in
echo 'date,delay,distance,origin,destination' >&3
for i in $(seq 1 300); do echo "2001-01-01 00:01,$i,2176,LAS,PHL" >&3; done
for _ in $(seq 1 600); do
  if "$weir" topics --data live >out 2>err && grep -q '^ *flights\.enriched' out; then break; fi
  sleep 0.1
done
has flights.enriched
expect 0 "$weir" verify live
has ' 0 damaged'
expect 0 "$weir" checkpoint --data live --into hot
expect 0 "$weir" verify hot
has ' 0 damaged'
expect 1 "$flights" --data live --report json
refused 'store_locked'
expect 1 "$weir" replay flights --data live --into late
refused 'store_locked'
expect 0 timeout 60 "$flights" tail flights.enriched --data live --from earliest --follow --limit 1
lines 1
exec 3>&-
wait %1 || fail "the run that was looked at"
grep -q '"read":300,' report || fail "the run that was looked at read something else"
# --- wrong use ---
expect 1 "$weir" verify nowhere
refused 'not_found: no store in nowhere'
expect 1 "$weir" tail nothing --data d
refused 'not_found: d: no events of a topic nothing'
expect 2 "$weir" tail flights --data d --from soon
refused "--from: 'soon' is not earliest, latest, an offset, -N or a time"
expect 2 "$weir" tail flights --data d --filter colour=red
refused "--filter: 'colour=red' is not key=KEY or type=TYPE"
expect 2 "$weir"
refused 'no command given; commands are topics, tail, '
expect 1 bash -c '"$0" topics --data d >/dev/full' "$weir"
echo "tools: all as expected"
