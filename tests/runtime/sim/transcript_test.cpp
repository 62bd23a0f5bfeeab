// SPDX-License-Identifier: BSD-3-Clause
// Transcripts: the digest tells runs apart, the text stays bounded.
#include "weir/runtime/sim/transcript.hpp"

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

using weir::sim::first_difference;
using weir::sim::transcript;

namespace {

transcript of(const std::vector<std::string>& lines, std::size_t kept = 100) {
  transcript made{kept};
  for (const auto& line : lines) made.add(line);
  return made;
}

}  // namespace

TEST_CASE("two transcripts have one digest exactly if their lines are the same",
          "[sim][property]") {
  rc::prop("digest = identity", [] {
    const auto line = rc::gen::element<std::string>("", "a", "b", "ab", "a\nb");
    const auto one = *rc::gen::container<std::vector<std::string>>(line);
    const auto two =
        *rc::gen::oneOf(rc::gen::just(one), rc::gen::container<std::vector<std::string>>(line));
    const auto same = of(one).digest() == of(two).digest();
    RC_ASSERT(same == (one == two));
    RC_ASSERT(first_difference(of(one), of(two)).empty() == same);
  });
}

TEST_CASE("line ends are part of the digest", "[sim]") {
  CHECK(of({"ab"}).digest() != of({"a", "b"}).digest());
  CHECK(of({""}).digest() != of({}).digest());
}

TEST_CASE("the digest is frozen", "[sim]") {
  CHECK(of({}).digest() == 0U);
  CHECK(of({"publish o-1", "deliver o-1"}).digest() == 0x4349f4de241178e5U);
}

TEST_CASE("only the first lines are kept, all are counted", "[sim]") {
  const auto run = of({"a", "b", "c"}, 2);
  CHECK(run.size() == 3);
  CHECK(run.text() == "a\nb\n");
  CHECK(run.digest() == of({"a", "b", "c"}).digest());
}

TEST_CASE("the first difference names its line and both sides", "[sim]") {
  CHECK(first_difference(of({"a", "b"}), of({"a", "c"})) == "line 2: \"b\" against \"c\"");
  CHECK(first_difference(of({"a"}), of({"a", "c"})) == "line 2: the end against \"c\"");
  CHECK(first_difference(of({"a", "b"}, 1), of({"a", "c"})) ==
        "line 2: a line that was not kept against \"c\"");
}
