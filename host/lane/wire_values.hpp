// SPDX-License-Identifier: Apache-2.0
//
// wire_values.hpp: how the values of the lower floors travel (wire.hpp) in frames and snapshots.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "base/log.hpp"
#include "finding/unit_output.hpp"
#include "lane/wire.hpp"
#include "model/layer.hpp"
#include "plugin/elf_note.hpp"
#include "plugin/matcher.hpp"
#include "plugin/plugin_facts.hpp"
#include "rootfs/tree.hpp"

namespace meridian::lane {

template <>
inline constexpr auto kLargest<ErrorCode> = ErrorCode::kMemory;
template <>
inline constexpr auto kLargest<base::LogLevel> = base::LogLevel::kOff;
template <>
inline constexpr auto kLargest<finding::GapKind> = finding::GapKind::kShutdown;
template <>
inline constexpr auto kLargest<finding::Severity> = finding::Severity::kCritical;
template <>
inline constexpr auto kLargest<finding::Confidence> = finding::Confidence::kHigh;
template <>
inline constexpr auto kLargest<finding::UnitResult> = finding::UnitResult::kError;
template <>
inline constexpr auto kLargest<model::MarkerDialect> = model::MarkerDialect::kTar;
template <>
inline constexpr auto kLargest<model::LayerKind> = model::LayerKind::kDirectory;
template <>
inline constexpr auto kLargest<model::LayerIdentity> = model::LayerIdentity::kLocal;
template <>
inline constexpr auto kLargest<rootfs::EntryType> = rootfs::EntryType::kSocket;

template <typename T>
std::optional<T> value_of(Result<T> result) {
  return result ? std::optional<T>(*std::move(result)) : std::nullopt;
}

template <>
struct Checked<Error> {
  using Form = std::pair<ErrorCode, std::string>;
  static Form form(const Error& error) { return {error.code(), error.message()}; }
  static std::optional<Error> make(const Form& form) { return Error(form.first, form.second); }
};

template <typename Tag>
struct Checked<model::ContentName<Tag>> {
  using Form = std::string;
  static const Form& form(const model::ContentName<Tag>& name) { return name.text(); }
  static std::optional<model::ContentName<Tag>> make(const Form& text) {
    return value_of(model::ContentName<Tag>::parse(text));
  }
};

template <>
struct Checked<rootfs::RootfsPath> {
  using Form = std::string;
  static const Form& form(const rootfs::RootfsPath& path) { return path.text(); }
  static std::optional<rootfs::RootfsPath> make(const Form& text) {
    return value_of(rootfs::RootfsPath::parse(text));
  }
};

template <typename Archive>
void fields(Archive& archive, Of<Archive, finding::Gap>& value) {
  archive(value.kind, value.plugin, value.target, value.path, value.message, value.mend,
          value.reproduce);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, finding::RawFinding>& value) {
  archive(value.rule, value.severity, value.confidence, value.message, value.path, value.field,
          value.line, value.column, value.offset, value.evidence, value.secret, value.detail,
          value.remediation, value.layer_index);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, finding::RawFact>& value) {
  archive(value.key, value.path, value.value);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, rootfs::Stat>& value) {
  archive(value.type, value.mode, value.uid, value.gid, value.size, value.mtime, value.rdev,
          value.sparse);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, model::Layer>& value) {
  archive(value.id, value.store, value.diff_id, value.digest, value.kind, value.identity,
          value.dialect, value.size, value.created_by, value.missing);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, plugin::SubscriptionRef>& value) {
  archive(value.plugin, value.index);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, plugin::Wanted>& value) {
  archive(value.files, value.patterns);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, plugin::ElfNote>& value) {
  archive(value.abi_major, value.abi_minor, value.host_minor_min, value.model_version, value.id,
          value.version);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, plugin::ManifestRule>& value) {
  archive(value.id, value.title, value.severity, value.help);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, plugin::FileFilter>& value) {
  archive(value.paths, value.names, value.exclude, value.magic, value.mode_any, value.min_size,
          value.max_size);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, plugin::FileSubscription>& value) {
  archive(value.number, value.where);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, plugin::PatternSubscription>& value) {
  archive(value.number, value.expression, value.caseless, value.binary, value.context, value.where);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, plugin::Subscriptions>& value) {
  archive(value.rules, value.files, value.patterns, value.targets, value.merged, value.layer_done,
          value.target_done);
}

template <typename Archive>
void fields(Archive& archive, Of<Archive, plugin::PluginFacts>& value) {
  archive(value.id, value.version, value.sdk, value.digest, value.rules_digest,
          value.subscriptions);
}

}  // namespace meridian::lane
