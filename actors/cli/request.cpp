// SPDX-License-Identifier: BSD-3-Clause
// The only file that includes CLI11: it splits arguments and lays out help. Which command and which
// topology are meant is decided here, what values mean in option.cpp.
#include "weir/actors/cli/request.hpp"

#include <algorithm>
#include <deque>
#include <optional>

#include <CLI/CLI.hpp>

#include "weir/actors/cli/simulate.hpp"
#include "weir/runtime/core/invariant.hpp"
#include "weir/runtime/topology/limits.hpp"

namespace weir::cli {
namespace {

namespace limits = weir::topology;

struct known_command {
  std::string_view word;
  action what;
};
constexpr known_command commands[] = {
    {"list", action::list}, {"describe", action::describe}, {"run", action::run},
    {"simulate", action::simulate}};

std::vector<option> common_options() {
  return {
      {"threads", "worker threads; without it one per core", number{.least = 1, .most = 256}},
      {"partitions", "partitions of each topic; without it the topology chooses",
       number{.least = limits::partitions.least, .most = limits::partitions.most}},
      {"seed", "seed of all chance in the node; without it, a new one each time",
       number{.name = "S", .least = 1}},
      {"memory-budget", "the topology does not start if its memory bound is above this",
       bytes{.least = limits::memory_budget.least, .most = limits::memory_budget.most}},
      {"log-level", "what is logged to standard error",
       text{.one_of = {"trace", "debug", "info", "warn", "error", "off"}}},
      {"report", "how the result is printed", text{.standard = "text", .one_of = {"text", "json"}}},
  };
}

std::string names_of(std::span<const topology> topologies) {
  std::string names;
  for (const auto& one : topologies) names += (names.empty() ? "" : ", ") + one.name;
  return names;
}

std::string names_of_tools() {
  std::string names;
  for (const auto& one : tools()) names += (names.empty() ? "" : ", ") + one.name;
  return names;
}

const topology* find(std::span<const topology> topologies, std::string_view name) {
  const auto found = std::find_if(topologies.begin(), topologies.end(),
                                  [&](const topology& one) { return one.name == name; });
  return found == topologies.end() ? nullptr : &*found;
}

const tool* find_tool(std::string_view word) {
  for (const auto& one : tools()) {
    if (one.name == word) return &one;
  }
  return nullptr;
}

const known_command* find_command(std::string_view word) {
  const auto* found = std::find_if(std::begin(commands), std::end(commands),
                                   [&](const known_command& one) { return one.word == word; });
  return found == std::end(commands) ? nullptr : found;
}

bool asks_for_help(std::string_view word) { return word == "-h" || word == "--help"; }
bool is_option(std::string_view word) { return word.size() > 1 && word.front() == '-'; }

std::string overview(const std::string& program, std::span<const topology> topologies) {
  std::string help = "usage: " + program + " TOOL [OPTIONS]\n";
  if (!topologies.empty()) {
    help = "usage: " + program + " list\n       " + program +
           " describe [TOPOLOGY] [OPTIONS]\n       " + program +
           " run [TOPOLOGY] [OPTIONS]\n       " + program +
           " simulate [TOPOLOGY] [--seeds 1..1000] [OPTIONS]\n";
    help += topologies.size() == 1 ? "The words run and " + topologies[0].name +
                                         " may be left out.\n"
                                   : program + " TOPOLOGY --help lists the options.\n";
    help += "topologies:\n";
  }
  for (const auto& one : topologies) help += "  " + one.name + "  " + one.summary + "\n";
  help += "on a data directory:\n";
  for (const auto& one : tools()) help += "  " + one.name + "  " + one.summary + "\n";
  return help;
}

/// The options of one topology or tool as CLI11 knows them.
class option_parser {
 public:
  option_parser(const std::string& words, const std::string& summary, std::vector<option> options)
      : options_(std::move(options)), app_(summary, words) {
    app_.allow_extras();
    for (const auto& one : options_) add(one);
  }

  std::string help() const { return app_.help(); }

