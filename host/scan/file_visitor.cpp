// SPDX-License-Identifier: Apache-2.0
#include "scan/file_visitor.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

#include "base/escape.hpp"
#include "base/limits.hpp"

namespace meridian::scan {

namespace {

/// Threads that look into one large file: more wait for memory.
constexpr std::size_t kMostSearching = 8;

/// Ends a long read once the scan is ending.
class CancellableContent final : public rootfs::Content {
 public:
  CancellableContent(rootfs::Content& content, const base::Cancel& cancel)
      : content_(content), cancel_(cancel) {}
  CancellableContent(std::unique_ptr<rootfs::Content> content, const base::Cancel& cancel)
      : own_(std::move(content)), content_(*own_), cancel_(cancel) {}
  std::uint64_t size() const override { return content_.size(); }
  Result<std::size_t> read(std::uint64_t offset, void* buffer, std::size_t capacity) override {
    if (cancel_.stopped()) return Error(ErrorCode::kCancelled, "the scan was ended");
    return content_.read(offset, buffer, capacity);
  }
  std::unique_ptr<rootfs::Content> another() override {
    auto same = content_.another();
    if (same == nullptr) return nullptr;
    return std::make_unique<CancellableContent>(std::move(same), cancel_);
  }
  int fd() const override { return content_.fd(); }
  base::UniqueFd take_fd() override { return content_.take_fd(); }

 private:
  std::unique_ptr<rootfs::Content> own_;
  rootfs::Content& content_;
  const base::Cancel& cancel_;
};

}  // namespace

rootfs::WalkStep FileVisitor::entry(const rootfs::RootfsPath& path, const rootfs::Stat& stat,
                                    Opener& opener) {
  if (cancel_.stopped()) return rootfs::WalkStep::kStop;
  if (!options_.exclude.empty() && is_excluded(path)) return rootfs::WalkStep::kSkipChildren;
  if (stat.type == rootfs::EntryType::kDirectory) met_directory(path, opener);
  if (stat.type != rootfs::EntryType::kRegular) return rootfs::WalkStep::kGoOn;
  count_ = 0;
  consider(path, stat, opener);
  hand_over(stat, opener);
  return rootfs::WalkStep::kGoOn;
}

rootfs::WalkStep FileVisitor::links(std::span<const rootfs::RootfsPath> names,
                                    const rootfs::Stat& stat, Opener& opener) {
  // A tar may link any entry; what is no file has nothing to read.
  if (stat.type != rootfs::EntryType::kRegular) return rootfs::WalkStep::kGoOn;
  // One read for all of them; a file with more names than this is hostile, and read again.
  constexpr std::size_t kNamesAtOnce = 1024;
  while (!names.empty()) {
    if (cancel_.stopped()) return rootfs::WalkStep::kStop;
    count_ = 0;
    const std::size_t now = std::min(names.size(), kNamesAtOnce);
    for (const rootfs::RootfsPath& path : names.first(now)) {
      if (!is_excluded(path)) consider(path, stat, opener);
    }
    hand_over(stat, opener);
    names = names.subspan(now);
  }
  return rootfs::WalkStep::kGoOn;
}

bool FileVisitor::is_excluded(const rootfs::RootfsPath& path) const {
  return std::any_of(options_.exclude.begin(), options_.exclude.end(),
                     [&](const plugin::Glob& glob) { return glob.matches(path.text()); });
}

void FileVisitor::consider(const rootfs::RootfsPath& path, const rootfs::Stat& stat,
                           Opener& opener) {
  if (!met(path, stat, opener)) return;
  matcher_.choose(path.text(), stat, choice_);
  if (choice_.empty()) return;
  const auto& wanted = wish();
  if (wanted->nothing()) return;
  if (count_ == names_.size()) names_.emplace_back();
  names_[count_++] = {&path, wanted};
}

const std::shared_ptr<const plugin::Wanted>& FileVisitor::wish() {
  // A few are usual; more than this are a layer made to have many.
  constexpr std::size_t kKept = 256;
  const std::uint64_t narrowing = run_.narrowing();
  if (narrowing != narrowing_ || wishes_.size() > kKept) wishes_.clear();
  narrowing_ = narrowing;
  const auto [at, is_new] = wishes_.try_emplace(choice_);
  if (is_new) {
    plugin::Wanted wanted = matcher_.wanted(choice_);
    run_.narrow(wanted);
    at->second = std::make_shared<const plugin::Wanted>(std::move(wanted));
  }
  return at->second;
}

void FileVisitor::hand_over(const rootfs::Stat& stat, Opener& opener) {
  if (count_ == 0) return;  // most files
  bound_search(stat.size);
  if (count_ == 0) return;
  const std::span<const lane::FileName> names(names_.data(), count_);
  auto content = open(opener);
  if (!content) {
    for (const lane::FileName& name : names) unreadable(*name.wanted, *name.path, content.error());
    return;
  }
  CancellableContent cancellable(**content, cancel_);
  const auto searchers = static_cast<unsigned>(std::min(options_.jobs, kMostSearching) - 1);
  wanted({names, stat, cancellable, opener, searchers});
}

void FileVisitor::bound_search(std::uint64_t size) {
  const auto end = names_.begin() + static_cast<std::ptrdiff_t>(count_);
  const bool searched = std::any_of(names_.begin(), end, [](const lane::FileName& name) {
    return !name.wanted->patterns.empty();
  });
  if (!searched) return;
  std::string why;
  if (size > limits::kMaxFileRead) {
    why = std::to_string(size) + " bytes; files of more than " +
          std::to_string(limits::kMaxFileRead) + " are not searched";
  } else if (size > limits::kMaxLayerBytes - searched_) {
    why = "not searched: with it, more than " + std::to_string(limits::kMaxLayerBytes) +
          " bytes of files";
  } else {
    searched_ += size;
    return;
  }
  for (auto name = names_.begin(); name != end; ++name) {
    plugin::Wanted too_much;
    too_much.patterns = name->wanted->patterns;
    if (too_much.nothing()) continue;
    name->wanted = std::make_shared<const plugin::Wanted>(plugin::Wanted{name->wanted->files, {}});
    unreadable(too_much, *name->path,
               Error(ErrorCode::kLimit, base::escape(name->path->text()) + ": " + why));
  }
  const auto left = std::partition(
      names_.begin(), end, [](const lane::FileName& name) { return !name.wanted->nothing(); });
  count_ = static_cast<std::size_t>(left - names_.begin());
}

}  // namespace meridian::scan
