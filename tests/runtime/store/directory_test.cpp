// SPDX-License-Identifier: BSD-3-Clause
// A store's directory: making, locking, formats, and what was acknowledged.
#include "weir/runtime/store/directory.hpp"

#include <unistd.h>

#include "weir/tests/runtime/store/scratch_directory.hpp"

using weir::errc;
using weir::store::directory;
using namespace store_tests;

namespace {

void make_complete(const fs::path& path) {
  auto made = directory::open(path);
  REQUIRE(made);
  REQUIRE(made->complete());
}

weir::error refusal(const fs::path& path) {
  const auto opened = directory::open(path);
  REQUIRE_FALSE(opened);
  INFO(to_string(opened.error()));
  CHECK(opened.error().message.find(path.string()) != std::string::npos);
  CHECK(opened.error().message.find('\n') == std::string::npos);
  return opened.error();
}

}  // namespace

TEST_CASE("a missing directory is made, and is a store once it is completed", "[store]") {
  scratch_directory scratch;
  const auto path = scratch.fresh() / "a" / "b";
  {
    auto made = directory::open(path);
    REQUIRE(made);
    CHECK(made->fresh());
    CHECK(made->path() == path);
  }
  CHECK(directory::open(path)->fresh());
  CHECK(directory::open_read_only(path).error().code == errc::not_found);
  make_complete(path);
  CHECK_FALSE(directory::open(path)->fresh());
  CHECK(directory::open_read_only(path));
  CHECK(bytes_of(path / "format") == "weir store, format 1\n");
}

TEST_CASE("a directory that is open is locked, and the refusal names the process", "[store]") {
  scratch_directory scratch;
  const auto path = scratch.fresh();
  make_complete(path);
  {
    const auto owner = directory::open(path);
    REQUIRE(owner);
    const auto refused = refusal(path);
    CHECK(refused.code == errc::store_locked);
    CHECK(refused.message == path.string() + " is open in process " + std::to_string(getpid()));
    CHECK(directory::open_read_only(path));
  }
  CHECK(directory::open(path));
}

TEST_CASE("a newer format and one that cannot be read are refused", "[store]") {
  scratch_directory scratch;
  const auto path = scratch.fresh();
  make_complete(path);
  write_file(path / "format", "weir store, format 2\n");
  const auto newer = refusal(path);
  CHECK(newer.code == errc::store_newer_format);
  CHECK(newer.message == path.string() + " is in format 2, this version reads 1");
  CHECK(directory::open_read_only(path).error().code == errc::store_newer_format);
  for (const std::string text :
       {"", "weir store, format 1", "weir store, format \n", "weir store, format 0\n",
        "weir store, format 1x\n", "weir store, format 99999999999\n", "weir store, format -1\n",
        "other\n"}) {
    INFO(text);
    write_file(path / "format", text);
    CHECK(refusal(path).code == errc::store_corrupt);
  }
}

TEST_CASE("a directory that holds something else is left alone", "[store]") {
  scratch_directory scratch;
  const auto path = scratch.fresh();
  fs::create_directories(path / "lost+found");
  CHECK(directory::open(path));
  write_file(path / "letter.txt", "dear");
  const auto refused = refusal(path);
  CHECK(refused.code == errc::not_a_store);
  CHECK(refused.message == path.string() + " holds letter.txt and no store");
}

TEST_CASE("a directory that cannot be made or written says why", "[store]") {
  scratch_directory scratch;
  write_file(scratch.path() / "file", "");
  for (const auto& path : {scratch.path() / "file", scratch.path() / "file" / "below",
                           fs::path{"/proc/weir"}}) {
    CHECK(refusal(path).code == errc::store_io);
  }
  // Opened, but nothing can be made in it: root may write anywhere else.
  CHECK(refusal("/proc/self").message.starts_with("cannot write /proc/self/lock: "));
}

TEST_CASE("what was acknowledged is known again, unless its bytes are damaged", "[store]") {
  scratch_directory scratch;
  const auto path = scratch.fresh();
  {
    auto opened = directory::open(path);
    REQUIRE(opened);
    CHECK(opened->acknowledged() == 0);
    opened->acknowledge(7);
    opened->acknowledge(0x1234567890);
    REQUIRE(opened->complete());
  }
  CHECK(directory::open(path)->acknowledged() == 0x1234567890);
  CHECK(directory::open_read_only(path)->acknowledged() == 0x1234567890);
  const auto intact = bytes_of(path / "witness");
  REQUIRE(intact.size() == 16);
  for (std::size_t at = 0; at < intact.size(); ++at) {
    auto flipped = intact;
    flipped[at] = static_cast<char>(flipped[at] ^ 4);
    write_file(path / "witness", flipped);
    CHECK(directory::open(path)->acknowledged() == 0);
  }
  fs::remove(path / "witness");
  CHECK(directory::open_read_only(path)->acknowledged() == 0);
}
