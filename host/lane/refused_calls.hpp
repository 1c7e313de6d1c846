// SPDX-License-Identifier: Apache-2.0
//
// refused_calls.hpp: the worker's recorder, which also notes in whose callback the sandbox refused
// a system call, and how what plugins say becomes frames.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "finding/unit_output.hpp"
#include "lane/channel.hpp"
#include "lane/recorder.hpp"

namespace meridian::lane {

class RefusedCallRecorder final : public Recorder {
 public:
  /// `socket`: a plugin that has closed it ends the process while its callback is still named.
  RefusedCallRecorder(FlightPage& page, int socket)
      : page_(page), socket_(socket), recorder_(page) {}
  void enter(std::uint32_t plugin, Operation operation, std::string_view subject) override;
  void leave() override;
  void begin_unit() { known_.clear(); }
  /// One gap of kind refused for each (plugin, call) of the unit.
  Result<void> report(Channel& channel);

 private:
  /// After a plugin was called.
  void look();

  FlightPage& page_;
  bool called_ = false;  // a plugin was, since the last look
  int socket_;
  PageRecorder recorder_;
  std::set<std::pair<std::uint32_t, std::uint32_t>> known_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> news_;
};

/// How a worker ends itself over what a plugin has left behind; and over its own code, between two
/// plugins, which is nobody's fault.
inline constexpr int kSocketClosed = 65, kDescriptorsLeaked = 66, kHostFailed = 67;

/// Ends the process if a plugin has closed `socket`, so that nobody would hear of it any more, or
/// has left no descriptor free.
void check_left_behind(int socket);

/// The calls whose bits are set; taken: then they are cleared.
std::vector<std::uint32_t> refused_calls(const FlightPage& page);
std::vector<std::uint32_t> take_refused_calls(FlightPage& page);
finding::Gap refused_gap(std::uint32_t call);

/// Findings, facts and gaps, one frame each.
Result<void> send_news(Channel& channel, std::uint32_t plugin, const finding::UnitOutput& news);

}  // namespace meridian::lane
