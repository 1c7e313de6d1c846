// SPDX-License-Identifier: Apache-2.0
#include "lane/asked_tree.hpp"

#include <utility>

#include "base/sealed_file.hpp"
#include "lane/snapshot.hpp"

namespace meridian::lane {

using message::Question;

Result<std::optional<Frame>> Asking::next_order() {
  if (waiting_.empty()) return channel_.receive();
  std::optional<Frame> frame(std::move(waiting_.front()));
  waiting_.pop_front();
  return frame;
}

Result<message::Answer> Asking::ask(Question question, std::string_view path, std::uint64_t limit,
                                    base::UniqueFd* file) {
  message::Ask ask;
  ask.number = ++number_;
  ask.question = question;
  ask.path = path;
  ask.limit = limit;
  MERIDIAN_CHECK(channel_.send(ask));
  while (true) {
    MERIDIAN_TRY(auto frame, channel_.receive());
    if (!frame) return Error(ErrorCode::kCancelled, "the scan was ended");
    if (frame->type != static_cast<std::uint16_t>(FrameType::kAnswer)) {
      waiting_.push_back(*std::move(frame));
      continue;
    }
    MERIDIAN_TRY(auto answer, decode<message::Answer>(frame->payload));
    if (answer.number != ask.number) return Error(ErrorCode::kCorrupt, "an answer to nothing");
    if (answer.error) return *std::move(answer.error);
    if (file != nullptr && !frame->descriptors.empty()) {
      *file = std::move(frame->descriptors.front());
    }
    return answer;
  }
}

model::ProcessList Asking::processes() {
  base::UniqueFd file;
  const auto answer = ask(Question::kProcesses, "", 0, &file);
  const auto received = [&]() -> Result<model::ProcessList> {
    if (!answer) return answer.error();
    MERIDIAN_TRY(const std::string bytes, base::read_sealed(file.get(), kMaxSnapshot, "processes"));
    return decode_processes(bytes);
  };
  auto list = received();
  if (list) return *std::move(list);
  model::ProcessList none;
  none.seen = false;
  none.gaps.push_back({list.error(), "", ""});
  return none;
}

model::ContentCheck Asking::content(std::size_t layer) {
  base::UniqueFd file;
  const auto answer = ask(Question::kContent, "", layer, &file);
  const auto received = [&]() -> Result<model::ContentCheck> {
    if (!answer) return answer.error();
    MERIDIAN_TRY(const std::string bytes, base::read_sealed(file.get(), kMaxSnapshot, "content"));
    return decode_content(bytes);
  };
  auto check = received();
  if (check) return *std::move(check);
  model::ContentCheck none;
  none.state = model::ContentState::kUnknown;
  none.reason = check.error();
  return none;
}

Result<rootfs::Stat> AskedTree::stat(std::string_view path) {
  MERIDIAN_TRY(const auto answer, asking_.ask(Question::kStat, path, 0));
  return answer.stat;
}

Result<std::string> AskedTree::resolve(std::string_view path) {
  MERIDIAN_TRY(auto answer, asking_.ask(Question::kResolve, path, 0));
  return std::move(answer.text);
}

Result<std::string> AskedTree::readlink(std::string_view path) {
  MERIDIAN_TRY(auto answer, asking_.ask(Question::kReadlink, path, 0));
  return std::move(answer.text);
}

Result<std::vector<std::string>> AskedTree::list(std::string_view path) {
  MERIDIAN_TRY(auto answer, asking_.ask(Question::kList, path, 0));
  return std::move(answer.names);
}

Result<std::string> AskedTree::read(std::string_view path, std::uint64_t limit) {
  MERIDIAN_TRY(auto answer, asking_.ask(Question::kRead, path, limit));
  return std::move(answer.text);
}

Result<std::uint32_t> AskedTree::origin(std::string_view path) {
  MERIDIAN_TRY(const auto answer, asking_.ask(Question::kOrigin, path, 0));
  return answer.layer;
}

}  // namespace meridian::lane
