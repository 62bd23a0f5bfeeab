// SPDX-License-Identifier: BSD-3-Clause
// Seeds, faults, threads, and the report.
#include "weir/actors/cli/simulate.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cmath>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "weir/actors/cli/report.hpp"
#include "weir/runtime/codec/json_writer.hpp"
#include "weir/runtime/core/hash.hpp"
#include "weir/runtime/store/memory_store.hpp"

namespace weir::cli {
namespace {

/// Ends a subscriber: being no std::exception, it is no failure of the event.
struct subscriber_death {};

struct fault_point {
  std::string_view name;
  double standard;
  std::string_view what;
};
constexpr fault_point points[] = {{"handler-fails", 0.02, "returns an error that is transient"},
                                  {"handler-throws", 0.01, "throws a std::exception"},
                                  {"event-rejected", 0.0, "refuses the event, each time"},
                                  {"subscriber-dies", 0.005, "ends its subscriber"},
                                  {"node-crashes", 0.0, "the node, once in the run"}};
/// Which call of the store a node crashes at, at most.
constexpr std::uint64_t crash_call_max = 400;

std::string names_of_points() {
  std::string names;
  for (const auto& one : points) names += (names.empty() ? "" : ", ") + std::string{one.name};
  return names;
}

constexpr std::uint64_t seeds_max = 10'000'000;

struct seed_range {
  std::uint64_t first;
  std::uint64_t last;
};

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

result<seed_range> seeds_of(const std::string& text) {
  const auto dots = text.find("..");
  const auto first = number_of(text.substr(0, dots));
  const auto last = dots == std::string::npos ? first : number_of(text.substr(dots + 2));
  if (first && last && *first >= 1 && *first <= *last && *last - *first < seeds_max) {
    return seed_range{*first, *last};
  }
  return fail(errc::invalid_argument, "--seeds: '" + text +
                                          "' is no seed such as 7 and no range such as 1..1000 "
                                          "(from 1, at most 10,000,000)");
}

/// Which passing of its point a call is: a function of what is called, not of when.
std::uint64_t passing(std::string_view subscription, const context& where, bool each_time) {
  std::string which{subscription};
  which.append("/").append(where.header().type->name);
  which.append("/").append(std::to_string(where.partition()));
  which.append("/").append(std::to_string(where.offset()));
  if (each_time) {
    which.append("/").append(std::to_string(where.delivery_count()));
    which.append("/").append(std::to_string(where.attempt()));
  }
  return stable_hash(which);
}

result<void> strike(const sim::fault_plan& plan, std::string_view subscription,
                    const context& where) {
  const auto call = passing(subscription, where, true);
  if (plan.fires("handler-fails", call)) return fail(errc::unavailable, "simulated: a failure");
  if (plan.fires("handler-throws", call)) throw std::runtime_error{"simulated: an exception"};
  if (plan.fires("subscriber-dies", call)) throw subscriber_death{};
  if (plan.fires("event-rejected", passing(subscription, where, false))) {
    return fail(errc::rejected, "simulated: refused");
  }
  return {};
}

std::string check(weir::node& node) {
  for (const auto& [subscription, topic, counts] : node.ledgers()) {
    if (counts.balanced() && counts.in_flight == 0) continue;
    return "the ledger of " + subscription + " in " + topic + ": " + to_string(counts);
  }
  return {};
}

/// One run of the topology; why it failed, or nothing.
std::string live(const topology& target, const settings& chosen) {
  auto declared = target.build(chosen);
  if (!declared) return to_string(declared.error());
  std::ostringstream unread;
  const interrupt never;
  auto ran = declared->node->start();
  if (ran) ran = declared->run(unread, never);
  return ran ? check(*declared->node) : to_string(ran.error());
}

std::string without_digits(std::string text) {
  std::erase_if(text, [](char letter) { return letter >= '0' && letter <= '9'; });
  return text;
}

/// Failures with the same cause.
struct failure_group {
  std::uint64_t seeds = 0;
  std::uint64_t first = 0;
  std::string message;
};

/// All seeds of a command.
class campaign {
 public:
  campaign(const topology& target, const settings& chosen, std::string faults, seed_range seeds)
      : target_(target), chosen_(chosen), faults_(std::move(faults)), seeds_(seeds) {}

  void run(const interrupt& stop) {
    next_ = seeds_.first;
    std::vector<std::thread> threads;
    for (auto left = std::max(std::thread::hardware_concurrency(), 1U); left > 1; --left) {
      threads.emplace_back([&] { work(stop); });
    }
    work(stop);
    for (auto& one : threads) one.join();
  }

