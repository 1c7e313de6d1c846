// SPDX-License-Identifier: Apache-2.0
//
// quarantine.hpp: which plugin is kept from which content because it broke there, until when.
//
// Content is what never changes: a layer's diffID, an image's id. A plugin is its library and its
// rules: a new build, or new rules, is another one. Values only; quarantine_store.hpp keeps them.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/utc_time.hpp"
#include "finding/gap.hpp"
#include "meridian/result.hpp"

namespace meridian::plugin {

/// A plugin's build, as bundles and PluginFacts name it.
struct PluginKey {
  std::string id;
  std::string digest;        // of the library, "sha256:..."
  std::string rules_digest;  // empty: no rules
  auto operator<=>(const PluginKey&) const = default;
};

struct QuarantineRecord {
  PluginKey plugin;
  std::string content;  // "sha256:..."; empty: the plugin as a whole
  /// The fault: kCrash, kTimeout, kMemory or kProtocol; nothing: an operator's decision.
  std::optional<finding::GapKind> kind;
  std::string
      message;  // the fault in words, or the operator's; at most kMaxQuarantineMessage bytes
  std::chrono::milliseconds limit{0};  // of a timeout: the time that was not enough
  base::UtcTime created, expires;
};

/// Bounds of a file that is read back: an operator reads the list, and each record is a fault.
inline constexpr std::size_t kMaxQuarantineRecords = 1000;
inline constexpr std::size_t kMaxQuarantineMessage = 1024;
inline constexpr std::chrono::hours kQuarantineTerm{24};

class Quarantine {
 public:
  /// A document of schema "meridian.quarantine/1". kCorrupt; kUnsupported: a later version.
  static Result<Quarantine> parse(const std::string& text);
  std::string json() const;  // ends with a newline

  /// Instead of the record of the same plugin and content, unless that is an operator's and this is
  /// not. Beyond kMaxQuarantineRecords the fault that would expire first gives way.
  void add(QuarantineRecord record);
  /// Takes out all records of the plugin with this id; their number.
  std::size_t clear(std::string_view plugin_id);
  /// Those that hold at `now`, for a scan that gives each callback `limit`: a timeout with less
  /// says nothing.
  Quarantine holding(base::UtcTime now, std::chrono::milliseconds limit) const;
  /// Takes out what has expired.
  void expire(base::UtcTime now);

  /// Null: none. `content` as in the record.
  const QuarantineRecord* find(const PluginKey& plugin, const std::string& content) const;
  /// By plugin, then content.
  const std::vector<QuarantineRecord>& records() const { return records_; }

  /// Options that the command which clears these needs (" --state DIR").
  void set_place(std::string options) { place_ = std::move(options); }
  std::string clear_command(const QuarantineRecord& record) const;

 private:
  std::vector<QuarantineRecord> records_;
  std::string place_;
};

/// "quarantined until 2026-11-23T13:00:00Z after a crash: 'etc/x': layer_file: ended by SIGSEGV".
std::string to_text(const QuarantineRecord& record);

}  // namespace meridian::plugin
