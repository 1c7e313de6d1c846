// SPDX-License-Identifier: Apache-2.0
//
// main.cpp: the command line in, the exit status out.
#include <sys/resource.h>
#include <unistd.h>

#include "cli/args.hpp"
#include "cli/commands.hpp"
#include "cli/confine.hpp"
#include "cli/output.hpp"
#include "environment/observe.hpp"
#include "lane/lane_main.hpp"
#include "lane/reader_main.hpp"

namespace {

/// As many descriptors as allowed, since every layer on disk is one.
void set_limits() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
  }
}

}  // namespace

int main(int argc, char** argv) {
  using namespace meridian;  // NOLINT(google-build-using-namespace): main is outside of it
  set_limits();
  auto parsed = cli::parse_args(argc, argv);
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  cli::Args& args = std::get<cli::Args>(parsed);
  if (std::holds_alternative<cli::LaneArgs>(args.command)) return lane::lane_main();
  if (std::holds_alternative<cli::ReaderArgs>(args.command)) return lane::reader_main();
  const bool color = args.global.color && cli::is_terminal(STDERR_FILENO);
  environment::BeforeConfinement before = environment::observe_before_confinement();
  before.gave_up_writing = cli::gives_up_writing();
  const lane::SandboxLevel confined = cli::confine_host();
  const base::Log log(args.global.quiet ? base::LogLevel::kError : args.global.log_level,
                      color ? base::Log::Color::kYes : base::Log::Color::kNo);
  if (const auto* scan = std::get_if<cli::ScanArgs>(&args.command)) {
    cli::take_priority(scan->priority);
    return cli::run_scan(args.global, *scan, before, log);
  }
  if (const auto* list = std::get_if<cli::ListArgs>(&args.command)) {
    return cli::run_list(args.global, *list, log);
  }
  if (const auto* node = std::get_if<cli::NodeArgs>(&args.command)) {
    return cli::run_node(args.global, *node, log);
  }
  if (const auto* show = std::get_if<cli::ShowArgs>(&args.command)) {
    return cli::run_show(args.global, *show, log);
  }
  if (const auto* fs = std::get_if<cli::FsArgs>(&args.command)) {
    return cli::run_fs(args.global, *fs, log);
  }
  if (const auto* plugin = std::get_if<cli::PluginCommandArgs>(&args.command)) {
    return cli::run_plugin(args.global, *plugin, log);
  }
  if (const auto* quarantine = std::get_if<cli::QuarantineArgs>(&args.command)) {
    return cli::run_quarantine(args.global, *quarantine, log);
  }
  if (const auto* data = std::get_if<cli::DataArgs>(&args.command)) {
    return cli::run_data(args.global, *data, log);
  }
  if (const auto* doctor = std::get_if<cli::DoctorArgs>(&args.command)) {
    return cli::run_doctor(args.global, *doctor, {before, confined}, log);
  }
  if (const auto* deploy = std::get_if<cli::DeployArgs>(&args.command)) {
    return cli::run_deploy(args.global, *deploy, log);
  }
  return cli::run_version(std::get<cli::VersionArgs>(args.command));
}
