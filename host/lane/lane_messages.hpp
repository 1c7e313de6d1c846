// SPDX-License-Identifier: Apache-2.0
//
// lane_messages.hpp: what the host and a lane say to each other; see messages.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lane/frame.hpp"
#include "lane/wire_values.hpp"

namespace meridian::lane::message {

// ------------------------------------------------------------------------------- host to lane

/// Descriptors: sealed memfds of the library, and of the rules: an encoded
/// std::vector<std::pair<std::string, std::string>> of names and bytes, sorted by name. Then one
/// for each of `data`, to be mapped: files of the data folder, which are replaced, never written.
struct Bundle {
  static constexpr FrameType kType = FrameType::kBundle;
  std::string manifest;  // plugin.json
  plugin::ElfNote note;
  std::string digest, rules_digest;
  std::string options;                                    // JSON object: what the user set
  std::vector<std::pair<std::string, std::string>> data;  // name, identity
};

template <typename Archive>
void fields(Archive& archive, Of<Archive, Bundle>& value) {
  archive(value.manifest, value.note, value.digest, value.rules_digest, value.options, value.data);
}

/// After all bundles of the lane: sandbox, load, configure, subscribe, in their order. Descriptors:
/// the lane's shared page; a sealed memfd of the compiled patterns that were kept of it, an encoded
/// plugin::KeptDatabases, if any are to be kept.
struct Load {
  static constexpr FrameType kType = FrameType::kLoad;
  base::LogLevel log_level = base::LogLevel::kInfo;
  std::string scratch;  // the folder; empty: no bundle declares any
};

template <typename Archive>
void fields(Archive& archive, Of<Archive, Load>& value) {
  archive(value.log_level, value.scratch);
}

/// Descriptors: the new worker's socket, its flight page.
struct Fork {
  static constexpr FrameType kType = FrameType::kFork;
  std::uint32_t worker = 0;  // the host's number for it
};

template <typename Archive>
void fields(Archive& archive, Of<Archive, Fork>& value) {
  archive(value.worker);
}

struct Reap {
  static constexpr FrameType kType = FrameType::kReap;
  std::int32_t pid = 0;
};

template <typename Archive>
void fields(Archive& archive, Of<Archive, Reap>& value) {
  archive(value.pid);
}

struct Shutdown {
  static constexpr FrameType kType = FrameType::kShutdown;
};

template <typename Archive>
void fields(Archive&, Of<Archive, Shutdown>&) {}

// ------------------------------------------------------------------------------- lane to host

/// One for each bundle, in order.
struct PluginLoaded {
  static constexpr FrameType kType = FrameType::kPluginLoaded;
  std::uint32_t bundle = 0;
  std::optional<Error> error;
  plugin::PluginFacts facts;  // empty after an error
};

template <typename Archive>
void fields(Archive& archive, Of<Archive, PluginLoaded>& value) {
  archive(value.bundle, value.error, value.facts);
}

struct Sandbox {
  std::string level;
  bool is_full = false;
};

template <typename Archive>
void fields(Archive& archive, Of<Archive, Sandbox>& value) {
  archive(value.level, value.is_full);
}

/// The lane is ready to fork, or says why it never will be.
/// `patterns`: an encoded plugin::KeptDatabases to be given to the next lane of these bundles, at
/// most kMaxKeptPatterns bytes; empty: what was given is still good.
struct Loaded {
  static constexpr FrameType kType = FrameType::kLoaded;
  std::optional<Error> error;
  std::uint32_t threads = 0;  // of the lane, as /proc/self/status says; 0: not seen
  Sandbox sandbox;
  std::string patterns;
};

template <typename Archive>
void fields(Archive& archive, Of<Archive, Loaded>& value) {
  archive(value.error, value.threads, value.sandbox, value.patterns);
}

struct Forked {
  static constexpr FrameType kType = FrameType::kForked;
  std::uint32_t worker = 0;
  std::int32_t pid = 0;
  std::optional<Error> error;  // then no pid
};

template <typename Archive>
void fields(Archive& archive, Of<Archive, Forked>& value) {
  archive(value.worker, value.pid, value.error);
}

/// A child that ended; also of one that nobody asked for.
struct Reaped {
  static constexpr FrameType kType = FrameType::kReaped;
  std::int32_t pid = 0;
  std::int32_t status = 0;  // as waitpid(2) gives it
};

template <typename Archive>
void fields(Archive& archive, Of<Archive, Reaped>& value) {
  archive(value.pid, value.status);
}

// --------------------------------------------------------------------- lane or worker to host

struct Log {
  static constexpr FrameType kType = FrameType::kLog;
  base::LogLevel level = base::LogLevel::kInfo;
  std::string text;
};

template <typename Archive>
void fields(Archive& archive, Of<Archive, Log>& value) {
  archive(value.level, value.text);
}

}  // namespace meridian::lane::message
