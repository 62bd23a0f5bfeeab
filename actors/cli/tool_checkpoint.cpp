// SPDX-License-Identifier: BSD-3-Clause
// `checkpoint`: a copy of a data directory as it is, also of one that a node is writing. It has its
// name only when it is whole.
#include <filesystem>

#include "weir/actors/cli/tool.hpp"
#include "weir/runtime/store/copy.hpp"
#include "weir/runtime/store/rocksdb_store.hpp"

namespace weir::cli {
namespace {

namespace fs = std::filesystem;

error must_not_be_there(const fs::path& path) {
  return {errc::already_exists, path.string() + ": there is something"};
}

result<void> copy(const store::store& from, const fs::path& into) {
  auto made = store::rocksdb_store::open(into);
  if (!made) return fail(std::move(made.error()));
  return store::copy_records(from, **made);
}

result<void> checkpoint(const settings& chosen, std::ostream& out, const interrupt&) {
  const auto from = *chosen.text("data");
  const fs::path into{*chosen.text("into")};
  auto begun = into;
  begun += ".begun";
  std::error_code code;
  for (const auto& path : {into, begun}) {
    if (fs::exists(fs::symlink_status(path, code))) return fail(must_not_be_there(path));
  }
  const auto where = store::rocksdb_store::open_read_only(from);
  if (!where) return fail(where.error());
  if (auto copied = copy(**where, begun); !copied) return copied;
  fs::rename(begun, into, code);
  if (code) return fail(errc::store_io, into.string() + ": " + code.message());
  out << from << " is copied into " << into.string() << '\n';
  return {};
}

}  // namespace

tool checkpoint_tool() {
  return {"checkpoint",
          "copies a data directory, while a node may go on writing it",
          {},
          {{"data", "the data directory", text{.name = "DIR"}},
           {"into", "the copy, which must not be there", text{.name = "DIR"}}},
          {"data", "into"},
          &checkpoint};
}

}  // namespace weir::cli
