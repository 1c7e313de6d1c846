// SPDX-License-Identifier: Apache-2.0
//
// asked_tree.hpp: a worker's questions to the supervisor: the target's merged tree, its processes.
#pragma once

#include <deque>
#include <optional>

#include "lane/channel.hpp"
#include "lane/messages.hpp"
#include "model/content_check.hpp"
#include "model/process.hpp"
#include "plugin/target_tree.hpp"

namespace meridian::lane {

/// One question at a time; orders that arrive before the answer wait their turn.
class Asking {
 public:
  explicit Asking(Channel& channel) : channel_(channel) {}
  /// The next order of the supervisor; nothing: it has closed.
  Result<std::optional<Frame>> next_order();
  /// An error if the answer is one, and if there is none any more.
  Result<message::Answer> ask(message::Question question, std::string_view path,
                              std::uint64_t limit, base::UniqueFd* file = nullptr);
  /// With one gap if they cannot be asked for.
  model::ProcessList processes();
  model::ContentCheck content(std::size_t layer);

 private:
  Channel& channel_;
  std::uint64_t number_ = 0;
  std::deque<Frame> waiting_;
};

class AskedTree final : public plugin::TargetTree {
 public:
  explicit AskedTree(Asking& asking) : asking_(asking) {}
  Result<rootfs::Stat> stat(std::string_view path) override;
  Result<std::string> resolve(std::string_view path) override;
  Result<std::string> readlink(std::string_view path) override;
  Result<std::vector<std::string>> list(std::string_view path) override;
  Result<std::string> read(std::string_view path, std::uint64_t limit) override;
  Result<std::uint32_t> origin(std::string_view path) override;

 private:
  Asking& asking_;
};

}  // namespace meridian::lane
