// SPDX-License-Identifier: Apache-2.0
#include "store/containerd/cri.hpp"

#include "model/json.hpp"

namespace meridian::store::containerd {

Result<CriMetadata> parse_cri_metadata(std::string_view json) {
  MERIDIAN_TRY(const model::Json root, model::Json::parse(json));
  MERIDIAN_TRY(const model::Json metadata, root.object("Metadata"));
  MERIDIAN_TRY(const model::Json config, metadata.object("Config"));
  MERIDIAN_TRY(const model::Json names, config.object("metadata"));
  CriMetadata out;
  MERIDIAN_TRY(out.sandbox, metadata.text("SandboxID"));
  MERIDIAN_TRY(out.image, metadata.text("ImageRef"));
  MERIDIAN_TRY(out.handler, metadata.text("RuntimeHandler"));
  MERIDIAN_TRY(out.name, names.text("name"));
  MERIDIAN_TRY(out.pod_uid, names.text("uid"));
  MERIDIAN_TRY(out.pod_namespace, names.text("namespace"));
  return out;
}

Result<CriStatus> parse_cri_status(std::string_view json) {
  MERIDIAN_TRY(const model::Json root, model::Json::parse(json));
  if (!root.is_object()) return Error(ErrorCode::kCorrupt, "is no JSON object");
  CriStatus out;
  const auto number = [&root](std::string_view key, std::int64_t& value) -> Result<void> {
    MERIDIAN_TRY(const auto found, root.integer(key));
    value = found.value_or(0);
    return {};
  };
  MERIDIAN_CHECK(number("Pid", out.pid));
  MERIDIAN_CHECK(number("StartedAt", out.started));
  MERIDIAN_CHECK(number("FinishedAt", out.finished));
  MERIDIAN_CHECK(number("ExitCode", out.exit_code));
  MERIDIAN_TRY(out.reason, root.text("Reason"));
  MERIDIAN_TRY(out.message, root.text("Message"));
  return out;
}

}  // namespace meridian::store::containerd
