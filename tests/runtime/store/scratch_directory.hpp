// SPDX-License-Identifier: BSD-3-Clause
// A folder of its own for a test, gone with the object; and what tests do with files.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <catch2/catch.hpp>

namespace store_tests {

namespace fs = std::filesystem;

class scratch_directory {
 public:
  /// In `parent`, or where the machine keeps such things.
  explicit scratch_directory(const fs::path& parent = fs::temp_directory_path()) {
    auto name = (parent / "weir-store-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;
  ~scratch_directory() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }

  const fs::path& path() const noexcept { return path_; }
  /// A name in it that was never given.
  fs::path fresh() { return path_ / std::to_string(++given_); }

 private:
  fs::path path_;
  int given_ = 0;
};

inline std::string bytes_of(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

inline void write_file(const fs::path& file, const std::string& bytes) {
  std::ofstream out{file, std::ios::binary | std::ios::trunc};
  out << bytes;
  REQUIRE(out.flush());
}

}  // namespace store_tests
