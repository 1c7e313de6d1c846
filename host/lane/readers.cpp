// SPDX-License-Identifier: Apache-2.0
#include "lane/readers.hpp"

#include <poll.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <utility>

#include "base/system_error.hpp"
#include "lane/block_pipe.hpp"
#include "lane/hashed_stream.hpp"
#include "lane/lane_messages.hpp"
#include "lane/process_end.hpp"
#include "lane/read_records.hpp"
#include "lane/worker_reports.hpp"

namespace meridian::lane {

namespace {

/// For a first word, a fork, a wait: the host's own code.
constexpr std::chrono::milliseconds kAnswer{10'000};

std::string end_in_words(int status) {
  if (WIFEXITED(status)) return "ended with status " + std::to_string(WEXITSTATUS(status));
  return "was ended by " + signal_name(WTERMSIG(status));
}

}  // namespace

/// `meridian reader` itself.
class Readers::Main {
 public:
  static Result<std::unique_ptr<Main>> start(const base::Log& log) {
    // Its spawner is a thread.
    MERIDIAN_TRY(auto main,
                 base::seam("starting a thread", [] { return std::make_unique<Main>(); }));
    MERIDIAN_TRY(Spawned spawned, main->spawner_.spawn());
    main->pid_ = spawned.pid;
    main->channel_.emplace(std::move(spawned.socket), Channel::Accepted{});
    MERIDIAN_TRY(const auto hello, main->hear<message::Hello>());
    if (hello.error) return *hello.error;
    log.debug("readers: sandbox " + hello.sandbox.level);
    return main;
  }
  Main() = default;
  Main(const Main&) = delete;
  Main& operator=(const Main&) = delete;
  ~Main() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);  // its children end with it
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  template <typename Answer, typename Order>
  Result<Answer> ask(const Order& order, std::span<const int> files = {}) {
    MERIDIAN_CHECK(channel_->send(order, files));
    return hear<Answer>();
  }

 private:
  template <typename Answer>
  Result<Answer> hear() {
    const auto until = std::chrono::steady_clock::now() + kAnswer;
    while (true) {
      MERIDIAN_TRY(const auto frame, channel_->next());
      if (frame) {
        if (frame->type != static_cast<std::uint16_t>(Answer::kType)) {
          return Error(ErrorCode::kCorrupt, "reader: an unexpected answer");
        }
        return decode<Answer>(frame->payload);
      }
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          until - std::chrono::steady_clock::now());
      pollfd wait{channel_->fd(), POLLIN, 0};
      if (left.count() <= 0 || ::poll(&wait, 1, static_cast<int>(left.count())) == 0) {
        return Error(ErrorCode::kLimit, "reader: no answer");
      }
      MERIDIAN_TRY(const bool open, channel_->read_some());
      if (!open) return Error(ErrorCode::kUnreadable, "reader: its process has ended");
    }
  }

  Spawner spawner_{Spawner::Words::kDropped, Spawner::Role::kReader};
  pid_t pid_ = -1;
  std::optional<Channel> channel_;
};

/// The records of one process, which ends with it.
class Readers::Input final : public RecordInput {
 public:
  Input(Readers& readers, Child child, BlockReader blocks, std::shared_ptr<base::UniqueFd> file)
      : readers_(readers), child_(child), blocks_(std::move(blocks)), file_(std::move(file)) {}
  ~Input() override {
    if (child_.pid > 0) readers_.end(child_);
  }
  Result<void> read(void* buffer, std::size_t size) override {
    return explained(blocks_.read(buffer, size));
  }
  Result<void> skip(std::uint64_t size) override { return explained(blocks_.skip(size)); }
  void answer(bool wanted) override { blocks_.answer(wanted); }

