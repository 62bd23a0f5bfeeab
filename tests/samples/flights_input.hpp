// SPDX-License-Identifier: BSD-3-Clause
// What the tests of the flights sample read from: bytes that come in pieces of seeded sizes, bytes
// that are made as they are read, and a whole run of a reader as one value.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "weir/runtime/core/invariant.hpp"
#include "weir/runtime/core/random.hpp"
#include "weir/samples/flights/reader.hpp"

namespace flights::test {

/// Gives `bytes` in pieces of 1 to `largest` bytes; then the end, or `failure`.
class piecewise_source final : public byte_source {
 public:
  piecewise_source(std::string bytes, std::uint64_t seed, std::size_t largest)
      : bytes_(std::move(bytes)), random_(seed), largest_(largest) {}
  void fail_at_end(weir::error failure) { failure_ = std::move(failure); }

  weir::result<std::size_t> read(std::span<char> into) override {
    if (at_ == bytes_.size() && failure_) return weir::fail(*failure_);
    const auto size = std::min({into.size(), bytes_.size() - at_, 1 + random_.below(largest_)});
    std::copy_n(bytes_.data() + at_, size, into.data());
    at_ += size;
    return size;
  }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
  weir::random random_;
  std::size_t largest_;
  std::optional<weir::error> failure_;
};

/// Gives `bytes` in reads as large as asked for, none of them across `cut`.
class cut_source final : public byte_source {
 public:
  cut_source(std::string bytes, std::size_t cut) : bytes_(std::move(bytes)), cut_(cut) {}

  weir::result<std::size_t> read(std::span<char> into) override {
    const auto end = at_ < cut_ ? std::min(cut_, bytes_.size()) : bytes_.size();
    const auto size = std::min(into.size(), end - at_);
    std::copy_n(bytes_.data() + at_, size, into.data());
    at_ += size;
    return size;
  }

 private:
  std::string bytes_;
  std::size_t cut_;
  std::size_t at_ = 0;
};

/// `before`, then `count` times `byte`, then `after`, never all of it at once.
class repeating_source final : public byte_source {
 public:
  repeating_source(std::string before, char byte, std::uint64_t count, std::string after)
      : before_(std::move(before)), after_(std::move(after)), byte_(byte), left_(count) {}

  weir::result<std::size_t> read(std::span<char> into) override {
    if (!before_.empty()) return give(before_, into);
    if (left_ == 0) return give(after_, into);
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), left_));
    std::fill_n(into.data(), size, byte_);
    left_ -= size;
    return size;
  }

 private:
  static std::size_t give(std::string& text, std::span<char> into) {
    const auto size = std::min(into.size(), text.size());
    std::copy_n(text.data(), size, into.data());
    text.erase(0, size);
    return size;
  }

  std::string before_, after_;
  char byte_;
  std::uint64_t left_;
};

/// All that a reader gave, in order; `failure` is empty if it came to a good end.
struct run {
  std::vector<departure> departures;
  std::vector<malformed> problems;
  std::string failure;
};

inline bool operator==(const malformed& a, const malformed& b) {
  return a.record == b.record && a.field == b.field && a.code == b.code && a.reason == b.reason &&
         a.raw == b.raw;
}
inline bool operator==(const run& a, const run& b) {
  return a.departures == b.departures && a.failure == b.failure &&
         std::equal(a.problems.begin(), a.problems.end(), b.problems.begin(), b.problems.end(),
                    [](const malformed& x, const malformed& y) { return x == y; });
}

inline run read_all(weir::result<reader> opened) {
  run all;
  if (!opened) {
    all.failure = weir::to_string(opened.error());
    return all;
  }
  departure record;
  malformed problem;
  for (;;) {
    const auto got = opened->next(record, problem);
    if (!got) {
      all.failure = weir::to_string(got.error());
      const auto again = opened->next(record, problem);
      WEIR_INVARIANT(!again && weir::to_string(again.error()) == all.failure, "errors are final");
      return all;
    }
    if (*got == outcome::end) return all;
    if (*got == outcome::departure) all.departures.push_back(record);
    if (*got == outcome::malformed) all.problems.push_back(problem);
  }
}

inline run read_pieces(std::string bytes, std::uint64_t seed, std::size_t largest) {
  return read_all(reader::over(
      std::make_unique<piecewise_source>(std::move(bytes), seed, largest), "input"));
}
inline run read_whole(std::string bytes) {
  return read_pieces(std::move(bytes), 0, std::size_t{1} << 30);
}

/// `record:field:code: reason` of each problem, one per line.
inline std::string transcript(const run& all) {
  std::string lines;
  for (const auto& one : all.problems) {
    lines += std::to_string(one.record) + ":" + one.field + ":" +
             std::string{weir::to_string(one.code)} + ": " + one.reason + "\n";
  }
  return lines;
}

inline std::string origins(const run& all) {
  std::string codes;
  for (const auto& one : all.departures) {
    if (!codes.empty()) codes += ' ';
    codes += one.origin.view();
  }
  return codes;
}

inline departure departure_of(const char* origin, const char* destination, int delay, int distance,
                              std::chrono::sys_days day, int minute) {
  return {day + std::chrono::minutes{minute}, delay, distance, iata::from(origin).value(),
          iata::from(destination).value()};
}

}  // namespace flights::test
