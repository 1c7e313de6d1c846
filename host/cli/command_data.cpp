// SPDX-License-Identifier: Apache-2.0
//
// command_data.cpp: `data import|list`.
#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <nlohmann/json.hpp>

#include "base/escape.hpp"
#include "base/state_folder.hpp"
#include "base/system_error.hpp"
#include "base/unique_fd.hpp"
#include "cli/commands.hpp"
#include "cli/data.hpp"
#include "cli/exit_status.hpp"
#include "cli/output.hpp"
#include "cli/signals.hpp"
#include "data/import.hpp"
#include "report/columns.hpp"

namespace meridian::cli {

namespace {

std::string table(const data::About& about) {
  std::vector<std::vector<std::string>> rows = {
      {"SOURCE", "KIND", "RECORDS", "FAILED", "DATE", "AGE"}};
  for (const data::Source& source : about.sources) {
    rows.push_back({base::escape(source.name), base::escape(source.kind),
                    std::to_string(source.records), std::to_string(source.failed),
                    base::escape(source.date.substr(0, 10)), age_text(source.date)});
  }
  return report::columns(rows);
}

std::string json(const std::string& path, const data::About& about) {
  nlohmann::ordered_json object;
  object["schema"] = "meridian.data/1";
  auto& databases = object["databases"] = nlohmann::ordered_json::array();
  if (!about.id.empty()) {
    auto& one = databases.emplace_back();
    one["path"] = base::escape(path);
    one["schema"] = about.schema;
    one["id"] = about.id;
    one["built"] = about.built;
    auto& sources = one["sources"] = nlohmann::ordered_json::array();
    for (const data::Source& source : about.sources) {
      sources.push_back({{"name", source.name},
                         {"kind", source.kind},
                         {"digest", source.digest},
                         {"date", source.date},
                         {"imported", source.imported},
                         {"records", source.records},
                         {"failed", source.failed}});
    }
  }
  return object.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

int list(const std::string& path, const DataArgs& args, const base::Log& log) {
  data::About about;
  if (auto file = data::open_database(path)) {
    auto read = data::about(file->get(), path);
    if (!read) {
      log.error(read.error().message());
      return kIncomplete;
    }
    about = *std::move(read);
  } else if (file.error().code() != ErrorCode::kNotFound) {
    log.error(file.error().message());
    return kIncomplete;
  } else {
    log.info("nothing was imported yet: " + file.error().message());
  }
  const bool as_json = args.format != report::Format::kTable;
  return write_output("-", as_json ? json(path, about) : table(about)) ? kDone : kIncomplete;
}

Result<data::Imported> import_all(const std::string& path, const DataArgs& args,
                                  const base::Cancel& cancel, const base::Log& log) {
  data::Imported imported;
  MERIDIAN_TRY(const auto writer, data::Writer::begin(path, cancel));
  for (const std::string& source : args.sources) {
    MERIDIAN_CHECK(data::import_feed(source, {args.kind, args.name}, *writer, imported));
  }
  if (imported.sources.empty()) return imported;
  MERIDIAN_TRY(const data::About about, writer->commit());
  log.info(base::escape(path) + ": " + std::to_string(about.sources.size()) + " sources, " +
           about.id);
  return imported;
}

int import_into(const std::string& folder, const std::string& path, const DataArgs& args,
                const base::Log& log) {
  base::make_folders(folder);
  // Another one would put its file over this one's: what this one took were lost.
  const base::UniqueFd alone(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!alone || ::flock(alone.get(), LOCK_EX | LOCK_NB) != 0) {
    log.error(errno == EWOULDBLOCK ? base::escape(folder) + ": another import is running"
                                   : base::system_error(errno, folder).message());
    return kIncomplete;
  }
  static base::Cancel cancel;  // signals outlive us
  stop_on_signals(cancel);
  const auto imported = import_all(path, args, cancel, log);
  if (!imported) {
    log.error(imported.error().message());
    if (imported.error().code() != ErrorCode::kCancelled) return kIncomplete;
    return cancel.reason() == base::StopReason::kTerminate ? kTerminated : kInterrupted;
  }
  for (const data::Problem& problem : imported->problems) {
    log.error(problem.where + ": " + problem.why.message());
  }
  for (const data::Source& source : imported->sources) {
    log.info(source.name + ": " + std::to_string(source.records) + " records, " +
             std::to_string(source.failed) + " failed, of " + source.date.substr(0, 10));
  }
  if (imported->failed == 0) return kDone;
  log.error(std::to_string(imported->failed) + " files or records were not taken");
  return kIncomplete;
}

}  // namespace

int run_data(const GlobalArgs& global, const DataArgs& args, const base::Log& log) {
  const auto folder = data_folder(global);
  if (!folder) {
    log.error("no data folder: --data-dir DIR names one");
    return kUsage;
  }
  const std::string path = *folder + "/" + data::kFile;
  return args.what == DataArgs::What::kList ? list(path, args, log)
                                            : import_into(*folder, path, args, log);
}

}  // namespace meridian::cli
