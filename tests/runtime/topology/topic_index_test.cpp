// SPDX-License-Identifier: BSD-3-Clause
// The index against asking every topic.
#include "weir/runtime/topology/topic_index.hpp"

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <catch2/catch.hpp>

using weir::topology::topic_description;
using weir::topology::topic_index;

TEST_CASE("an index finds what a pattern matches, in the order of declaration",
          "[topology][property]") {
  rc::prop("any topics, any pattern", [] {
    weir::topology::description all;
    const auto names = *rc::gen::unique<std::vector<std::string>>(
        rc::gen::element<std::string>("a", "b", "a.a", "a.b", "b.a", "b.b", "a.b.a", "b.b.b"));
    for (const auto& name : names) {
      topic_description topic;
      topic.name = name;
      all.topics.push_back(std::move(topic));
    }
    const auto text = *rc::gen::element<std::string>("a", "a.b", "a.*", "*.a", ">", "a.>", "c",
                                                     "*.*.b", "b.b.b");
    const auto pattern = *weir::topic::pattern::parse(text);
    std::vector<std::string> expected, found;
    for (const auto& name : names) {
      if (pattern.matches(name)) expected.push_back(name);
    }
    const topic_index index{all};
    index.visit(pattern, [&](const topic_description& topic) { found.push_back(topic.name); });
    RC_ASSERT(found == expected);
    const bool declared = std::find(names.begin(), names.end(), text) != names.end();
    RC_ASSERT((index.find(text) != nullptr) == declared);
  });
}
