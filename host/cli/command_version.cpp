// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <string>

#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/output.hpp"
#include "plugin/abi_version.hpp"

#ifndef MERIDIAN_VERSION
#error "the build defines MERIDIAN_VERSION"
#endif

namespace meridian::cli {

const char* version() { return MERIDIAN_VERSION; }

int run_version(const VersionArgs& args) {
  const std::string abi =
      std::to_string(plugin::kAbiMajor) + "." + std::to_string(plugin::kAbiMinor);
  const std::string model = std::to_string(plugin::kModelVersion);
  const std::string text =
      args.format == report::Format::kTable
          ? std::string("meridian ") + version() + " (plugin interface " + abi + ", data model " +
                model + ")\n"
          : std::string("{\"schema\": \"meridian.version/1\", \"version\": \"") + version() +
                "\", \"abi\": \"" + abi + "\", \"model_version\": " + model + "}\n";
  return write_output("-", text) ? kDone : kIncomplete;
}

}  // namespace meridian::cli
