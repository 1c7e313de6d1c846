// SPDX-License-Identifier: Apache-2.0
#include "lane/refused_calls.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "lane/messages.hpp"
#include "lane/sandbox.hpp"
#include "lane/signal_guard.hpp"

namespace meridian::lane {

void RefusedCallRecorder::enter(std::uint32_t plugin, Operation operation,
                                std::string_view subject) {
  if (std::exchange(called_, plugin != FlightPage::kNobody)) look();
  recorder_.enter(plugin, operation, subject);
}

void RefusedCallRecorder::leave() {
  if (std::exchange(called_, false)) look();
  recorder_.leave();
}

namespace {

/// `room`: how many more descriptors there must be place for.
void check_descriptors(int socket, int room) {
  if (::fcntl(socket, F_GETFD) < 0) ::_exit(kSocketClosed);
  const int free = ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
  if (free >= 0) ::close(free);
  if (free < 0 || free > static_cast<int>(kLaneFiles) - room) ::_exit(kDescriptorsLeaked);
}

}  // namespace

void check_left_behind(int socket) { check_descriptors(socket, 1); }

void RefusedCallRecorder::look() {
  // A leak must end the one who leaks, not who comes last: there is always room for the frames that
  // may be on their way.
  constexpr int kRoom = 512;
  check_descriptors(socket_, kRoom);
  if (page_.refused_any.load(std::memory_order_relaxed) == 0) return;
  const std::uint32_t plugin = page_.plugin.load(std::memory_order_relaxed);
  for (const std::uint32_t call : take_refused_calls(page_)) {
    if (known_.emplace(plugin, call).second) news_.emplace_back(plugin, call);
  }
}

Result<void> RefusedCallRecorder::report(Channel& channel) {
  for (const auto& [plugin, call] : std::exchange(news_, {})) {
    if (plugin == FlightPage::kNobody) continue;
    MERIDIAN_CHECK(channel.send(message::Gap{plugin, refused_gap(call)}));
  }
  return {};
}

std::vector<std::uint32_t> refused_calls(const FlightPage& page) {
  std::vector<std::uint32_t> calls;
  for (std::uint32_t word = 0; word < page.refused.size(); ++word) {
    const std::uint64_t bits = page.refused[word].load(std::memory_order_relaxed);
    for (std::uint32_t bit = 0; bit < 64; ++bit) {
      if ((bits >> bit & 1) != 0) calls.push_back(word * 64 + bit);
    }
  }
  return calls;
}

std::vector<std::uint32_t> take_refused_calls(FlightPage& page) {
  if (page.refused_any.exchange(0, std::memory_order_relaxed) == 0) return {};
  std::vector<std::uint32_t> calls = refused_calls(page);
  for (auto& bits : page.refused) bits.store(0, std::memory_order_relaxed);
  return calls;
}

finding::Gap refused_gap(std::uint32_t call) {
  return {finding::GapKind::kRefused,
          "",
          "",
          "",
          "the sandbox refused the system call " + call_name(call),
          "",
          ""};
}

Result<void> send_news(Channel& channel, std::uint32_t plugin, const finding::UnitOutput& news) {
  for (const finding::RawFinding& finding : news.findings) {
    MERIDIAN_CHECK(channel.send(message::Finding{plugin, finding}));
  }
  for (const finding::RawFact& fact : news.facts) {
    MERIDIAN_CHECK(channel.send(message::Fact{plugin, fact}));
  }
  for (const finding::Gap& gap : news.gaps) {
    MERIDIAN_CHECK(channel.send(message::Gap{plugin, gap}));
  }
  return {};
}

}  // namespace meridian::lane
