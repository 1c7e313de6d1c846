// SPDX-License-Identifier: Apache-2.0
//
// worker_orders.hpp: what the host says to a worker; see messages.hpp.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/page_cache.hpp"
#include "lane/lane_messages.hpp"

namespace meridian::lane::message {

struct UnitBegin {
  static constexpr FrameType kType = FrameType::kUnitBegin;
  std::uint64_t unit = 0;
  bool target = false;                  // a target's, whose files are those of the merged tree
  std::vector<std::uint32_t> excluded;  // plugins that are not called: index in the lane
};

template <typename Archive>
void fields(Archive& archive, Of<Archive, UnitBegin>& value) {
  archive(value.unit, value.target, value.excluded);
}

struct Name {
  rootfs::RootfsPath path;
  std::uint32_t wanted = 0;  // index in the batch's
};

template <typename Archive>
void fields(Archive& archive, Of<Archive, Name>& value) {
  archive(value.path, value.wanted);
}

/// One opened file.
struct File {
  static constexpr std::uint32_t kInline = 0xffffffff;
  std::vector<Name> names;  // at least one
  rootfs::Stat stat;
  std::uint32_t descriptor = kInline;  // index in the frame's; kInline: `content` has the bytes
  std::string content;
  std::uint32_t layer = 0;                    // of a merged file: where it shows from
  std::map<std::string, std::string> xattrs;  // as the tree shows them
  std::vector<base::FileRange> uncached;      // of the descriptor: to be dropped in the end
  std::uint32_t searchers = 0;                // threads lent for it (ForkWarden::lend_threads)
};

template <typename Archive>
void fields(Archive& archive, Of<Archive, File>& value) {
  archive(value.names, value.stat, value.descriptor, value.content, value.layer, value.xattrs,
          value.uncached, value.searchers);
}

struct Files {
  static constexpr FrameType kType = FrameType::kFiles;
  std::uint64_t number = 0;  // of the batch
  std::vector<plugin::Wanted> wanted;
  std::vector<File> files;
};

template <typename Archive>
void fields(Archive& archive, Of<Archive, Files>& value) {
  archive(value.number, value.wanted, value.files);
}

struct MergedFiles {
  static constexpr FrameType kType = FrameType::kMergedFiles;
  std::uint64_t number = 0;
  std::vector<plugin::Wanted> wanted;
  std::vector<File> files;  // of one name each
};

template <typename Archive>
void fields(Archive& archive, Of<Archive, MergedFiles>& value) {
  archive(value.number, value.wanted, value.files);
}

/// Of both kinds of unit.
struct Unreadable {
  static constexpr FrameType kType = FrameType::kUnreadable;
  plugin::Wanted wanted;
  std::string path;
  Error error{ErrorCode::kUnreadable, ""};
};

template <typename Archive>
void fields(Archive& archive, Of<Archive, Unreadable>& value) {
  archive(value.wanted, value.path, value.error);
}

struct LayerGap {
  static constexpr FrameType kType = FrameType::kLayerGap;
  finding::Gap gap;
};

template <typename Archive>
void fields(Archive& archive, Of<Archive, LayerGap>& value) {
  archive(value.gap);
}

struct LayerDone {
  static constexpr FrameType kType = FrameType::kLayerDone;
  model::Layer layer;
};

template <typename Archive>
void fields(Archive& archive, Of<Archive, LayerDone>& value) {
  archive(value.layer);
}

/// Descriptor: the snapshot of the target's model (snapshot.hpp).
struct Target {
  static constexpr FrameType kType = FrameType::kTarget;
};

template <typename Archive>
void fields(Archive&, Of<Archive, Target>&) {}

struct MergedGap {
  static constexpr FrameType kType = FrameType::kMergedGap;
  finding::Gap gap;
};

template <typename Archive>
void fields(Archive& archive, Of<Archive, MergedGap>& value) {
  archive(value.gap);
}

/// Descriptor: the facts (snapshot.hpp).
struct TargetDone {
  static constexpr FrameType kType = FrameType::kTargetDone;
};

template <typename Archive>
void fields(Archive&, Of<Archive, TargetDone>&) {}

struct UnitEnd {
  static constexpr FrameType kType = FrameType::kUnitEnd;
};

template <typename Archive>
void fields(Archive&, Of<Archive, UnitEnd>&) {}

/// To the Ask of that number. Descriptor of kProcesses and kContent: the value (snapshot.hpp).
struct Answer {
  static constexpr FrameType kType = FrameType::kAnswer;
  std::uint64_t number = 0;
  std::optional<Error> error;
  rootfs::Stat stat;               // kStat
  std::string text;                // kResolve, kReadlink, kRead
  std::vector<std::string> names;  // kList
  std::uint32_t layer = 0;         // kOrigin
};

template <typename Archive>
void fields(Archive& archive, Of<Archive, Answer>& value) {
  archive(value.number, value.error, value.stat, value.text, value.names, value.layer);
}

}  // namespace meridian::lane::message
