// SPDX-License-Identifier: BSD-3-Clause
// Files and standard input over plain descriptors: no second buffer beneath the reader's own, and
// errno intact for the message.
#include "weir/samples/flights/byte_source.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace flights {
namespace {

std::string reason_of(int number) { return std::generic_category().message(number); }

class descriptor_source final : public byte_source {
 public:
  descriptor_source(int descriptor, bool owned, stop_request stop)
      : descriptor_(descriptor), owned_(owned), stop_(std::move(stop)) {
    struct stat status {};
    if (::fstat(descriptor_, &status) == 0 && S_ISREG(status.st_mode)) {
      regular_ = true;
      total_bytes_ = static_cast<std::uint64_t>(status.st_size);
    }
  }
  descriptor_source(const descriptor_source&) = delete;
  descriptor_source& operator=(const descriptor_source&) = delete;
  ~descriptor_source() override {
    if (owned_) ::close(descriptor_);
  }

  weir::result<std::size_t> read(std::span<char> into) override {
    for (;;) {
      if (stop_ && !regular_ && !wait_for_bytes()) {
        return weir::fail(weir::errc::cancelled, "reading was cancelled");
      }
      const auto got = ::read(descriptor_, into.data(), into.size());
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR && errno != EAGAIN) {
        return weir::fail(weir::errc::io_failed, "cannot read: " + reason_of(errno));
      }
    }
  }
  std::uint64_t total_bytes() const override { return total_bytes_; }

 private:
  // A pipe may stay silent for ever, and the signal that ends the run may have been taken by
  // another thread: so the wait wakes up to look at the flag.
  bool wait_for_bytes() const {
    pollfd wanted{descriptor_, POLLIN, 0};
    while (!stop_()) {
      if (::poll(&wanted, 1, 100) > 0) return true;
    }
    return false;
  }

  int descriptor_;
  bool owned_;
  bool regular_ = false;
  stop_request stop_;
  std::uint64_t total_bytes_ = 0;
};

}  // namespace

weir::result<std::unique_ptr<byte_source>> open_source(const std::string& path,
                                                       const stop_request& stop) {
  if (path == "-") return std::make_unique<descriptor_source>(STDIN_FILENO, false, stop);
  // A named pipe without a writer would hold the call itself, out of reach of the stop request.
  const int wait = stop ? O_NONBLOCK : 0;
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | wait);
  if (descriptor < 0) {
    const int number = errno;
    const auto code = number == ENOENT ? weir::errc::not_found : weir::errc::io_failed;
    return weir::fail(code, "cannot open: " + reason_of(number));
  }
  return std::make_unique<descriptor_source>(descriptor, true, stop);
}

}  // namespace flights
