// SPDX-License-Identifier: BSD-3-Clause
// The two ways.
#include "weir/samples/flights/way_in.hpp"

namespace flights {
namespace {

using weir::result;

constexpr std::size_t batch_records = 256;
constexpr const char* source = "records";

/// Partitions are woken once for all of a batch.
class batched final : public way_in {
 public:
  batched(weir::publisher departures, weir::publisher malformed)
      : departures_(std::move(departures)), malformed_(std::move(malformed)) {
    batch_.reserve(batch_records);
  }
  result<void> departed(flight_departed flight) override {
    batch_.push_back(flight);
    return batch_.size() < batch_records ? result<void>{} : flush();
  }
  result<void> malformed(record_malformed record) override {
    return malformed_.publish(std::move(record));
  }
  result<void> flush() override {
    auto sent = departures_.publish_batch(std::span{batch_});
    batch_.clear();
    if (!sent) return weir::fail(std::move(sent.error()));
    return {};
  }

 private:
  weir::publisher departures_;
  weir::publisher malformed_;
  std::vector<flight_departed> batch_;
};

class numbered final : public way_in {
 public:
  numbered(weir::producer departures, weir::producer malformed)
      : departures_(std::move(departures)), malformed_(std::move(malformed)) {}
  result<void> departed(flight_departed flight) override {
    return once(departures_, flight, flight.record);
  }
  result<void> malformed(record_malformed record) override {
    const auto number = record.record;
    return once(malformed_, std::move(record), number);
  }

 private:
  template <class T>
  static result<void> once(weir::producer& to, T&& event, std::uint64_t number) {
    auto sent = to.publish(std::forward<T>(event), number);
    if (!sent) return weir::fail(std::move(sent.error()));
    return {};
  }

  weir::producer departures_;
  weir::producer malformed_;
};

template <class Way, class Made>
result<std::unique_ptr<way_in>> made_of(Made departures, Made malformed) {
  if (!departures) return weir::fail(std::move(departures.error()));
  if (!malformed) return weir::fail(std::move(malformed.error()));
  return std::make_unique<Way>(std::move(*departures), std::move(*malformed));
}

}  // namespace

result<std::unique_ptr<way_in>> way_in::open(weir::node& node, const topology& topics, bool kept) {
  if (kept) {
    return made_of<numbered>(node.make_producer(topics.departures, source),
                             node.make_producer(topics.malformed, source));
  }
  return made_of<batched>(node.make_publisher(topics.departures),
                          node.make_publisher(topics.malformed));
}

}  // namespace flights
