// SPDX-License-Identifier: BSD-3-Clause
// Types in the words of a schema: golden, since they are shown to people and go into schemas.
#include "weir/runtime/codec/type_text.hpp"

#include "weir/tests/runtime/codec/sample_event.hpp"

#include <catch2/catch.hpp>

using namespace codec_tests;
using weir::codec::field_description;
using weir::codec::internal::describe_fields;
using weir::codec::internal::type_text;

TEST_CASE("every field of an event is described by name, type and whether it may be missing",
          "[codec][golden]") {
  CHECK(describe_fields<everything>() ==
        std::vector<field_description>{
            {"tiny", "int8", false},
            {"small", "uint16", false},
            {"large", "int64", false},
            {"huge", "uint64", false},
            {"rough", "float", false},
            {"fine", "double", false},
            {"flag", "bool", false},
            {"text", "string", false},
            {"paint", "enum(red|green|blue)", false},
            {"maybe", "double", true},
            {"items", "array<{sku: string, price: int8, note?: string}>", false},
            {"bits", "array<bool>", false},
            {"bytes", "array<uint8,3>", false},
            {"sorted", "map<array<int32>>", false},
            {"hashed", "map<enum(red|green|blue)>", false},
            {"moment", "time", false},
            {"second", "time", false},
            {"wait", "duration", false}});
}

TEST_CASE("a type that contains itself has an end", "[codec]") {
  CHECK(type_text<tree>() == "{value: int32, children: array<object>}");
}

TEST_CASE("an integer is named by its size, not by its C++ spelling", "[codec]") {
  CHECK(type_text<long>() == type_text<long long>());
  CHECK(type_text<unsigned char>() == "uint8");
  CHECK(type_text<std::vector<std::optional<int>>>() == "array<int32?>");
}