 private:
  Result<void> explained(Result<void> done) {
    if (done || done.error().code() == ErrorCode::kCancelled || child_.pid < 0) return done;
    const bool by_itself = done.error().code() == ErrorCode::kUnreadable;
    const std::string how = readers_.end(std::exchange(child_, {}));
    return Error(done.error().code(),
                 "its reader " + (by_itself ? how : "was given up: " + done.error().message()));
  }

  Readers& readers_;
  Child child_;
  BlockReader blocks_;
  std::shared_ptr<base::UniqueFd> file_;  // what its owner does with the last copy comes afterwards
};

Readers::Readers(const base::Log& log, const base::Cancel& cancel) : log_(log), cancel_(cancel) {}
Readers::~Readers() = default;

std::string Readers::end(const Child& child) {
  const std::lock_guard lock(mutex_);
  // It ended with the one that forked it, and its number may be another's.
  if (!main_ || child.generation != generation_) return "ended";
  const auto reaped = main_->ask<message::Reaped>(message::Reap{child.pid});
  if (reaped && reaped->pid == child.pid) return end_in_words(reaped->status);
  if (!reaped) main_.reset();
  return "ended";
}

Result<std::unique_ptr<Readers::Input>> Readers::order(const message::Read& read,
                                                       const archive::BlobRange& blob) {
  MERIDIAN_TRY(auto ends, Channel::pair());
  MERIDIAN_TRY(const base::UniqueFd file, BlockMemory::make_file());
  MERIDIAN_TRY(BlockMemory memory, BlockMemory::map(file.get()));
  const std::array files{blob.file->get(), ends.second.get(), file.get()};
  if (!main_) {
    MERIDIAN_TRY(main_, Main::start(log_));
    ++generation_;
  }
  // A megabyte a second is a slow disk, and an hour a slow machine.
  const std::chrono::seconds most =
      std::chrono::hours(1) + std::chrono::seconds(blob.size / 1'000'000);
  BlockReader blocks(std::move(ends.first), std::move(memory), cancel_, most);
  auto forked = main_->ask<message::Forked>(read, files);
  if (!forked) {
    main_.reset();
    return std::move(forked).error();
  }
  if (forked->error) return *forked->error;
  return std::make_unique<Input>(*this, Child{forked->pid, generation_}, std::move(blocks),
                                 blob.file);
}

Result<std::unique_ptr<Readers::Input>> Readers::start(ReadKind kind,
                                                       const archive::BlobRange& blob,
                                                       const std::string& name) {
  const message::Read read{kind, blob.offset, blob.size, blob.form, name};
  const std::lock_guard lock(mutex_);
  const bool first = !main_;
  auto input = order(read, blob);
  // One that somebody killed is started again, once.
  if (!input && !main_ && !first) return order(read, blob);
  return input;
}

Result<std::unique_ptr<archive::TarStream>> Readers::tar(const archive::BlobRange& blob,
                                                         const std::string& name) {
  MERIDIAN_TRY(auto input, start(ReadKind::kTar, blob, name));
  auto stream = tar_of_records(std::move(input), name);
  if (blob.form != archive::BlobForm::kTar) return stream;
  return hashed_beside(std::move(stream), blob, name);
}

Result<std::unique_ptr<archive::TarStream>> Readers::tar_again(const archive::BlobRange& blob,
                                                               const std::string& name) {
  MERIDIAN_TRY(auto input, start(ReadKind::kTarAgain, blob, name));
  return tar_of_records(std::move(input), name);
}

Result<std::unique_ptr<archive::ByteSource>> Readers::decoded(const archive::BlobRange& blob) {
  MERIDIAN_TRY(auto input, start(ReadKind::kBytes, blob, ""));
  return bytes_of_records(std::move(input));
}

Result<std::vector<archive::Member>> Readers::members(const archive::BlobRange& blob,
                                                      const std::string& name) {
  MERIDIAN_TRY(const auto input, start(ReadKind::kMembers, blob, name));
  return members_of_records(*input, blob.size, name);
}

}  // namespace meridian::lane
