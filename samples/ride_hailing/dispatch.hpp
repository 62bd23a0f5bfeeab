// SPDX-License-Identifier: BSD-3-Clause
// Finding a driver for each ride.
#pragma once

#include <memory>

#include "weir/actors/node/node.hpp"
#include "weir/samples/ride_hailing/city.hpp"

namespace ride_hailing {

/// Declares the topics `dispatch`, `offers` and `rides`, the router, the dispatchers and the
/// drivers' phones. Returns the topic where rides are requested.
weir::topic_handle declare_dispatch(weir::node& node, const weir::topic::topic_options& options,
                                    const std::shared_ptr<city>& town);

}  // namespace ride_hailing
