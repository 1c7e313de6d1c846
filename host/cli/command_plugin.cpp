// SPDX-License-Identifier: Apache-2.0
#include "base/escape.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/output.hpp"
#include "cli/plugins.hpp"
#include "report/plugin_list.hpp"

namespace meridian::cli {

namespace {

report::PluginRow row_of(const plugin::Bundle& bundle) {
  report::PluginRow row;
  row.id = bundle.manifest.id;
  row.version = bundle.manifest.version;
  row.summary = bundle.manifest.summary;
  row.licence = bundle.manifest.licence;
  row.directory = bundle.directory;
  row.digest = bundle.digest;
  row.rules_digest = bundle.rules_digest;
  row.abi = std::to_string(bundle.note.abi_major) + "." + std::to_string(bundle.note.abi_minor);
  row.model_version = bundle.note.model_version;
  row.configuration = bundle.manifest.configuration;
  for (const plugin::ManifestRule& rule : bundle.manifest.rules) {
    row.rules.push_back({rule.id, rule.title, finding::to_text(rule.severity), rule.help});
  }
  const plugin::Needs& needs = bundle.manifest.needs;
  row.needs = {needs.memory,     needs.seconds_per_file,   needs.scratch, needs.threads, needs.jit,
               needs.privileges, needs.pure_layer_function};
  return row;
}

bool is_called(const plugin::Bundle& bundle, const std::string& name) {
  const std::string& id = bundle.manifest.id;
  return id == name || id.substr(id.rfind('.') + 1) == name;
}

}  // namespace

int run_plugin(const GlobalArgs&, const PluginCommandArgs& args, const base::Log& log) {
  auto catalog = open_catalog(args.directories);
  if (!catalog) {
    log.error(catalog.error().message());
    return kUsage;
  }
  const bool one = args.what == PluginCommandArgs::What::kInfo;
  std::vector<report::PluginRow> rows;
  for (const plugin::Bundle& bundle : catalog->bundles) {
    if (!one || is_called(bundle, args.id)) rows.push_back(row_of(bundle));
  }
  bool refused = false;
  for (const plugin::Refusal& refusal : catalog->refusals) {
    log.warn("refused " + refusal.path + ": " + refusal.message);
    refused = refused || refusal.is_plugin;
  }
  if (one && rows.size() != 1) {
    std::string ids;
    for (const plugin::Bundle& bundle : catalog->bundles) ids += " " + bundle.manifest.id;
    log.error("'" + base::escape(args.id) + "' means " + std::to_string(rows.size()) +
              " plugins; there are:" + ids);
    return kUsage;
  }
  const std::string text = one ? report::render_plugin(rows.front(), args.format)
                               : report::render_plugins(rows, args.format);
  if (!write_output("-", text)) return kIncomplete;
  return refused ? kIncomplete : kDone;
}

}  // namespace meridian::cli
