// SPDX-License-Identifier: BSD-3-Clause
// What happened in a run, line by line, with a digest: two runs are the same run exactly if their
// digests are. Invariant: the digest covers every line, the text only the first ones, so a
// transcript is bounded. One owner at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::sim {

class transcript {
 public:
  /// Keeps the text of the first `lines_kept_max` lines; 100,000 lines of 100 bytes are 10 MB.
  explicit transcript(std::size_t lines_kept_max = 100'000) noexcept
      : lines_kept_max_(lines_kept_max) {}

  void add(std::string_view line);

  /// Lines added, kept or not.
  std::uint64_t size() const noexcept { return size_; }
  /// Of all lines in their order. Frozen: seeds of old failures are compared by it.
  std::uint64_t digest() const noexcept { return digest_; }
  const std::vector<std::string>& lines() const noexcept { return lines_; }
  /// The kept lines, each ending in '\n'.
  std::string text() const;

 private:
  std::size_t lines_kept_max_;
  std::vector<std::string> lines_;
  std::uint64_t size_ = 0;
  std::uint64_t digest_ = 0;
};

/// Where two runs part: `line 12: "a" against "b"`; empty if they are the same. If they part after
/// what was kept, it says so.
std::string first_difference(const transcript& left, const transcript& right);

}  // namespace weir::sim
