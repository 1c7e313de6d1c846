// SPDX-License-Identifier: Apache-2.0
//
// messages.hpp: what the host, its lanes and their workers say to each other: one struct a frame,
// its descriptors aside. A frame is a header, sent by the channel, and the encoding (wire.hpp) of
// its struct.
//
// Of hostile senders (lane and worker) decode() promises the form only: indices, ids, numbers and
// sizes are checked by who takes them (plugin/acceptance.hpp).
#pragma once

#include <tuple>

#include "lane/frame.hpp"
#include "lane/lane_messages.hpp"
#include "lane/reader_messages.hpp"
#include "lane/worker_orders.hpp"
#include "lane/worker_reports.hpp"

namespace meridian::lane {

/// One for each FrameType, in its order.
using Messages =
    std::tuple<message::Bundle, message::Load, message::Fork, message::Reap, message::Shutdown,
               message::PluginLoaded, message::Loaded, message::Forked, message::Reaped,
               message::UnitBegin, message::Files, message::Unreadable, message::LayerGap,
               message::LayerDone, message::Target, message::MergedFiles, message::MergedGap,
               message::TargetDone, message::UnitEnd, message::Answer, message::Hello,
               message::BatchDone, message::Finding, message::Fact, message::Gap,
               message::PluginDone, message::UnitDone, message::Ask, message::Log, message::Read>;

}  // namespace meridian::lane
