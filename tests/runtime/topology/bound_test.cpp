// SPDX-License-Identifier: BSD-3-Clause
// The memory bound: one computed by hand, and its laws.
#include "weir/runtime/topology/bound.hpp"

#include <algorithm>

#include <rapidcheck.h>
#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>

#include "shop.hpp"

using namespace weir::topology;

namespace {

std::uint64_t total(const description& topology) { return bound_of(topology).total_bytes; }

constexpr auto most = ~std::uint64_t{0};

}  // namespace

TEST_CASE("the bound of a small topology is what a person computes", "[topology]") {
  std::string text;
  for (const auto& row : bound_of(shop()).rows) {
    text += row.what + " = " + row.limit + " = " + std::to_string(row.bytes) + "\n";
  }
  CHECK(text ==
        "topic orders.eu = 4 partitions x (ring 16 MiB + batch 552 KiB + 4 KiB) = 69386240\n"
        "topic invoices = 1 partition x (ring 16 MiB + batch 552 KiB + 4 KiB) = 17346560\n"
        "publisher web -> orders.eu = 4 partitions x 4 blocks of 552 KiB = 9043968\n"
        "subscription billing -> invoices = 1 partition x 4 blocks of 552 KiB = 2260992\n"
        "subscription billing = 4 partitions x credit 4 x 256 B + 4 KiB = 8192\n"
        "subscription audit = 5 partitions x credit 1 x 256 B + 4 KiB = 5376\n"
        "dead letters = 10000 letters x 16 KiB = 163840000\n");
  CHECK(total(shop()) == 261891328);
}

TEST_CASE("the bound counts what a lossy subscription keeps for itself", "[topology]") {
  auto topology = shop();
  const auto before = total(topology);
  const auto row_of_billing = [&](weir::overflow policy) {
    topology.subscriptions[0].when_behind = policy;
    for (const auto& row : bound_of(topology).rows) {
      if (row.what == "kept for billing of orders.eu") {
        CHECK(total(topology) == before + row.bytes);
        return row.limit + " = " + std::to_string(row.bytes);
      }
    }
    return std::string{"nothing"};
  };
  CHECK(row_of_billing(weir::overflow::block) == "nothing");
  CHECK(row_of_billing(weir::overflow::drop_oldest) ==
        "4 partitions x credit 4 x 552 KiB = 9043968");
  const std::string more =
      "4 partitions x (ring 16 MiB + batch 552 KiB + credit 4 x 552 KiB) = 78413824";
  CHECK(row_of_billing(weir::overflow::drop_newest) == more);
  CHECK(row_of_billing(weir::overflow::fail) == more);
}

TEST_CASE("the bound counts what handlers that wait have published and not finished",
          "[topology]") {
  auto topology = shop();
  const auto before = total(topology);
  topology.subscriptions[0].staged_bytes_max = 1 << 20;
  const auto bound = bound_of(topology);
  const auto row = std::find_if(bound.rows.begin(), bound.rows.end(), [](const auto& one) {
    return one.what == "published by unfinished handlers of billing";
  });
  REQUIRE(row != bound.rows.end());
  CHECK(row->limit == "2 x 1 MiB + 65 KiB");
  CHECK(bound.total_bytes == before + 2 * 1024 * 1024 + 65 * 1024);
}

TEST_CASE("a block takes no more than the bound says, as blocks are really laid out",
          "[topology]") {
  weir::topic::settings settings;
  settings.options = {.batch_events_max = 1024, .event_bytes_max = 64 * kib};
  const auto ring = settings.publisher_ring();
  const auto most_of_one = weir::block::memory_bytes(ring.block) + ring.block_heap_max +
                           settings.options.event_bytes_max;
  auto topology = shop();
  const auto& topic = topology.topics[0];
  REQUIRE(topic.batch_events_max == settings.options.batch_events_max);
  REQUIRE(topic.event_bytes_max == settings.options.event_bytes_max);
  const auto before = total(topology);
  topology.publishers.push_back({"second", topic.name});
  CHECK(total(topology) - before == topic.partitions * ring.blocks * most_of_one);
}