  /// errc::invalid_argument for the first thing that is wrong.
  result<option_values> parse(std::vector<std::string> words) {
    try {
      std::reverse(words.begin(), words.end());
      app_.parse(std::move(words));
    } catch (const CLI::ParseError& problem) {
      return fail(errc::invalid_argument, problem.what());
    }
    if (const auto extra = app_.remaining(); !extra.empty()) return unexpected(extra.front());
    option_values values;
    for (std::size_t i = 0; i < options_.size(); ++i) {
      const auto& one = options_[i];
      if (declared_[i]->count() > 0) {
        auto value = cli::parse(one, given_[i]);
        if (!value) return fail(std::move(value.error()));
        values.emplace(one.name, std::move(*value));
      } else if (auto standard = standard_of(one)) {
        values.emplace(one.name, std::move(*standard));
      }
    }
    return values;
  }

 private:
  void add(const option& one) {
    auto& given = given_.emplace_back();
    if (std::holds_alternative<flag>(one.takes)) {
      declared_.push_back(app_.add_flag("--" + one.name, one.summary)->disable_flag_override());
      return;
    }
    auto* const declared = app_.add_option("--" + one.name, given, one.summary);
    declared->type_name(value_name(one));
    if (const auto standard = standard_of(one)) declared->default_str(shown(*standard));
    declared_.push_back(declared);
  }

  static std::string shown(const option_value& value) {
    if (const auto* digits = std::get_if<std::uint64_t>(&value)) return std::to_string(*digits);
    const auto* words = std::get_if<std::string>(&value);
    return words == nullptr ? "" : *words;
  }

  tl::unexpected<error> unexpected(const std::string& word) const {
    std::string known;
    for (const auto& one : options_) known += (known.empty() ? "--" : ", --") + one.name;
    return fail(errc::invalid_argument, (is_option(word) ? "unknown option '" : "unexpected '") +
                                            word + "'; options are " + known);
  }

