#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Dead letters of a run of orders under chaos, in its data directory: what the tool shows is what the
# run reported, and what is discarded stays so.
set -euo pipefail

weir="$WEIR_BUILD/samples/weir"
orders="$WEIR_BUILD/samples/orders"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"

source "$WEIR_SOURCE/tests/e2e/expect.bash"

expect 0 "$orders" --data d --chaos 7 --report json
letters="$(sed -n 's/.*"dead_letters":\([0-9]*\).*/\1/p' out)"
((letters > 10)) || fail "a run under chaos has $letters dead letters"
# --- as many as the run says, each with its cause ---
expect 0 "$weir" dead-letters list --data d
lines $((letters + 1))
expect 0 "$weir" dead-letters export --data d
lines "$letters"
[[ "$(grep -c '"deadletterfingerprint":"[0-9a-f]\{16\}"' out)" == "$letters" ]] || fail "no causes"
expect 0 "$weir" dead-letters group --data d --json
[[ "$(sed 's/.*"letters":\([0-9]*\).*/\1/' out | awk '{ n += $1 } END { print n }')" == "$letters" ]] ||
  fail "the groups have other letters"
print="$(head -1 out | sed 's/.*"fingerprint":"\([0-9a-f]*\)".*/\1/')"
largest="$(head -1 out | sed 's/.*"letters":\([0-9]*\).*/\1/')"
expect 0 "$weir" dead-letters group --data d
has "$print"
expect 0 "$weir" dead-letters show --data d --number 1
has 'dead letter 1, dead'
has '  payload'
expect 0 "$weir" dead-letters list --data d --topic nothing
has 'no dead letters'
expect 0 "$weir" dead-letters export --data d --since 2200-01-01T00:00:00Z
lines 0
# --- discarded once, and for good ---
expect 0 "$weir" dead-letters discard --data d --fingerprint "$print"
has "$largest dead letters discarded"
expect 0 "$weir" dead-letters discard --data d --fingerprint "$print"
has '0 dead letters discarded'
expect 0 "$weir" dead-letters export --data d --state dead
lines $((letters - largest))
expect 0 "$weir" dead-letters export --data d --state discarded
lines "$largest"
expect 0 "$weir" verify d
has ' 0 damaged'
# --- redriven: a canary, then the rest, each once ---
left=$((letters - largest))
expect 0 "$weir" dead-letters redrive --data d --into orders.again --dry-run
has "$left dead letters would be redriven into orders.again"
expect 0 "$weir" dead-letters redrive --data d --into orders.again --limit 3
has '3 dead letters redriven into orders.again'
expect 0 "$weir" tail orders.again --data d --from earliest
lines 3
expect 0 "$weir" dead-letters redrive --data d --into orders.again
has "$((left - 3)) dead letters redriven"
expect 0 "$weir" dead-letters redrive --data d --into orders.again
has '0 dead letters redriven'
expect 0 "$weir" dead-letters export --data d --state redriven
lines "$left"
sed 's/.*"id":"\([^"]*\)".*/\1/' out | sort >redriven
expect 0 "$weir" tail orders.again --data d --from earliest --json
sed 's/.*"id":"\([^"]*\)".*/\1/' out | sort | cmp - redriven || fail "redrove other events"
expect 0 "$weir" verify d
has ' 0 damaged'
# --- as a test: it fails as the handler did, and passes once that is mended ---
expect 0 "$weir" dead-letters list --data d --subscription billing --type order.described --error rejected
number="$(sed -n '2s/^ *\([0-9]*\) .*/\1/p' out)"
as_test=("$weir" dead-letters test --data d --number "$number" --include handler.hpp
  --event orders::order_described --handler bill)
expect 0 "${as_test[@]}"
has 'TEST_CASE("dead letter '"$number"' of billing: rejected", "[dead-letter]")'
expect 2 "${as_test[@]:0:7}"
refused 'dead-letters test needs --include'
if [[ "${WEIR_KILLS:-50}" == 50 ]]; then
  expect 0 "${as_test[@]}"
  mkdir t
  cp out t/letter.cpp
  cat >t/handler.hpp <<'HANDLER'
#include "weir/runtime/core/result.hpp"
#include "weir/samples/orders/events.hpp"
inline weir::result<void> bill(const orders::order_described&) {
#ifdef MENDED
  return {};
#else
  return weir::fail(weir::errc::rejected, "not mended yet");
#endif
}
HANDLER
  cat >t/CMakeLists.txt <<'PROJECT'
cmake_minimum_required(VERSION 3.25)
project(letter LANGUAGES CXX)
find_package(weir REQUIRED)
find_package(Catch2 REQUIRED)
foreach(name broken mended)
  add_executable(${name} letter.cpp)
  target_include_directories(${name} PRIVATE "${WEIR_INCLUDE}")
  target_link_libraries(${name} PRIVATE weir::actors Catch2::Catch2WithMain)
endforeach()
target_compile_definitions(mended PRIVATE MENDED)
PROJECT
  expect 0 cmake --install "$WEIR_BUILD" --prefix "$work/prefix"
  expect 0 cmake -G Ninja -S t -B t/build -D CMAKE_PREFIX_PATH="$work/prefix" \
    -D WEIR_INCLUDE="$WEIR_BUILD/include" -D CMAKE_BUILD_TYPE=Release
  expect 0 cmake --build t/build
  expect 1 t/build/broken
  has 'rejected: not mended yet'
  expect 0 t/build/mended
fi
# --- wrong use ---
expect 1 "$weir" dead-letters show --data d --number 999999
refused 'not_found: d: no such dead letter'
expect 1 "$weir" dead-letters list --data nowhere
refused 'not_found: no store in nowhere'
expect 2 "$weir" dead-letters burn --data d
refused 'dead-letters burn: the words are list, show, group, export, test, discard, redrive'
expect 2 "$weir" dead-letters list --data d --since soon
refused "--since: 'soon' is not a time"
expect 2 "$weir" dead-letters list --data d --state asleep
refused '--state'
expect 2 "$weir" dead-letters redrive --data d
refused 'dead-letters redrive needs --into'
expect 2 "$weir" dead-letters list
refused 'dead-letters needs --data'
echo "letters: all as expected"
