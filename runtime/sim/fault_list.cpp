// SPDX-License-Identifier: BSD-3-Clause
// Lines to faults and back.
#include "weir/runtime/sim/fault_list.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <sstream>

#include "weir/runtime/core/digits.hpp"

namespace weir::sim {
namespace {

struct unit {
  std::string_view name;
  std::int64_t nanoseconds;
};
constexpr unit units[] = {{"s", 1'000'000'000}, {"ms", 1'000'000}, {"us", 1'000}, {"ns", 1}};
/// A fault that lasts longer is a slip of the pen.
constexpr std::uint64_t seconds_max = 1'000'000;

std::string shown(duration lasts) {
  const auto* fits = std::begin(units);
  while (lasts.count() % fits->nanoseconds != 0) ++fits;
  return std::to_string(lasts.count() / fits->nanoseconds).append(fits->name);
}

std::optional<duration> duration_in(std::string_view text) {
  const bool back = text.starts_with('-');
  if (back) text.remove_prefix(1);
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = number_in(text.substr(0, digits));
  for (const auto& one : units) {
    if (one.name != text.substr(digits)) continue;
    const auto scale = static_cast<std::uint64_t>(one.nanoseconds);
    if (!number || *number == 0 || *number > seconds_max * 1'000'000'000 / scale) break;
    return duration{static_cast<std::int64_t>(*number * scale) * (back ? -1 : 1)};
  }
  return std::nullopt;
}

std::optional<double> share_in(std::string_view text) {
  const std::string digits{text};
  char* end = nullptr;
  const double share = std::strtod(digits.c_str(), &end);
  const bool plain = digits.find_first_not_of("0123456789.e-+") == std::string::npos;
  if (digits.empty() || !plain || *end != '\0' || !(share >= 0 && share <= 1)) return std::nullopt;
  return share;
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") + 1 - first);
}

using wrong = std::optional<std::string>;

/// Takes ` for DURATION` from the end of `rest`, if it is there.
wrong take_duration(const fault_point& point, std::string_view& rest, duration& lasts) {
  const auto from = rest.rfind(" for ");
  if (from == std::string_view::npos) return std::nullopt;
  const auto given = duration_in(trimmed(rest.substr(from + 5)));
  const std::string text{rest.substr(from + 1)};
  if (point.longest == duration::zero()) {
    return "'" + text + "': " + std::string{point.name} + " does not last";
  }
  if (!given || (*given < duration::zero() && point.what != fault::clock_jumps)) {
    return "'" + text + "' is no time such as 'for 250ms'";
  }
  lasts = *given;
  rest = trimmed(rest.substr(0, from));
  return std::nullopt;
}

wrong read_scripted(const fault_point& point, std::string_view rest, fault_list& into) {
  scripted_fault one{.what = point.what};
  if (auto bad = take_duration(point, rest, one.lasts)) return bad;
  const bool at = rest.starts_with("at");
  const auto what = trimmed(rest.substr(std::min(rest.find(' '), rest.size())));
  if (at) {
    one.place = what;
  } else {
    one.call = number_in(what).value_or(0);
  }
  if (one.place.empty() && one.call == 0) {
    return "'" + std::string{rest} + "' is not " + (at ? "'at PLACE'" : "'call N' with N from 1");
  }
  into.script.push_back(std::move(one));
  return std::nullopt;
}

wrong read_line(std::string_view line, fault_list& into) {
  const std::string name{line.substr(0, line.find_first_of(" ="))};
  const auto* point = find_fault(name);
  if (point == nullptr) return "'" + name + "' is no fault; there are " + names_of_faults();
  auto rest = trimmed(line.substr(name.size()));
  if (rest.starts_with("at ") || rest.starts_with("call ") || rest == "at" || rest == "call") {
    return read_scripted(*point, rest, into);
  }
  if (rest.starts_with('=')) rest = trimmed(rest.substr(1));
  const auto share = share_in(rest);
  if (!share) {
    return "'" + std::string{line} + "' is not " + name + "=SHARE with a share from 0 to 1, nor '" +
           name + " at PLACE' or '" + name + " call N'";
  }
  into.share(point->what) = *share;
  return std::nullopt;
}

}  // namespace

std::string to_string(const scripted_fault& one) {
  std::string text{point_of(one.what).name};
  text += one.place.empty() ? " call " + std::to_string(one.call) : " at " + one.place;
  if (one.lasts != duration::zero()) text += " for " + shown(one.lasts);
  return text;
}

bool fault_list::empty() const noexcept {
  return script.empty() &&
         std::all_of(shares.begin(), shares.end(), [](double share) { return share == 0; });
}

fault_list standard_faults() {
  fault_list all;
  for (const auto& one : fault_points()) all.share(one.what) = one.standard;
  return all;
}

std::string to_string(const fault_list& all) {
  auto text = plan_text(all);
  if (text.empty()) return "none";
  text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ',');
  return text;
}

std::string plan_text(const fault_list& all) {
  std::ostringstream text;
  for (const auto& one : fault_points()) {
    if (all.share(one.what) != 0) text << one.name << '=' << all.share(one.what) << '\n';
  }
  for (const auto& one : all.script) text << to_string(one) << '\n';
  return text.str();
}

result<fault_list> read_faults(std::string_view text, std::string_view name) {
  fault_list all;
  const bool one_line = text.find('\n') == std::string_view::npos;
  std::size_t number = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(one_line ? "," : "\n"), text.size());
    const auto line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto where =
        std::string{name} + ":" + (one_line ? " " : std::to_string(number + 1) + ": ");
    if (++number > script_lines_max) return fail(errc::invalid_argument, where + "too many lines");
    if (line.empty() || line.starts_with('#') || line == "none") continue;
    if (auto bad = read_line(line, all)) return fail(errc::invalid_argument, where + *bad);
  }
  return all;
}

}  // namespace weir::sim