  std::uint64_t done() const { return done_; }
  std::uint64_t failed() const {
    std::uint64_t seeds = 0;
    for (const auto& [print, group] : failures_) seeds += group.seeds;
    return seeds;
  }
  std::uint64_t calls() const { return calls_; }
  /// The sum over seeds: in whatever order they were run.
  std::uint64_t digest() const { return digest_; }
  const std::map<std::string, failure_group>& failures() const { return failures_; }

  /// The faults without those kinds that this seed fails without as well.
  std::string fewest_faults(const failure_group& group) const {
    std::vector<std::string> needed;
    for (const auto& point : points) {
      if (plan(group.first).probability(point.name) > 0) needed.emplace_back(point.name);
    }
    for (std::size_t i = 0; i < needed.size();) {
      auto fewer = needed;
      fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
      const auto found = simulate_seed(target_, chosen_, plan(group.first, fewer));
      const bool same = without_digits(found.failure) == without_digits(group.message);
      if (same) needed = std::move(fewer);
      if (!same) ++i;
    }
    std::string text;
    for (const auto& name : needed) {
      std::ostringstream share;
      share << plan(group.first).probability(name);
      text += (text.empty() ? "" : ",") + name + "=" + share.str();
    }
    return text.empty() ? "none" : text;
  }

 private:
  sim::fault_plan plan(std::uint64_t seed) const { return *plan_of(faults_, seed); }
  sim::fault_plan plan(std::uint64_t seed, const std::vector<std::string>& names) const {
    const auto all = plan(seed);
    sim::fault_plan some{seed};
    for (const auto& name : names) some.set(name, all.probability(name));
    return some;
  }

  void work(const interrupt& stop) {
    while (!stop.requested()) {
      const auto seed = next_++;
      if (seed > seeds_.last) return;
      auto outcome = simulate_seed(target_, chosen_, plan(seed));
      const std::lock_guard lock{access_};
      ++done_;
      calls_ += outcome.calls.size();
      digest_ += stable_hash(std::to_string(seed) + "/" + std::to_string(outcome.calls.digest()) +
                             "/" + outcome.failure);
      if (outcome.failure.empty()) continue;
      auto& group = failures_[without_digits(outcome.failure)];
      if (group.seeds++ == 0 || seed < group.first) {
        group.first = seed;
        group.message = std::move(outcome.failure);
      }
    }
  }

  const topology& target_;
  const settings& chosen_;
  std::string faults_;
  seed_range seeds_;
  std::atomic<std::uint64_t> next_{0};
  std::mutex access_;
  std::uint64_t done_ = 0;
  std::uint64_t calls_ = 0;
  std::uint64_t digest_ = 0;
  std::map<std::string, failure_group> failures_;
};

std::string hex(std::uint64_t value) {
  std::ostringstream text;
  text << std::hex << value;
  return text.str();
}

/// The topology's own options as they were given, each with a blank in front.
std::string given_options(const topology& target, const settings& chosen) {
  std::string text;
  for (const auto& one : target.options) {
    const auto given = chosen.own.find(one.name);
    if (given == chosen.own.end() || standard_of(one) == given->second) continue;
    text += " --" + one.name;
    if (const auto* number = std::get_if<std::uint64_t>(&given->second)) {
      text += " " + std::to_string(*number);
    } else if (const auto* words = std::get_if<std::string>(&given->second)) {
      text += " '" + *words + "'";
    }
  }
  if (chosen.partitions) text += " --partitions " + std::to_string(*chosen.partitions);
  return text;
}

void report(const std::string& program, const topology& target, const settings& chosen,
            const campaign& all, std::ostream& out) {
  const bool json = chosen.report == report_format::json;
  const auto faults = *chosen.text("faults");
  if (json) {
    out << R"({"topology":)" << codec::to_json(target.name) << R"(,"seeds":)" << all.done()
        << R"(,"failed":)" << all.failed() << R"(,"calls":)" << all.calls() << R"(,"digest":")"
        << hex(all.digest()) << "\"}\n";
  } else {
    out << target.name << ": " << grouped(all.done()) << " seeds, " << grouped(all.calls())
        << " calls of handlers, faults " << faults << ", digest " << hex(all.digest()) << '\n'
        << grouped(all.done() - all.failed()) << " passed, " << grouped(all.failed())
        << " failed\n";
  }
  for (const auto& [print, group] : all.failures()) {
    const auto repeat = program + " simulate " + target.name + given_options(target, chosen) +
                        " --seeds " + std::to_string(group.first) + " --faults " +
                        all.fewest_faults(group);
    if (json) {
      out << R"({"failure":)" << codec::to_json(group.message) << R"(,"seeds":)" << group.seeds
          << R"(,"first":)" << group.first << R"(,"repeat":)" << codec::to_json(repeat) << "}\n";
    } else {
      out << grouped(group.seeds) << " seeds, the first " << group.first << ": "
          << one_line(group.message) << "\n  again: " << repeat << '\n';
    }
  }
}

}  // namespace

