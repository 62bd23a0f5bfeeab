// SPDX-License-Identifier: BSD-3-Clause
// The directory of a store on disk, whatever engine lies in it: who has it open, which format it is
// in, and the number of the last commit that was acknowledged. FORMAT.md has the bytes.
#pragma once

#include <cstdint>
#include <filesystem>

#include "weir/runtime/core/result.hpp"

namespace weir::store {

/// The format this version writes. It reads this and every older one.
inline constexpr std::uint32_t format_version = 1;

/// A file descriptor that closes itself.
class file {
 public:
  explicit file(int descriptor = -1) noexcept : descriptor_(descriptor) {}
  file(file&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
  file& operator=(file&& other) noexcept;
  ~file();
  int get() const noexcept { return descriptor_; }

 private:
  int descriptor_;
};

/// One opening of a directory. One thread at a time.
class directory {
 public:
  /// Makes the directory if it is missing, locks it, and checks what is in it. The lock lasts as
  /// long as the object and ends with the process, however that ends. errc::store_locked (names the
  /// process), errc::store_newer_format, errc::store_corrupt (the format cannot be read),
  /// errc::not_a_store, errc::store_io (it cannot be made, or not written), errc::store_full; each
  /// names the directory.
  static result<directory> open(const std::filesystem::path& path);
  /// Checks what is there, takes no lock and writes nothing. The errors of `open`, and
  /// errc::not_found: there is no store.
  static result<directory> open_read_only(const std::filesystem::path& path);

  const std::filesystem::path& path() const noexcept { return path_; }
  /// Where the engine has its files.
  std::filesystem::path engine() const { return path_ / "engine"; }
  /// Whether no store was ever completed here.
  bool fresh() const noexcept { return fresh_; }
  /// Records the format, flushed: from now on this is a store. errc::store_io, errc::store_full.
  result<void> complete();

  /// The highest commit that was acknowledged, as far as is known: exact after any end of the
  /// process, perhaps lower after a loss of power, 0 if nothing is known.
  std::uint64_t acknowledged() const noexcept { return acknowledged_; }
  /// Commit `number` is flushed and will be acknowledged. Not flushed itself, so it costs a
  /// microsecond; a failure leaves the old number, which is weaker and not wrong.
  void acknowledge(std::uint64_t number) noexcept;

 private:
  explicit directory(std::filesystem::path path) : path_(std::move(path)) {}
  result<void> make();
  result<void> lock();
  result<void> check_format();
  result<void> check_contents() const;
  result<void> read_witness(int flags);

  std::filesystem::path path_;
  file lock_;
  file witness_;
  bool fresh_ = false;
  std::uint64_t acknowledged_ = 0;
};

}  // namespace weir::store
