// SPDX-License-Identifier: Apache-2.0
//
// report.hpp: the result of a scan as one value; every format renders it and computes nothing.
// Fields are those of contract.md, "Report"; order inside each list is canonical.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "finding/gap.hpp"
#include "finding/severity.hpp"

namespace meridian::finding {

/// Something that the environment does not allow, or allows for nothing.
struct EnvironmentEntry {
  std::string feature;  // "opaque directories", "plugin ID", "least privilege"
  std::string state;    // "degraded", "unavailable", "too much"
  std::string cause;    // "no-sys-admin": for scripts
  std::string message;
  std::string mend;  // where the scan ran; may be empty
};

struct HostFacts {
  std::string root;
  std::string name;
  std::string kernel;
  bool parallel_container = false;
  std::string sandbox_level = "none";
  std::string container = {};  // "a container of docker"; empty: none
  std::vector<EnvironmentEntry> environment = {};
};

/// An imported database that a plugin was given.
struct DataEntry {
  struct Source {
    std::string name, kind;  // of the feed: "debian-tracker", "debian"
    std::string date;        // as it says, else of its file
  };
  std::string name, schema;
  std::string id;     // "sha256:..." of what it was made of; empty: it is not there
  std::string built;  // RFC 3339
  std::vector<Source> sources;
};

struct PluginEntry {
  std::string id, version, digest, rules_digest, sdk, publisher, trust;
  std::vector<DataEntry> data = {};
};

struct PresentIn {
  std::string runtime, name_space, store_root, id;
  std::vector<std::string> names;
};

struct LayerEntry {
  std::string id;
  std::string diff_id;   // may be empty
  std::string kind;      // image, init, writable, directory
  std::string identity;  // verified, recorded, local
  std::string digest;    // may be empty
  std::uint64_t size = 0;
  std::string created_by;
};

struct Isolation {
  std::string kind = "unknown";
  std::string runtime;
  std::vector<std::string> evidence;
};

/// The Kubernetes pod of a container; what is not known is empty.
struct PodEntry {
  std::string name, name_space, uid, sandbox, handler;
};

struct TargetEntry {
  std::string id;
  std::string kind;  // image, container, host
  std::vector<std::string> names;
  std::string image_id;  // containers
  std::string state;     // containers
  std::optional<PodEntry> pod;
  std::vector<PresentIn> present_in;
  std::vector<LayerEntry> layers;
  std::optional<Isolation> isolation;  // containers
  /// Some layer's overlay markers could not be read: what is deleted may be shown as visible.
  bool overlay_markers_incomplete = false;
};

enum class Visibility { kVisible, kShadowed, kNone };
const char* to_text(Visibility visibility);

struct LayerPlace {
  std::size_t index = 0;
  std::string id;
};

struct Location {
  std::string path;   // bytes; empty: none
  std::string field;  // place outside files
  std::uint64_t line = 0;
  std::uint64_t column = 0;
  std::optional<LayerPlace> layer;
  Visibility visibility = Visibility::kNone;
};

struct Evidence {
  std::string kind;  // "text", "secret"
  std::string text;  // escaped by the formats; a secret already redacted
  bool redacted = false;
  std::uint64_t length = 0;  // bytes of the original
};

struct FindingEntry {
  std::string fingerprint;
  std::string group;  // "g1"; may be empty
  std::string plugin, rule;
  Severity severity = Severity::kUnknown;
  Confidence confidence = Confidence::kMedium;
  std::string title, message, remediation;
  std::vector<std::string> references;
  std::string target;
  Location location;
  std::vector<Location> occurrences;  // further ones
  std::optional<Evidence> evidence;
  std::string detail;  // a JSON object or empty
};

struct FactEntry {
  std::string target, plugin, schema, data;
};

enum class PairResult { kClean, kFindings, kError, kSkipped };
const char* to_text(PairResult result);

struct CoverageEntry {
  std::string target, plugin;
  PairResult result = PairResult::kClean;
  bool complete = true;
  std::uint64_t gaps = 0;
  std::string reason;
  std::uint64_t files = 0, bytes = 0, milliseconds = 0;
};

struct Statistics {
  std::uint64_t targets = 0, layers = 0, layers_unique = 0, layers_cached = 0, files = 0,
                files_opened = 0, bytes_read = 0, plugin_calls = 0, peak_memory = 0;
  double seconds = 0;
};

struct Report {
  std::string version;
  HostFacts host;
  std::string started, finished;  // RFC 3339, UTC
  bool complete = true;
  std::vector<PluginEntry> plugins;
  std::vector<TargetEntry> targets;
  std::vector<FindingEntry> findings;
  std::vector<FactEntry> facts;
  std::vector<CoverageEntry> coverage;
  std::vector<Gap> gaps;
  Statistics statistics;
};

}  // namespace meridian::finding
