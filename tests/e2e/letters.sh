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
# --- redriven to the subscription they failed in: parked, and handled by the next run ---
expect 0 "$orders" --data d2 --chaos 7 --report json
dead="$(sed -n 's/.*"dead_letters":\([0-9]*\).*/\1/p' out)"
expect 0 "$weir" dead-letters redrive --data d2 --limit 2 --dry-run
has '2 dead letters would be parked'
expect 0 "$weir" dead-letters redrive --data d2
has "$dead dead letters parked: they are handled when a node with their subscription starts"
expect 0 "$weir" dead-letters export --data d2 --state parked
lines "$dead"
number="$(sed -n 's/.*"deadletternumber":"\([0-9]*\)".*/\1/p' out | head -1)"
payload="$("$weir" dead-letters show --data d2 --number "$number" | tail -1)"
expect 1 "$weir" dead-letters edit --data d2 --number "$number" --payload "$payload" --note me
refused 'use the program that handles such events'
expect 2 "$orders" dead-letters edit --data d2 --number "$number" --payload "$payload"
refused 'dead-letters edit needs --note'
expect 1 "$orders" dead-letters edit --data d2 --number "$number" --payload '{"what":1}' --note me
refused "dead letter $number: the payload does not fit: "
expect 0 "$orders" dead-letters edit --data d2 --number "$number" --payload "$payload" --note 'as it was'
has "dead letter $number edited"
expect 0 "$weir" dead-letters show --data d2 --number "$number"
has 'as it was'
expect 0 "$orders" --data d2 --report json
expect 0 "$weir" dead-letters export --data d2 --state parked
lines 0
expect 0 "$weir" verify d2
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
add_executable(shop shop.cpp)
target_link_libraries(shop PRIVATE weir::actors)
foreach(test letter kept)
  if(EXISTS "${CMAKE_CURRENT_SOURCE_DIR}/${test}.cpp")
    foreach(state broken mended)
      add_executable(${test}_${state} ${test}.cpp)
      target_include_directories(${test}_${state} PRIVATE "${WEIR_INCLUDE}")
      target_link_libraries(${test}_${state} PRIVATE weir::actors Catch2::Catch2WithMain)
    endforeach()
    target_compile_definitions(${test}_mended PRIVATE MENDED)
  endif()
endforeach()
PROJECT
  # A handler that may look at what it keeps, and at the time.
  cat >t/limit.hpp <<'HANDLER'
#include <weir/actors/node/node.hpp>
struct withdrawal { std::string account; std::int64_t cents = 0; };
WEIR_EVENT(withdrawal, "withdrawal", 1, (account, cents))
inline weir::result<void> withdraw(const withdrawal& one, weir::context& context) {
  auto& drawn = context.state<std::string, std::int64_t>("drawn");
  const auto before = drawn.get(one.account);
  if (!before) return weir::fail(before.error());
  const auto sum = (*before == nullptr ? 0 : **before) + one.cents;
#ifndef MENDED
  const auto day = context.now().time_since_epoch() / std::chrono::hours{24};
  if (sum > 100) {
    return weir::fail(weir::errc::rejected, one.account + " has drawn " + std::to_string(sum) +
                                                " by day " + std::to_string(day));
  }
#endif
  return drawn.put(one.account, sum);
}
HANDLER
  cat >t/shop.cpp <<'SHOP'
#include "limit.hpp"
int main() {
  weir::node node{{.data_dir = "bank"}};
  auto orders = node.topic("withdrawals", {.partitions = 4, .durable = true});
  orders.key<withdrawal>(&withdrawal::account);
  node.subscribe("bank", "withdrawals", withdraw).transactional();
  for (const auto& one : std::vector<withdrawal>{
           {"a-1", 60}, {"a-2", 70}, {"a-1", 30}, {"a-1", 20}, {"a-2", 10}}) {
    if (!orders.publish(withdrawal{one})) return 1;
  }
  return node.drain().drained ? 0 : 1;
}
SHOP
  expect 0 cmake --install "$WEIR_BUILD" --prefix "$work/prefix"
  expect 0 cmake -G Ninja -S t -B t/build -D CMAKE_PREFIX_PATH="$work/prefix" \
    -D WEIR_INCLUDE="$WEIR_BUILD/include" -D CMAKE_BUILD_TYPE=Release
  expect 0 cmake --build t/build
  expect 1 t/build/letter_broken
  has 'rejected: not mended yet'
  expect 0 t/build/letter_mended
  # --- a transactional handler's, whose failure depends on what it had kept for the key ---
  expect 0 t/build/shop
  day=$(($(date +%s) / 86400))
  expect 0 "$weir" dead-letters list --data bank
  has 'rejected: a-1 has drawn 110 by day '
  lines 2
  expect 0 "$weir" dead-letters test --data bank --number 1 --include limit.hpp \
    --event withdrawal --handler withdraw
  has 'store_with("bank", "withdrawals", {'
  cp out t/kept.cpp
  expect 0 cmake -S t -B t/build
  expect 0 cmake --build t/build
  expect 1 t/build/kept_broken
  # What it fails of is the sum and the day of the run, not those of a fresh node.
  grep -qE "rejected: a-1 has drawn 110 by day ($day|$((day - 1)))" out || fail "another failure"
  expect 0 t/build/kept_mended
fi
# --- wrong use ---
expect 1 "$weir" dead-letters show --data d --number 999999
refused 'not_found: d: no such dead letter'
expect 1 "$weir" dead-letters list --data nowhere
refused 'not_found: no store in nowhere'
expect 2 "$weir" dead-letters burn --data d
refused 'dead-letters burn: the words are list, show, group, export, test, discard, edit, redrive'
expect 2 "$weir" dead-letters list --data d --since soon
refused "--since: 'soon' is not a time"
expect 2 "$weir" dead-letters list --data d --state asleep
refused '--state'
expect 2 "$weir" dead-letters list
refused 'dead-letters needs --data'
echo "letters: all as expected"
