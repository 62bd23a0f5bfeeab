// SPDX-License-Identifier: BSD-3-Clause
// Losing power on one machine: the data lie on an ext4 image on a loop device. At the cut the
// writer is stopped, the image is copied as the device has left it, and the copy is mounted, whose
// journal is then replayed. What was only in the writer's file system cache is gone.
//
// A process is stopped between two system calls, so no flush is cut in its middle. The copy takes
// some milliseconds; if the device was written meanwhile, it is made again.
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>
#include <vector>

#include "weir/tests/crashes/ground.hpp"

extern char** environ;

namespace crash_tests {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t image_bytes = 512UL * 1024 * 1024;
constexpr int copies_max = 20;

/// Runs a command; what it prints goes to `log`. False if it fails or is not there.
bool run(std::vector<std::string> words, const std::string& log) {
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  for (const int stream : {1, 2}) {
    posix_spawn_file_actions_addopen(&files, stream, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                     0600);
  }
  // In a group of its own: Ctrl-C is for us, who then clean up with such commands.
  posix_spawnattr_t alone;
  posix_spawnattr_init(&alone);
  posix_spawnattr_setflags(&alone, POSIX_SPAWN_SETPGROUP);
  pid_t child = 0;
  const bool begun =
      posix_spawnp(&child, arguments[0], &files, &alone, arguments.data(), environ) == 0;
  posix_spawnattr_destroy(&alone);
  posix_spawn_file_actions_destroy(&files);
  int status = 0;
  while (begun && waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return begun && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::string first_line(const std::string& path) {
  std::string line;
  std::getline(std::ifstream{path} >> std::ws, line);
  return line;
}

class image_ground final : public ground {
 public:
  explicit image_ground(std::string folder)
      : image_(folder + "/image"), mounted_(folder + "/mounted"), log_(folder + "/log") {}
  ~image_ground() override {
    leave();
    std::error_code ignored;
    fs::remove(image_, ignored);
  }

  bool begin(std::string& why) {
    fs::create_directory(mounted_);
    std::ofstream{image_};
    fs::resize_file(image_, image_bytes);
    if (geteuid() != 0) {
      why = "only root mounts file systems";
    } else if (!run({"mkfs.ext4", "-q", "-F", image_}, log_)) {
      why = "mkfs.ext4: " + first_line(log_);
    } else if (!enter()) {
      why = "mounting a loop device: " + first_line(log_);
    }
    return why.empty();
  }

  std::string directory() const override { return mounted_ + "/data"; }

  bool end(pid_t process) override {
    int status = 0;
    if (kill(process, SIGSTOP) != 0 || waitpid(process, &status, WUNTRACED) != process ||
        !WIFSTOPPED(status)) {
      std::fprintf(stderr, "weir_crash: the writer does not stop\n");
      return false;
    }
    const auto copy = image_ + ".cut";
    const bool copied = copy_to(copy);
    kill(process, SIGKILL);
    // It holds the file system until it is gone; its parent reaps it.
    siginfo_t gone{};
    waitid(P_PID, static_cast<id_t>(process), &gone, WEXITED | WNOWAIT);
    if (!copied || !leave()) return false;
    fs::rename(copy, image_);
    return enter();
  }

 private:
  bool copy_to(const std::string& copy) {
    for (int tries = 0; tries < copies_max; ++tries) {
      const auto before = writes();
      if (!run({"cp", "--sparse=always", image_, copy}, log_)) return complain("cp");
      if (writes() == before) return true;
    }
    std::fprintf(stderr, "weir_crash: the device is written all the time\n");
    return false;
  }
  std::string writes() const {
    return first_line("/sys/block/" + device_.substr(device_.rfind('/') + 1) + "/stat");
  }
  bool enter() {
    if (!run({"losetup", "--find", "--show", image_}, log_)) return complain("losetup");
    device_ = first_line(log_);
    // What is not flushed on purpose stays out of the image longer than a round takes.
    if (run({"mount", "-t", "ext4", "-o", "commit=300", device_, mounted_}, log_)) return true;
    complain("mount");
    run({"losetup", "--detach", std::exchange(device_, {})}, log_ + ".detach");
    return false;
  }
  bool leave() {
    if (device_.empty()) return true;
    bool left = run({"umount", mounted_}, log_);
    if (!left) complain("umount");
    left = run({"losetup", "--detach", std::exchange(device_, {})}, log_) && left;
    return left;
  }
  bool complain(const char* command) const {
    std::fprintf(stderr, "weir_crash: %s: %s\n", command, first_line(log_).c_str());
    return false;
  }

  std::string image_;
  std::string mounted_;
  std::string log_;
  std::string device_;
};

}  // namespace

std::unique_ptr<ground> powered_ground(const std::string& folder, std::string& why) {
  auto made = std::make_unique<image_ground>(folder);
  if (!made->begin(why)) return nullptr;
  return made;
}

unflushed cut_unflushed_writer(ground& where) {
  constexpr long lines = 2'000;
  int ends[2];
  if (pipe(ends) != 0) return {};
  const auto path = fs::path{where.directory()}.parent_path() / "unflushed";
  const auto child = fork();
  if (child == 0) {
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    for (long i = 0; i < lines; ++i) {
      if (write(file, "line\n", 5) != 5 || write(ends[1], "a", 1) != 1) _exit(1);
    }
    for (;;) pause();
  }
  close(ends[1]);
  unflushed found{0, 0};
  for (char one = 0; found.announced < lines && read(ends[0], &one, 1) == 1;) ++found.announced;
  close(ends[0]);
  const bool cut = where.end(child);
  waitpid(child, nullptr, 0);
  if (!cut || found.announced < lines) return {};
  std::ifstream file{path};
  for (std::string line; std::getline(file, line);) ++found.left;
  return found;
}

}  // namespace crash_tests
