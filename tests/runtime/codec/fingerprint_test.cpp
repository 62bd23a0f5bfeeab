// SPDX-License-Identifier: BSD-3-Clause
// What changes a fingerprint and what does not.
#include "weir/runtime/codec/fingerprint.hpp"

#include <chrono>
#include <set>

#include "weir/tests/runtime/codec/sample_event.hpp"

#include <catch2/catch.hpp>

using namespace codec_tests;
using weir::codec::fingerprint_of;
using weir::codec::layout_text;

namespace {

struct base { std::string id; int count; };
WEIR_EVENT(base, "fingerprint.base", 1, (id, count))
struct newer { std::string id; int count; };
WEIR_EVENT(newer, "fingerprint.base", 2, (id, count))
struct named { std::string id; int count; };
WEIR_EVENT(named, "fingerprint.other", 1, (id, count))
struct field_named { std::string key; int count; };
WEIR_EVENT(field_named, "fingerprint.base", 1, (key, count))
struct turned { int count; std::string id; };
WEIR_EVENT(turned, "fingerprint.base", 1, (count, id))
struct wider { std::string id; std::int64_t count; };
WEIR_EVENT(wider, "fingerprint.base", 1, (id, count))
struct optional_count { std::string id; std::optional<int> count; };
WEIR_EVENT(optional_count, "fingerprint.base", 1, (id, count))
struct longer { std::string id; int count; bool more; };
WEIR_EVENT(longer, "fingerprint.base", 1, (id, count, more))
struct many { std::vector<std::string> id; int count; };
WEIR_EVENT(many, "fingerprint.base", 1, (id, count))

enum class sorted { blue, green, red };
BOOST_DESCRIBE_ENUM(sorted, blue, green, red)
struct painted { colour paint; };
WEIR_EVENT(painted, "fingerprint.painted", 1, (paint))
struct repainted { sorted paint; };
WEIR_EVENT(repainted, "fingerprint.painted", 1, (paint))

struct slow { std::chrono::seconds wait; };
WEIR_EVENT(slow, "fingerprint.wait", 1, (wait))
struct fast { std::chrono::milliseconds wait; };
WEIR_EVENT(fast, "fingerprint.wait", 1, (wait))

}  // namespace

TEST_CASE("a fingerprint is that of the name, the version and the fields", "[codec][format]") {
  CHECK(layout_text<base>() == "fingerprint.base@1{id: string, count: int32}");
  // Stored beside events: it must never change for the same layout.
  CHECK(fingerprint_of<base>() == 0xb69fd109c4e86f81U);
  CHECK(fingerprint_of<base>() == fingerprint_of<base>());
  CHECK(layout_text<item>() == "{sku: string, price: int8, note?: string}");
}

TEST_CASE("two layouts of one event have two fingerprints", "[codec]") {
  const std::set<std::uint64_t> all{
      fingerprint_of<base>(),        fingerprint_of<newer>(),  fingerprint_of<named>(),
      fingerprint_of<field_named>(), fingerprint_of<turned>(), fingerprint_of<wider>(),
      fingerprint_of<optional_count>(), fingerprint_of<longer>(), fingerprint_of<many>()};
  CHECK(all.size() == 9);
  CHECK(fingerprint_of<painted>() != fingerprint_of<repainted>());
}

TEST_CASE("the unit of a duration is no part of the layout", "[codec]") {
  CHECK(fingerprint_of<slow>() == fingerprint_of<fast>());
}
