#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A node that runs is asked over its control socket: status, dead letters, and what may not be. Then
# it is killed, and the next one takes the socket's place.
set -euo pipefail

weir="$WEIR_BUILD/samples/weir"
orders="$WEIR_BUILD/samples/orders"
flights="$WEIR_BUILD/samples/flights"
work="$(mktemp -d)"
node=
trap '[[ -z "$node" ]] || kill -9 "$node" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"

source "$WEIR_SOURCE/tests/e2e/expect.bash"

# begin_node <data>: flights that read from a pipe, which stays open on descriptor 3.
begin_node() {
  rm -f in
  mkfifo in
  "$flights" --input in --data "$1" --report json >report 2>node.err &
  node=$!
  exec 3>in
  echo 'date,delay,distance,origin,destination' >&3
  for _ in $(seq 1 600); do
    if "$weir" status --data "$1" --json >out 2>err; then return; fi
    sleep 0.1
  done
  fail "the node does not answer: $(<node.err)"
}

# Letters of an earlier run, which a node of any topology has to show.
expect 0 "$orders" --data d --chaos 7 --report json
letters="$(sed -n 's/.*"dead_letters":\([0-9]*\).*/\1/p' out)"
expect 0 "$weir" dead-letters export --data d
cp out exported
expect 0 "$weir" dead-letters list --data d
cp out listed
expect 0 "$weir" dead-letters show --data d
cp out shown
expect 0 "$weir" dead-letters group --data d --json
cp out grouped
expect 1 "$weir" status --data d
refused 'not_found: d/control.sock: no node listens here'
[[ ! -e d/control.sock ]] || fail "a node that has ended left its socket"

begin_node d
# --- the socket is its owner's ---
[[ "$(stat -c '%F %a' d/control.sock)" == 'socket 600' ]] || fail "$(stat -c '%F %a' d/control.sock)"
expect 0 "$weir" status --data d --json
has '"topics":[{"topic":"'
has '"subscription":"'
expect 0 "$weir" status --data d
has 'subscriber'
has 'breaker'
# --- the letters are the same from the node as from its files ---
for word in 'export exported' 'list listed' 'show shown' 'group grouped'; do
  read -r what file <<<"$word"
  args=("$weir" dead-letters "$what" --data d)
  [[ "$what" != group ]] || args+=(--json)
  expect 0 "${args[@]}"
  cmp -s out "$file" || fail "$what is not as it was without a node"
done
number="$(sed -n '2s/^ *\([0-9]*\) .*/\1/p' listed)"
expect 0 "$weir" dead-letters show --data d --number "$number"
has "dead letter $number, dead"
expect 0 "$weir" dead-letters list --data d --topic nothing
has 'no dead letters'
expect 1 "$weir" dead-letters show --data d --number 999999
refused 'not_found: d: no such dead letter'
expect 2 "$weir" dead-letters list --data d --since soon
refused "--since: 'soon' is not a time"
# --- worked with: their subscription is not in this program, so they are passed over and stay ---
expect 0 "$weir" dead-letters redrive --data d --subscription billing --limit 1
has 'no subscriber of billing handles'
has ' 0 handled, 0 failed again'
expect 2 "$weir" dead-letters redrive --data d --into orders.again
refused 'a node that runs redrives letters to the subscription they failed in'
expect 2 "$weir" dead-letters edit --data d --number "$number" --payload '{}'
refused 'dead-letters edit needs --note'
expect 1 "$weir" dead-letters edit --data d --number "$number" --payload '{}' --note me
refused "dead letter $number: the payload does not fit: "
expect 1 "$weir" dead-letters edit --data d --number 999999 --payload '{}' --note me
refused 'dead letter 999999: there is none'
expect 0 "$weir" dead-letters export --data d
cmp -s out exported || fail "letters have changed"
expect 0 "$weir" dead-letters discard --data d --number "$number"
has '1 dead letters discarded'
expect 0 "$weir" dead-letters discard --data d --number "$number"
has '0 dead letters discarded'
expect 2 "$weir" dead-letters edit --data d --number "$number" --payload '{}' --note me
refused "dead letter $number: it is discarded"
expect 0 "$weir" dead-letters export --data d
cp out exported
# --- by hand, as any client of HTTP ---
if command -v curl >/dev/null; then
  expect 0 curl -sS --unix-socket d/control.sock 'http://node/dead-letters'
  cmp -s out exported || fail "curl gets other letters"
  expect 0 curl -sS -o /dev/null -w '%{http_code}' --unix-socket d/control.sock http://node/nothing
  has 404
fi
# --- another user gets nothing ---
if ((EUID == 0)) && command -v setpriv >/dev/null; then
  other=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  chmod 755 "$work" d
  if "${other[@]}" test -x "$weir"; then
    expect 1 "${other[@]}" "$weir" status --data d
    refused 'd/control.sock: Permission denied'
  fi
fi
# --- a second node does not take it ---
expect 1 "$flights" --data d --report json
refused 'store_locked'
expect 0 "$weir" status --data d --json
# --- killed: the socket stays, and the files are read; the next node has the place ---
kill -9 "$node"
wait "$node" 2>/dev/null || true
exec 3>&-
[[ -S d/control.sock ]] || fail "no socket is left to be replaced"
expect 1 "$weir" status --data d
refused 'no node listens here'
expect 0 "$weir" dead-letters export --data d
cmp -s out exported || fail "other letters after a kill"
begin_node d
expect 0 "$weir" dead-letters export --data d
cmp -s out exported || fail "other letters after a restart"
[[ "$(wc -l <exported)" == "$letters" ]] || fail "not as many letters as the run said"
exec 3>&-
wait "$node" || fail "the node: $(<node.err)"
node=
[[ ! -e d/control.sock ]] || fail "a node that has ended left its socket"
# --- without a node: what only one that runs can do, and what needs the program's types ---
expect 2 "$weir" dead-letters redrive --data d --rate 5
refused '--rate: no node runs here'
number="$(sed -n 's/.*"deadletternumber":"\([0-9]*\)","deadletterstate":"dead".*/\1/p' exported | head -1)"
expect 1 "$weir" dead-letters edit --data d --number "$number" --payload '{}' --note me
refused 'use the program that handles such events'
# --- wrong use ---
expect 1 "$weir" status --data nowhere
refused 'not_found: nowhere/control.sock: no node listens here'
touch file
expect 1 "$weir" status --data file
refused 'not_found: file/control.sock: no node listens here'
expect 2 "$weir" status --data "$(printf 'd%.0s' {1..120})"
refused "a socket's path has at most 107 bytes"
expect 2 "$weir" status
refused 'status needs --data'
echo "control: all as expected"
