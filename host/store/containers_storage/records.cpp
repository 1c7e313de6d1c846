// SPDX-License-Identifier: Apache-2.0
#include "store/containers_storage/records.hpp"

#include <algorithm>
#include <utility>

#include "base/escape.hpp"
#include "model/json.hpp"

namespace meridian::store::containers_storage {
namespace {

using model::Json;

constexpr std::size_t kIdSize = 64;

bool is_in(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

Result<std::string> id_of(const Json& json, const char* key) {
  MERIDIAN_TRY(auto id, json.text(key));
  if (id.empty() || is_id(id)) return id;
  return Error(ErrorCode::kCorrupt, std::string(key) + " '" + base::escape(id) + "' is no id");
}

Result<std::string> own_id(const Json& json) {
  MERIDIAN_TRY(auto id, id_of(json, "id"));
  if (id.empty()) return Error(ErrorCode::kCorrupt, "a record has no id");
  return id;
}

Result<ImageRecord> parse(const Json& json, const ImageRecord& /*type*/) {
  ImageRecord out;
  MERIDIAN_TRY(out.id, own_id(json));
  MERIDIAN_TRY(out.digest, json.text("digest"));
  MERIDIAN_TRY(out.names, json.texts("names"));
  MERIDIAN_TRY(out.layer, id_of(json, "layer"));
  MERIDIAN_TRY(out.created, json.text("created"));
  return out;
}

Result<LayerRecord> parse(const Json& json, const LayerRecord& /*type*/) {
  LayerRecord out;
  MERIDIAN_TRY(out.id, own_id(json));
  MERIDIAN_TRY(out.parent, id_of(json, "parent"));
  MERIDIAN_TRY(out.diff_digest, json.text("diff-digest"));
  MERIDIAN_TRY(out.toc_digest, json.text("toc-digest"));
  MERIDIAN_TRY(const auto size, json.integer("diff-size"));
  out.size = static_cast<std::uint64_t>(std::max<std::int64_t>(size.value_or(0), 0));
  MERIDIAN_TRY(const Json flags, json.object("flags"));
  MERIDIAN_TRY(out.incomplete, flags.flag("incomplete"));
  return out;
}

Result<ContainerRecord> parse(const Json& json, const ContainerRecord& /*type*/) {
  ContainerRecord out;
  MERIDIAN_TRY(out.id, own_id(json));
  MERIDIAN_TRY(out.names, json.texts("names"));
  MERIDIAN_TRY(out.image, id_of(json, "image"));
  MERIDIAN_TRY(out.layer, id_of(json, "layer"));
  MERIDIAN_TRY(out.metadata, json.text("metadata"));
  MERIDIAN_TRY(out.created, json.text("created"));
  return out;
}

template <typename Record>
Result<Records<Record>> parse_all(std::string_view text) {
  MERIDIAN_TRY(const Json root, Json::parse(text));
  Records<Record> out;
  if (root.is_null()) return out;
  MERIDIAN_TRY(const auto list, root.elements());
  for (const Json& json : list) {
    auto record = parse(json, Record());
    if (record) {
      out.good.push_back(*std::move(record));
    } else {
      out.bad.push_back(std::move(record).error());
    }
  }
  return out;
}

}  // namespace

Result<Records<ImageRecord>> parse_images(std::string_view json) {
  return parse_all<ImageRecord>(json);
}
Result<Records<LayerRecord>> parse_layers(std::string_view json) {
  return parse_all<LayerRecord>(json);
}
Result<Records<ContainerRecord>> parse_containers(std::string_view json) {
  return parse_all<ContainerRecord>(json);
}

bool is_id(std::string_view text) {
  return text.size() == kIdSize &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_in(c, "0123456789abcdef"); });
}

// containers/storage, images.go, bigDataNameIsManifest and makeBigDataBaseName.
Result<std::string> big_data_name(std::string_view key) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const bool plain = std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.';
  });
  if (plain && !key.empty() && key != "." && key != "..") return std::string(key);
  std::string name = "=";
  for (std::size_t at = 0; at < key.size(); at += 3) {
    const std::string_view part = key.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = bits << 8 | (i < part.size() ? static_cast<unsigned char>(part[i]) : 0u);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      name += i <= part.size() ? kDigits[bits >> (18 - 6 * i) & 63] : '=';
    }
  }
  if (name.find('/') == std::string::npos && name.size() < 256) return name;
  return Error(ErrorCode::kInvalid, "'" + base::escape(key) + "' would be kept under a path");
}

}  // namespace meridian::store::containers_storage