std::vector<option> simulate_options() {
  std::string shares;
  for (const auto& one : points) {
    if (one.standard == 0) continue;
    std::ostringstream share;
    share << one.name << "=" << one.standard;
    shares += (shares.empty() ? "" : ",") + share.str();
  }
  return {{"seeds", "which: 7, or 1..1000", text{.name = "SEEDS", .standard = "1..100"}},
          {"faults", "none, or shares of calls of " + names_of_points(),
           text{.name = "FAULTS", .standard = shares}},
          {"transcript", "writes the calls of the first seed to this file",
           text{.name = "FILE"}}};
}

result<sim::fault_plan> plan_of(const std::string& text, std::uint64_t seed) {
  sim::fault_plan plan{seed};
  if (text == "none") return plan;
  for (std::size_t from = 0; from <= text.size();) {
    const auto end = std::min(text.find(',', from), text.size());
    const auto one = text.substr(from, end - from);
    from = end + 1;
    const auto equals = one.find('=');
    const auto name = one.substr(0, equals);
    const bool known = std::any_of(std::begin(points), std::end(points),
                                   [&](const auto& point) { return point.name == name; });
    if (!known) {
      return fail(errc::invalid_argument,
                  "--faults: '" + name + "' is no fault; there are " + names_of_points());
    }
    std::istringstream number{equals == std::string::npos ? "" : one.substr(equals + 1)};
    double share = -1;
    if (!(number >> share) || !number.eof() || !(share >= 0 && share <= 1)) {
      return fail(errc::invalid_argument,
                  "--faults: '" + one + "' is not " + name + "=SHARE with a share from 0 to 1");
    }
    plan.set(name, share);
  }
  return plan;
}

seed_outcome simulate_seed(const topology& target, const settings& chosen,
                           const sim::fault_plan& plan, std::size_t lines_kept_max) {
  seed_outcome outcome{{}, sim::transcript{lines_kept_max}};
  const auto disk = std::make_shared<store::memory_store>();
  auto simulated = chosen;
  simulated.node.store = disk;
  simulated.node.simulated = true;
  simulated.node.seed = plan.seed();
  simulated.node.log_threshold = log_level::off;
  // Subscribers are ended on purpose; the usual intensity would conclude that all is lost.
  simulated.node.intensity = {.restarts = supervision::intensity::restarts_max,
                              .window = std::chrono::milliseconds{100}};
  simulated.node.interfere = [&](std::string_view subscription, const context& where) {
    outcome.calls.add(std::string{subscription} + ' ' + std::string{where.header().type->name} +
                      ' ' + std::to_string(where.partition()) + " @" +
                      std::to_string(where.offset()) + " (" +
                      std::to_string(where.delivery_count()) + "." +
                      std::to_string(where.attempt()) + ")");
    return strike(plan, subscription, where);
  };
  if (plan.fires("node-crashes", 0)) {
    auto dice = plan.dice("node-crashes", 0);
    disk->set_faults({.seed = plan.seed(), .crash_at_call = 1 + dice.below(crash_call_max)});
    // What it says of itself is no matter: it crashed.
    static_cast<void>(live(target, simulated));
    disk->set_faults({});
    disk->reopen();
    outcome.calls.add("the node begins again");
  }
  outcome.failure = live(target, simulated);
  return outcome;
}

result<void> simulate(const std::string& program, const topology& target, const settings& chosen,
                      std::ostream& out, const interrupt& stop) {
  const auto seeds = seeds_of(*chosen.text("seeds"));
  if (!seeds) return fail(seeds.error());
  const auto faults = *chosen.text("faults");
  const auto plan = plan_of(faults, seeds->first);
  if (!plan) return fail(plan.error());
  // What does not build or start is no matter of seeds.
  if (auto built = target.build(chosen); !built) return fail(std::move(built.error()));
  campaign all{target, chosen, faults, *seeds};
  all.run(stop);
  if (const auto file = chosen.text("transcript")) {
    constexpr std::size_t lines = 1'000'000;
    std::ofstream to{*file};
    to << simulate_seed(target, chosen, *plan, lines).calls.text();
    if (!to.flush()) return fail(errc::io_failed, *file + ": cannot be written");
  }
  report(program, target, chosen, all, out);
  if (stop.requested()) return fail(errc::cancelled, "interrupted");
  if (all.failed() == 0) return {};
  return fail(errc::invalid_topology, std::to_string(all.failed()) + " seeds failed");
}

}  // namespace weir::cli
