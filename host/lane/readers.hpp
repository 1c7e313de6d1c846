// SPDX-License-Identifier: Apache-2.0
//
// readers.hpp: archives decoded in sandboxed processes, one for each blob, that hold nothing but
// its descriptor. What one of them says is as little trusted as the blob; what it does wrong ends
// it and that blob.
#pragma once

#include <sys/types.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "archive/unpacker.hpp"
#include "base/cancel.hpp"
#include "base/log.hpp"
#include "lane/channel.hpp"
#include "lane/reader_messages.hpp"
#include "lane/spawner.hpp"

namespace meridian::lane {

class Readers final : public archive::Unpacker {
 public:
  /// Starts nothing yet. `cancel` ends what is waited for.
  Readers(const base::Log& log, const base::Cancel& cancel);
  Readers(const Readers&) = delete;
  Readers& operator=(const Readers&) = delete;
  ~Readers() override;

  Result<std::unique_ptr<archive::TarStream>> tar(const archive::BlobRange& blob,
                                                  const std::string& name) override;
  Result<std::unique_ptr<archive::TarStream>> tar_again(const archive::BlobRange& blob,
                                                        const std::string& name) override;
  Result<std::unique_ptr<archive::ByteSource>> decoded(const archive::BlobRange& blob) override;
  Result<std::vector<archive::Member>> members(const archive::BlobRange& blob,
                                               const std::string& name) override;

 private:
  class Input;
  class Main;
  Result<std::unique_ptr<Input>> start(ReadKind kind, const archive::BlobRange& blob,
                                       const std::string& name);
  Result<std::unique_ptr<Input>> order(const message::Read& read, const archive::BlobRange& blob);
  struct Child {
    pid_t pid = -1;
    std::uint64_t generation = 0;  // of main_
  };
  /// Kills it if it still runs; how it ended, in words.
  std::string end(const Child& child);

  const base::Log& log_;
  const base::Cancel& cancel_;
  std::mutex mutex_;            // guards all below
  std::unique_ptr<Main> main_;  // null: not started, or lost
  std::uint64_t generation_ = 0;
};

}  // namespace meridian::lane
