// SPDX-License-Identifier: Apache-2.0
//
// command_quarantine.cpp: `plugin quarantine list|add|clear`.
#include <set>

#include "base/escape.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/output.hpp"
#include "cli/plugins.hpp"
#include "cli/quarantine.hpp"
#include "report/columns.hpp"

namespace meridian::cli {

namespace {

std::string table(const plugin::Quarantine& quarantine) {
  std::vector<std::vector<std::string>> rows = {{"PLUGIN", "CONTENT", "BY", "EXPIRES", "REASON"}};
  for (const plugin::QuarantineRecord& record : quarantine.records()) {
    const std::string kind = record.kind ? finding::to_text(*record.kind) : "";
    const std::string text = base::escape(record.message);
    rows.push_back({record.plugin.id, record.content.empty() ? "whole" : record.content,
                    record.kind ? "host" : "operator", base::to_text(record.expires),
                    kind + (kind.empty() || text.empty() ? "" : ": ") + text});
  }
  return report::columns(rows);
}

int print(const plugin::Quarantine& quarantine, const QuarantineArgs& args) {
  const bool json = args.format != report::Format::kTable;
  return write_output("-", json ? quarantine.json() : table(quarantine)) ? kDone : kIncomplete;
}

int list(plugin::QuarantineStore& store, const QuarantineArgs& args, const base::Log& log) {
  auto quarantine = store.read();
  if (!quarantine) {
    log.error(quarantine.error().message());
    return kIncomplete;
  }
  quarantine->expire(base::utc_now());
  return print(*quarantine, args);
}

int changed(const Result<void>& written, const std::string& done, const base::Log& log) {
  if (!written) {
    log.error(written.error().message());
    return kIncomplete;
  }
  log.info(done);
  return kDone;
}

int add(plugin::QuarantineStore& store, const QuarantineArgs& args, const base::Log& log) {
  const auto catalog = open_catalog(args.directories);
  if (!catalog) {
    log.error(catalog.error().message());
    return kUsage;
  }
  const auto bundle = find_bundle(*catalog, args.plugin);
  if (!bundle) {
    log.error(bundle.error().message());
    return kUsage;
  }
  plugin::QuarantineRecord record;
  record.plugin = {(*bundle)->manifest.id, (*bundle)->digest, (*bundle)->rules_digest};
  record.message = base::escape(args.reason);
  record.created = base::utc_now();
  record.expires = record.created + std::chrono::ceil<std::chrono::seconds>(args.term);
  const std::string done = "plugin " + record.plugin.id + ": " + plugin::to_text(record);
  return changed(store.update([&](plugin::Quarantine& to) { to.add(record); }), done, log);
}

bool is_called(const std::string& id, const std::string& name) {
  return id == name || id.substr(id.rfind('.') + 1) == name;
}

int clear(plugin::QuarantineStore& store, const QuarantineArgs& args, const base::Log& log) {
  std::set<std::string> ids;
  std::string known;
  std::size_t count = 0;
  const auto written = store.update([&](plugin::Quarantine& quarantine) {
    for (const plugin::QuarantineRecord& record : quarantine.records()) {
      const std::string& id = record.plugin.id;
      if (known.find(id) == std::string::npos) known += " " + id;
      if (args.all || is_called(id, args.plugin)) ids.insert(id);
    }
    for (const std::string& id : ids) count += quarantine.clear(id);
  });
  if (written && ids.empty() && !args.all) {
    log.error("no plugin '" + base::escape(args.plugin) +
              "' is quarantined; there are:" + (known.empty() ? " none" : known));
    return kUsage;
  }
  return changed(written, std::to_string(count) + " records cleared", log);
}

}  // namespace

int run_quarantine(const GlobalArgs& global, const QuarantineArgs& args, const base::Log& log) {
  const auto folder = state_folder(global);
  if (!folder) {
    log.error("no state folder: --state DIR names one");
    return kUsage;
  }
  const bool adds = args.what == QuarantineArgs::What::kAdd;
  auto store =
      plugin::QuarantineStore::open(*folder, adds ? plugin::QuarantineStore::IfAbsent::kMake
                                                  : plugin::QuarantineStore::IfAbsent::kLeave);
  if (!store && store.error().code() == ErrorCode::kNotFound && !adds) {
    if (args.what == QuarantineArgs::What::kList) return print(plugin::Quarantine(), args);
    log.info("nothing is quarantined: " + store.error().message());
    return args.all ? kDone : kUsage;
  }
  if (!store) {
    log.error(store.error().message());
    return kIncomplete;
  }
  switch (args.what) {
    case QuarantineArgs::What::kAdd:
      return add(*store, args, log);
    case QuarantineArgs::What::kClear:
      return clear(*store, args, log);
    case QuarantineArgs::What::kList:
      break;
  }
  return list(*store, args, log);
}

}  // namespace meridian::cli