TEST_CASE("the total is the sum of its rows, and raising any limit never lowers it",
          "[topology][property]") {
  rc::prop("sum and monotone", [] {
    const auto any = [] {
      return *rc::gen::arbitrary<std::uint64_t>() >> *rc::gen::inRange(0, 64);
    };
    auto topology = shop();
    topology.topics[0].ring_bytes = any();
    topology.topics[0].event_bytes_max = any();
    topology.topics[1].partitions = static_cast<std::uint32_t>(any());
    topology.subscriptions[1].credit_batches = static_cast<std::uint32_t>(any());
    topology.dead_letters_max = any();
    topology.dead_letter_bytes_max = any();
    const auto before = bound_of(topology);
    std::uint64_t sum = 0;
    for (const auto& row : before.rows) sum = row.bytes > most - sum ? most : sum + row.bytes;
    RC_ASSERT(before.total_bytes == sum);
    const auto more = [&](auto& number) {
      if (number + 1 > number) ++number;
      RC_ASSERT(total(topology) >= before.total_bytes);
    };
    more(topology.topics[0].ring_bytes);
    more(topology.topics[0].event_bytes_max);
    more(topology.topics[1].partitions);
    more(topology.subscriptions[1].credit_batches);
    more(topology.dead_letters_max);
    more(topology.dead_letter_bytes_max);
    more(topology.scheduled_max);
    more(topology.scheduled_bytes_max);
  });
}

TEST_CASE("another publisher or subscription costs memory", "[topology]") {
  auto topology = shop();
  const auto before = total(topology);
  topology.publishers.push_back({"cron", "invoices"});
  CHECK(total(topology) == before + 4 * 552 * kib);
  topology.subscriptions.push_back({"tail", "invoices", {}, 2, {}, true});
  CHECK(total(topology) == before + 4 * 552 * kib + 2 * 256 + 4 * kib);
}

TEST_CASE("what a group's members share counts once, and each member is an actor", "[topology]") {
  auto topology = shop();
  const auto before = total(topology);
  const auto messages = 4 * 3 * 256;  // partitions of orders.eu, credit
  for (const auto* name : {"m1", "m2", "m3"}) {
    auto member = topology.subscriptions[1];
    member.name = name;
    member.pattern = "orders.*";
    member.credit_batches = 3;
    member.group = "g";
    topology.subscriptions.push_back(std::move(member));
  }
  CHECK(total(topology) == before + messages + 4 * 4 * kib);
  const auto& rows = bound_of(topology).rows;
  const auto group = std::find_if(rows.begin(), rows.end(),
                                  [](const auto& row) { return row.what == "group g"; });
  REQUIRE(group != rows.end());
  CHECK(group->limit == "4 partitions x credit 3 x 256 B + 4 x 4 KiB");
  for (auto& one : topology.subscriptions) {
    if (one.group == "g") one.when_behind = weir::overflow::drop_oldest;
  }
  CHECK(total(topology) == before + messages + 4 * 4 * kib + 4 * 3 * 552 * kib);
}

TEST_CASE("a durable topic has room for what is on its way and for what is read back",
          "[topology]") {
  auto topology = shop();
  const auto before = total(topology);
  topology.topics[0].durable = true;
  topology.subscriptions[1].when_behind = weir::overflow::drop_oldest;
  const auto on_its_way = 3 * (16 * mib + 552 * kib);
  const auto read_back = (4 + 1) * 552 * kib;    // billing's credit, audit's
  const auto lossy = 552 * kib;                  // audit's credit of invoices
  CHECK(total(topology) == before + 4 * (on_its_way + read_back) + lossy);
  CHECK_THAT(bound_of(topology).rows[0].limit,
             Catch::Contains("batch 552 KiB + on its way to the disk 3 x 16.6 MiB + 4 KiB)"));
}

TEST_CASE("one more publisher adds what publisher_bytes says", "[topology]") {
  auto topology = shop();
  const auto before = total(topology);
  topology.publishers.push_back({"cron", "orders.eu"});
  CHECK(total(topology) == before + weir::topology::publisher_bytes(topology.topics[0]));
}

TEST_CASE("scheduled events cost their bytes and an entry each", "[topology]") {
  auto topology = shop();
  const auto before = total(topology);
  topology.scheduled_max = 1000;
  topology.scheduled_bytes_max = mib;
  CHECK(total(topology) == before + mib + 1000 * 40 + 4 * kib);
  CHECK(bound_of(topology).rows.back().limit == "1 MiB + 1000 events x 40 B + 4 KiB");
}

TEST_CASE("bytes are shown in their largest unit, rounded up to a tenth", "[topology]") {
  CHECK(bytes_text(0) == "0 B");
  CHECK(bytes_text(1023) == "1023 B");
  CHECK(bytes_text(1024) == "1 KiB");
  CHECK(bytes_text(1025) == "1.1 KiB");
  CHECK(bytes_text(1536) == "1.5 KiB");
  CHECK(bytes_text(mib - 1) == "1024 KiB");
  CHECK(bytes_text(2047 * kib) == "2 MiB");
  CHECK(bytes_text(3 * gib / 2) == "1.5 GiB");
  CHECK(bytes_text(most) == "17179869184 GiB");
}
