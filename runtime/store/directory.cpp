// SPDX-License-Identifier: BSD-3-Clause
// Files of a store's directory. Invariant: `format` is written last, so a directory that has it was
// completed once, and an engine that is missing beside it is a loss and not a beginning.
#include "weir/runtime/store/directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <set>
#include <string>

#include "weir/runtime/core/hash.hpp"
#include "weir/runtime/store/key.hpp"

namespace weir::store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view format_begins = "weir store, format ";
constexpr std::size_t small_file_max = 64;

tl::unexpected<error> failed(const std::string& what, const fs::path& path, int code) {
  const bool full = code == ENOSPC || code == EDQUOT;
  return fail(full ? errc::store_full : errc::store_io,
              what + " " + path.string() + ": " + std::strerror(code));
}

// Up to small_file_max bytes from the beginning.
std::string contents(int descriptor) {
  std::array<char, small_file_max> bytes;
  const auto size = ::pread(descriptor, bytes.data(), bytes.size(), 0);
  return {bytes.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

result<void> sync_directory(const fs::path& path) {
  const file opened{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (opened.get() < 0 || ::fsync(opened.get()) != 0) return failed("cannot flush", path, errno);
  return {};
}

bool write_whole(int descriptor, std::string_view text) noexcept {
  return ::pwrite(descriptor, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
}

std::string witness_of(std::uint64_t number) {
  key_writer bytes;
  bytes.u64(number);
  const auto seal = stable_hash(bytes.bytes());
  return bytes.u64(seal).take();
}

}  // namespace

file& file::operator=(file&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

file::~file() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

result<directory> directory::open(const fs::path& path) {
  directory opened{path};
  if (auto done = opened.make(); !done) return fail(done.error());
  if (auto done = opened.lock(); !done) return fail(done.error());
  if (auto done = opened.check_format(); !done) return fail(done.error());
  if (opened.fresh_) {
    if (auto done = opened.check_contents(); !done) return fail(done.error());
  }
  if (auto done = opened.read_witness(O_RDWR | O_CREAT); !done) return fail(done.error());
  return opened;
}

result<directory> directory::open_read_only(const fs::path& path) {
  directory opened{path};
  if (auto done = opened.check_format(); !done) return fail(done.error());
  if (opened.fresh_) return fail(errc::not_found, "no store in " + path.string());
  if (auto done = opened.read_witness(O_RDONLY); !done) return fail(done.error());
  return opened;
}

result<void> directory::make() {
  std::error_code code;
  const bool made = fs::create_directories(path_, code);
  if (code) return failed("cannot make", path_, code.value());
  if (!fs::is_directory(path_, code)) return failed("cannot make", path_, ENOTDIR);
  return made ? sync_directory(fs::absolute(path_).parent_path()) : result<void>{};
}

result<void> directory::lock() {
  const auto name = path_ / "lock";
  lock_ = file{::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)};
  if (lock_.get() < 0) return failed("cannot write", name, errno);
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return failed("cannot lock", name, errno);
    auto owner = contents(lock_.get());
    owner.erase(std::min(owner.find('\n'), owner.size()));
    return fail(errc::store_locked, path_.string() + " is open in process " +
                                        (owner.empty() ? "that has not said which" : owner));
  }
  const auto owner = std::to_string(::getpid()) + "\n";
  if (::ftruncate(lock_.get(), 0) != 0 || !write_whole(lock_.get(), owner)) {
    return failed("cannot write", name, errno);
  }
  return {};
}

result<void> directory::check_format() {
  const auto name = path_ / "format";
  const file opened{::open(name.c_str(), O_RDONLY | O_CLOEXEC)};
  if (opened.get() < 0) {
    fresh_ = errno == ENOENT || errno == ENOTDIR;
    return fresh_ ? result<void>{} : failed("cannot read", name, errno);
  }
  const auto text = contents(opened.get());
  std::uint32_t version = 0;
  if (text.starts_with(format_begins) && text.ends_with('\n')) {
    const auto* end = text.data() + text.size() - 1;
    const auto number = std::from_chars(text.data() + format_begins.size(), end, version);
    if (number.ec != std::errc{} || number.ptr != end) version = 0;
  }
  if (version == 0) {
    return fail(errc::store_corrupt, name.string() + " does not say a format: " + printable(text));
  }
  if (version > format_version) {
    return fail(errc::store_newer_format, path_.string() + " is in format " +
                                              std::to_string(version) + ", this version reads " +
                                              std::to_string(format_version));
  }
  return {};
}

// Without a format only what an interrupted beginning leaves may be there.
result<void> directory::check_contents() const {
  static const std::set<std::string> ours{"lock", "engine", "witness", "format.new", "lost+found"};
  std::error_code code;
  for (fs::directory_iterator at{path_, code}, end; !code && at != end; at.increment(code)) {
    const auto name = at->path().filename().string();
    if (!ours.contains(name)) {
      return fail(errc::not_a_store,
                  path_.string() + " holds " + printable(name) + " and no store");
    }
  }
  return code ? failed("cannot read", path_, code.value()) : result<void>{};
}

result<void> directory::complete() {
  const auto name = path_ / "format.new";
  const auto text = std::string{format_begins} + std::to_string(format_version) + "\n";
  {
    const file made{::open(name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
    if (made.get() < 0 || !write_whole(made.get(), text) || ::fsync(made.get()) != 0) {
      return failed("cannot write", name, errno);
    }
  }
  if (::rename(name.c_str(), (path_ / "format").c_str()) != 0) {
    return failed("cannot name", path_ / "format", errno);
  }
  fresh_ = false;
  return sync_directory(path_);
}

result<void> directory::read_witness(int flags) {
  const auto name = path_ / "witness";
  witness_ = file{::open(name.c_str(), flags | O_CLOEXEC, 0644)};
  if (witness_.get() < 0) {
    return errno == ENOENT ? result<void>{} : failed("cannot open", name, errno);
  }
  const auto bytes = contents(witness_.get());
  const auto number = key_reader{bytes}.u64();
  acknowledged_ = bytes == witness_of(number) ? number : 0;
  return {};
}

void directory::acknowledge(std::uint64_t number) noexcept {
  if (write_whole(witness_.get(), witness_of(number))) acknowledged_ = number;
}

}  // namespace weir::store
