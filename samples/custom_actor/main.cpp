// SPDX-License-Identifier: BSD-3-Clause
// A CAF actor of one's own as a subscriber. The archivist collects payments and writes them down as
// one page when none has come for a while: it waits, which a handler function must not do, with a
// message to itself. It settles only what is on a page; so when it dies before its first page is
// written, its successor gets everything again and the archive has each payment once.
#include <chrono>
#include <map>
#include <mutex>
#include <ostream>

#include "weir/actors/cli/cli.hpp"
#include "weir/actors/node/custom.hpp"

using namespace std::chrono_literals;

// [event]
struct payment_received {
  std::string payment_id, account;
  std::int64_t cents = 0;
};
WEIR_EVENT(payment_received, "payment.received", 1, (payment_id, account, cents))

/// What outlives every incarnation, as a file or database would.
struct archive {
  std::mutex access;
  unsigned incarnations = 0;
  std::map<std::string, unsigned> times_written;  // by payment
  std::map<std::string, std::int64_t> cents;      // by account
};

struct write_page {};
WEIR_LOCAL_MESSAGE(write_page)

// [actor]
class archivist : public caf::event_based_actor {
 public:
  archivist(caf::actor_config& config, weir::actors::subscriber_link link,
            std::shared_ptr<archive> shelf)
      : caf::event_based_actor(config), link_(std::move(link)), shelf_(std::move(shelf)) {}

  caf::behavior make_behavior() override {
    const std::lock_guard lock{shelf_->access};
    incarnation_ = ++shelf_->incarnations;
    link_.ready(this);  // deliveries begin, with what no earlier incarnation has settled
    return {
        [this](const weir::actors::delivery& arrived) {
          if (page_.empty()) weir::actors::tell_later(*this, 20ms, write_page{});
          page_.push_back(arrived);
        },
        [this](write_page) { write(); },
        [this](const weir::actors::letters_answered&) { link_.answered(); },
    };
  }

 private:
  void write() {
    // The first page is lost with its writer, whom the supervisor replaces.
    if (incarnation_ == 1) return quit(caf::exit_reason::unhandled_exception);
    const std::lock_guard lock{shelf_->access};
    for (const auto& arrived : page_) {
      for (std::uint32_t i = 0; i < arrived.events.size(); ++i) {
        const auto& [id, account, cents] = arrived.events[i].as<payment_received>();
        if (cents < 0) {
          link_.dead_letter(arrived, i, {weir::errc::rejected, id + " is negative"});
          continue;
        }
        ++shelf_->times_written[id];
        shelf_->cents[account] += cents;
      }
    }
    for (const auto& arrived : page_) link_.settle(arrived);
    page_.clear();
  }

  weir::actors::subscriber_link link_;
  std::shared_ptr<archive> shelf_;
  std::vector<weir::actors::delivery> page_;
  unsigned incarnation_ = 0;
};

// [run]
weir::result<void> run(weir::node& node, weir::topic_handle payments, const archive& shelf,
                       std::ostream& out) {
  for (int n = 1; n <= 12; ++n) {
    payment_received payment{"p-" + std::to_string(n), n % 3 == 0 ? "alice" : "bob", n * 100};
    if (n == 7) payment.cents = -700;
    if (auto sent = payments.publish(std::move(payment)); !sent) return sent;
  }
  const auto drained = node.stop();  // after it no actor touches the shelf
  if (!drained.drained) return weir::fail(weir::errc::timeout, to_string(drained));
  unsigned twice = 0;
  for (const auto& [payment, times] : shelf.times_written) twice += times > 1;
  out << shelf.times_written.size() << " payments archived, " << twice << " of them twice, by "
      << shelf.incarnations << " incarnations\n";
  for (const auto& [account, cents] : shelf.cents) out << account << ": " << cents << " cents\n";
  for (const auto& one : node.dead_letters()) out << "dead: " << to_string(one.failure) << '\n';
  for (const auto& one : node.ledgers()) out << "ledger: " << to_string(one.counts) << '\n';
  return {};
}

weir::result<weir::cli::program> build(const weir::cli::settings& chosen) {
  weir::cli::program program;
  program.node = std::make_unique<weir::node>(chosen.node);
  auto payments = program.node->topic(
      "payments", {.partitions = chosen.partitions.value_or(2), .ring_bytes = 1024 * 1024});
  payments.key<payment_received>(&payment_received::account);
  auto shelf = std::make_shared<archive>();
  weir::actors::subscribe<archivist>(*program.node, "archive", "payments",
                                     {&weir::type_of<payment_received>()}, shelf);
  program.run = [node = program.node.get(), payments, shelf](std::ostream& out, const auto&) {
    return run(*node, payments, *shelf, out);
  };
  return program;
}

int main(int argc, char** argv) {
  return weir::cli::main(
      argc, argv,
      {{.name = "custom_actor", .summary = "a CAF actor of one's own", .build = build}});
}
