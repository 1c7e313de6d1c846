// SPDX-License-Identifier: Apache-2.0
//
// commands.hpp: one function a command; each in command_NAME.cpp. They wire, call and print;
// nothing is computed here. Each returns the exit status.
#pragma once

#include "base/log.hpp"
#include "cli/args.hpp"
#include "environment/observed.hpp"
#include "lane/sandbox_level.hpp"

namespace meridian::cli {

int run_scan(const GlobalArgs& global, const ScanArgs& args,
             const environment::BeforeConfinement& before, const base::Log& log);
int run_list(const GlobalArgs& global, const ListArgs& args, const base::Log& log);
int run_node(const GlobalArgs& global, const NodeArgs& args, const base::Log& log);
int run_show(const GlobalArgs& global, const ShowArgs& args, const base::Log& log);
int run_fs(const GlobalArgs& global, const FsArgs& args, const base::Log& log);
int run_quarantine(const GlobalArgs& global, const QuarantineArgs& args, const base::Log& log);
int run_data(const GlobalArgs& global, const DataArgs& args, const base::Log& log);
int run_plugin(const GlobalArgs& global, const PluginCommandArgs& args, const base::Log& log);
/// What this process was when it began, and what it took from itself since.
struct OwnState {
  environment::BeforeConfinement before;
  lane::SandboxLevel confinement;
};
int run_doctor(const GlobalArgs& global, const DoctorArgs& args, const OwnState& own,
               const base::Log& log);
int run_deploy(const GlobalArgs& global, const DeployArgs& args, const base::Log& log);
int run_version(const VersionArgs& args);

/// The version of this build, "0.1.0".
const char* version();

}  // namespace meridian::cli
