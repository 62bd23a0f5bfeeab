// SPDX-License-Identifier: BSD-3-Clause
// Exceptions as errors.
#include "weir/runtime/delivery/handler.hpp"

#include <cstdlib>
#include <typeinfo>

#include <boost/core/demangle.hpp>

namespace weir::delivery {
namespace {

/// A chain deeper than this is a program that wraps in a loop; the rest is cut.
constexpr int causes_max = 16;

void append_causes(const std::exception& thrown, std::vector<cause>& causes) {
  causes.push_back({boost::core::demangle(typeid(thrown).name()), thrown.what()});
  if (causes.size() >= causes_max) return;
  try {
    std::rethrow_if_nested(thrown);
  } catch (const std::exception& inner) {
    append_causes(inner, causes);
  } catch (...) {
    causes.push_back({"unknown", "an exception that is no std::exception"});
  }
}

}  // namespace

error current_exception_error() {
  error failure{errc::handler_threw, {}};
  try {
    throw;
  } catch (const std::exception& thrown) {
    failure.message = thrown.what();
    append_causes(thrown, failure.causes);
  } catch (...) {
    failure.message = "an exception that is no std::exception";
  }
  return failure;
}

run_outcome run_handler::run_chosen(const event_slot* slots,
                                    std::span<const std::uint32_t> indices, context& where) {
  const auto count = static_cast<std::uint32_t>(indices.size());
  for (std::uint32_t done = 0; done < count;) {
    auto next = done + 1;
    while (next < count && indices[next] == indices[next - 1] + 1) ++next;
    auto outcome = run(slots, indices[done], indices[next - 1] + 1, where);
    const bool whole = !outcome.failed && outcome.handled == next - done;
    outcome.handled = done += outcome.handled;
    if (!whole || where.paused() || !where.has_room()) return outcome;
  }
  return {count, false, {}};
}

void handler_table::add(const event_type& type, std::unique_ptr<run_handler> handler) {
  if (by_type_.size() <= type.index) by_type_.resize(type.index + 1);
  by_type_[type.index] = std::move(handler);
}

}  // namespace weir::delivery