  std::vector<option> options_;
  CLI::App app_;
  std::deque<std::string> given_;  // CLI11 keeps references
  std::vector<CLI::Option*> declared_;
};

std::vector<option> options_of(const topology& target) {
  auto all = target.options;
  for (auto& one : common_options()) all.push_back(std::move(one));
  return all;
}

template <class T>
std::optional<T> taken(option_values& values, std::string_view name) {
  const auto found = values.find(name);
  if (found == values.end()) return std::nullopt;
  auto value = std::get<T>(std::move(found->second));
  values.erase(found);
  return value;
}

settings settings_of(const topology& target, option_values values) {
  settings chosen;
  chosen.node = target.node;
  chosen.node.name = target.name;
  if (const auto given = taken<std::uint64_t>(values, "threads")) {
    chosen.node.threads = static_cast<unsigned>(*given);
  }
  if (const auto given = taken<std::uint64_t>(values, "partitions")) {
    chosen.partitions = static_cast<std::uint32_t>(*given);
  }
  chosen.node.seed = taken<std::uint64_t>(values, "seed").value_or(chosen.node.seed);
  chosen.node.memory_budget_bytes = taken<std::uint64_t>(values, "memory-budget")
                                        .value_or(chosen.node.memory_budget_bytes);
  if (const auto given = taken<std::string>(values, "log-level")) {
    const auto level = parse_log_level(*given);
    WEIR_INVARIANT(level.has_value(), "the option admits only levels");
    chosen.node.log_threshold = *level;
  }
  if (taken<std::string>(values, "report") == "json") chosen.report = report_format::json;
  chosen.own = std::move(values);
  return chosen;
}

/// Takes the command from the front of `words`; without one, a topology means run.
result<action> take_command(std::vector<std::string>& words, std::span<const topology> topologies) {
  if (!words.empty()) {
    if (const auto* command = find_command(words.front())) {
      words.erase(words.begin());
      return command->what;
    }
    if (find(topologies, words.front()) != nullptr) return action::run;
  }
  if (words.empty() ? topologies.size() == 1 : is_option(words.front()) && topologies.size() == 1) {
    return action::run;
  }
  if (topologies.empty()) {
    return fail(errc::invalid_argument, (words.empty() ? std::string{"no command given"}
                                                       : "unknown command '" + words.front() +
                                                             "'") +
                                            "; commands are " + names_of_tools());
  }
  return fail(errc::invalid_argument,
              (words.empty() ? std::string{"no command or topology given"}
                             : "unknown command or topology '" + words.front() + "'") +
                  "; commands are list, describe, run, simulate; topologies are " +
                  names_of(topologies) + "; on a data directory " + names_of_tools());
}

/// Takes the topology's name from the front of `words`; with one topology it may be missing.
result<const topology*> take_topology(std::vector<std::string>& words,
                                      std::span<const topology> topologies) {
  if (!words.empty() && !is_option(words.front())) {
    const auto* named = find(topologies, words.front());
    if (named == nullptr) {
      return fail(errc::invalid_argument, "unknown topology '" + words.front() +
                                              "'; topologies are " + names_of(topologies));
    }
    words.erase(words.begin());
    return named;
  }
  if (topologies.size() == 1) return &topologies.front();
  return fail(errc::invalid_argument, "which topology? There are " + names_of(topologies));
}

result<request> read_tool(const std::string& program, const tool& used,
                          std::vector<std::string> words, bool help) {
  auto usage = program + ' ' + used.name;
  for (const auto& one : used.takes) usage += ' ' + one;
  option_parser parser{usage, used.summary, used.options};
  if (help) return request{.help = parser.help()};
  option_values given;
  for (const auto& one : used.takes) {
    if (words.empty() || is_option(words.front())) {
      return fail(errc::invalid_argument, "which " + one + "? The words are " + usage);
    }
    given.emplace(one, std::move(words.front()));
    words.erase(words.begin());
  }
  auto values = parser.parse(std::move(words));
  if (!values) return fail(std::move(values.error()));
  values->merge(given);
  for (const auto& one : used.needs) {
    if (!values->contains(one)) {
      return fail(errc::invalid_argument, used.name + " needs --" + one);
    }
  }
  request wanted{.what = action::tool, .used = &used};
  wanted.chosen.own = std::move(*values);
  return wanted;
}

}  // namespace

result<request> read_request(const std::string& program, std::vector<std::string> arguments,
                             std::span<const topology> topologies) {
  const bool help = std::any_of(arguments.begin(), arguments.end(), asks_for_help);
  if (help && asks_for_help(arguments.front()) && topologies.size() != 1) {
    return request{.help = overview(program, topologies)};
  }
  if (!arguments.empty() && find(topologies, arguments.front()) == nullptr) {
    if (const auto* used = find_tool(arguments.front())) {
      arguments.erase(arguments.begin());
      return read_tool(program, *used, std::move(arguments), help);
    }
  }
  const auto what = take_command(arguments, topologies);
  if (!what) return fail(what.error());
  if (*what == action::list) {
    if (help) return request{.help = overview(program, topologies)};
    if (!arguments.empty()) {
      return fail(errc::invalid_argument, "list takes nothing, not '" + arguments.front() + "'");
    }
    return request{.what = action::list};
  }
  if (help && topologies.size() != 1 && asks_for_help(arguments.front())) {
    return request{.help = overview(program, topologies)};
  }
  const auto target = take_topology(arguments, topologies);
  if (!target) return fail(target.error());
  const auto& chosen = **target;
  auto options = options_of(chosen);
  if (*what == action::simulate) {
    for (auto& one : simulate_options()) options.push_back(std::move(one));
  }
  option_parser parser{program + (*what == action::simulate ? " simulate " : " run ") + chosen.name,
                       chosen.summary, std::move(options)};
  if (help) return request{.help = overview(program, topologies) + "\n" + parser.help()};
  auto values = parser.parse(std::move(arguments));
  if (!values) return fail(std::move(values.error()));
  return request{.what = *what,
                 .target = *target,
                 .chosen = settings_of(**target, std::move(*values))};
}

}  // namespace weir::cli
