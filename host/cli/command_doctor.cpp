// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/environment.hpp"
#include "cli/exit_status.hpp"
#include "cli/output.hpp"
#include "cli/wiring.hpp"
#include "lane/sandbox_probe.hpp"

namespace meridian::cli {

namespace {

std::string text_of(const std::vector<EnvironmentFact>& facts) {
  std::string text;
  std::size_t width = 0;
  for (const EnvironmentFact& fact : facts) width = std::max(width, fact.name.size());
  for (const EnvironmentFact& fact : facts) {
    text += (fact.allowed ? "ok       " : "missing  ") + fact.name;
    text += std::string(width - fact.name.size() + 2, ' ') + fact.detail;
    if (!fact.mend.empty()) text += "; mend: " + fact.mend;
    text += "\n";
  }
  return text;
}

nlohmann::ordered_json level_json(const lane::SandboxLevel& level) {
  nlohmann::ordered_json parts = nlohmann::ordered_json::array();
  for (const lane::SandboxPart& part : level.parts()) {
    nlohmann::ordered_json one = {{"name", part.name}, {"reached", part.reached()}};
    if (!part.reached()) one["reason"] = part.reason;
    one["counts"] = part.counts;
    parts.push_back(std::move(one));
  }
  return {{"level", level.text()}, {"full", level.is_full()}, {"parts", std::move(parts)}};
}

std::string json_of(const std::vector<EnvironmentFact>& facts, const lane::SandboxLevel& lane,
                    const lane::SandboxLevel& host) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const EnvironmentFact& fact : facts) {
    nlohmann::ordered_json row = {{"name", fact.name},
                                  {"state", fact.allowed ? "available" : "unavailable"},
                                  {"detail", fact.detail}};
    if (!fact.mend.empty()) row["mend"] = fact.mend;
    rows.push_back(std::move(row));
  }
  const nlohmann::ordered_json document = {{"schema", "meridian.doctor/1"},
                                           {"facts", std::move(rows)},
                                           {"plugin_sandbox", level_json(lane)},
                                           {"host_confinement", level_json(host)}};
  return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

int run_doctor(const GlobalArgs& global, const DoctorArgs& args, const lane::SandboxLevel& host,
               const base::Log& log) {
  auto lane = lane::probe_sandbox();
  if (!lane) {
    log.error("plugin sandbox: " + lane.error().message());
    lane = lane::SandboxLevel();
  }
  const auto facts = environment_facts(host_root_of(global), *lane, host);
  const std::string text =
      args.format == report::Format::kTable ? text_of(facts) : json_of(facts, *lane, host);
  if (!write_output("-", text)) return kIncomplete;
  const bool all = std::all_of(facts.begin(), facts.end(),
                               [](const EnvironmentFact& fact) { return fact.allowed; });
  return all ? kDone : kIncomplete;
}

}  // namespace meridian::cli
