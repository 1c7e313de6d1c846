// SPDX-License-Identifier: Apache-2.0
//
// testing.hpp: test a plugin without the host.
//
//   auto r = testing::scan<Example>(
//       image().layer({file("etc/x", "AKIA...")}).layer({whiteout("etc/x")}));
//   REQUIRE(r.finding("aws-key").shadowed());
//   REQUIRE(r.opened() == paths{"etc/x"});
//
// The work is done by libmeridian-testing.so, which is the host's own code over trees in memory.
#pragma once

#include <list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../plugin.hpp"
#include "image.hpp"
#include "outcome.hpp"
#include "testing.h"

namespace meridian::testing {

struct Options {
  std::uint32_t jobs = 1;
  std::uint64_t shuffle = 0;  // seed for the order of units; 0: none
  std::string settings = {};  // a JSON object of options; defaults are not filled in
  std::vector<std::pair<std::string, std::string>> rules = {};  // file name -> bytes
  std::vector<std::pair<std::string, std::string>> data = {};   // name in the manifest -> bytes
};

/// Lends a builder's values to the C function and collects its answers.
class Scan {
 public:
  static Outcome run(const meridian_descriptor* plugin, const ImageBuilder& image,
                     const Options& options) {
    std::vector<std::vector<meridian_testing_entry>> entries;
    std::list<LentStrings> xattrs;
    std::vector<meridian_testing_layer> layers;
    entries.reserve(image.layers_.size() + 1);
    for (const auto& layer : image.layers_) layers.push_back(lend_layer(layer, entries, xattrs));
    const meridian_testing_layer writable = lend_layer(image.writable_, entries, xattrs);
    const LentStrings names(image.names_), env(image.env_), labels(image.labels_);
    const LentStrings entrypoint(image.entrypoint_), cmd(image.cmd_), added(image.container_env_);
    const LentProcesses processes(image.processes_);
    const LentContents contents(image.contents_);
    const LentIsolations isolation(image.isolation_), handlers(image.handlers_);
    const meridian_testing_image record{sizeof record,
                                        image.has_container_ ? 1u : 0u,
                                        names.get(),
                                        env.get(),
                                        labels.get(),
                                        entrypoint.get(),
                                        cmd.get(),
                                        layers.data(),
                                        layers.size(),
                                        &writable,
                                        added.get(),
                                        lend(image.config_),
                                        lend(image.spec_),
                                        lend(image.spec_origin_),
                                        lend(image.runtime_handler_),
                                        processes.get(),
                                        image.no_procfs_ ? 1u : 0u,
                                        0,
                                        lend(image.image_name_),
                                        isolation.size() == 0 ? nullptr : *isolation.data(),
                                        handlers.data(),
                                        handlers.size(),
                                        contents.data(),
                                        contents.size(),
                                        lend(image.host_node_)};
    std::vector<meridian_rule_file> files;
    for (const auto& [name, bytes] : options.rules) files.push_back({lend(name), lend(bytes)});
    std::vector<meridian_rule_file> data;
    for (const auto& [name, bytes] : options.data) data.push_back({lend(name), lend(bytes)});
    const meridian_testing_options wishes{
        sizeof wishes,
        options.jobs,
        options.shuffle,
        lend(options.settings),
        {sizeof(meridian_rule_data), 0, files.data(), files.size(), data.data(), data.size(),
         nullptr, 0, nullptr, nullptr}};
    Outcome outcome;
    const meridian_testing_results results{sizeof results, 0,        &outcome,   &on_finding,
                                           &on_gap,        &on_fact, &on_opened, &on_ended};
    Failure failure;
    const meridian_status status =
        meridian_testing_scan(plugin, &record, &wishes, &results, failure.get());
    if (status != MERIDIAN_OK) throw std::runtime_error(failure.error(status).message());
    return outcome;
  }

 private:
  static meridian_testing_layer lend_layer(
      const ImageBuilder::LayerText& layer,
      std::vector<std::vector<meridian_testing_entry>>& entries, std::list<LentStrings>& xattrs) {
    auto& list = entries.emplace_back();
    for (const Entry& entry : layer.entries) {
      list.push_back({sizeof(meridian_testing_entry), entry.mode, entry.uid, entry.gid,
                      lend(entry.path), lend(entry.content),
                      xattrs.emplace_back(entry.xattrs).get(), entry.device_major,
                      entry.device_minor});
    }
    return {sizeof(meridian_testing_layer), 0, list.data(), list.size(), lend(layer.created_by)};
  }

  static Outcome& self(void* impl) { return *static_cast<Outcome*>(impl); }
  static std::string text(meridian_str bytes) { return std::string(view(bytes)); }

  static void on_finding(void* impl, const meridian_testing_finding* record) {
    Found found;
    found.rule = text(record->rule);
    found.message = text(record->message);
    found.path = text(record->path);
    found.field = text(record->field);
    found.evidence = text(record->evidence);
    found.fingerprint = text(record->fingerprint);
    found.remediation = text(record->remediation);
    found.severity = static_cast<Severity>(record->severity);
    found.target = static_cast<TargetKind>(record->target);
    found.layer = record->layer_index;
    found.line = record->line;
    found.column = record->column;
    found.occurrences = record->occurrences;
    found.visibility = record->visibility;
    self(impl).findings_.push_back(std::move(found));
  }
  static void on_gap(void* impl, meridian_str kind, meridian_str path, meridian_str message) {
    self(impl).gaps_.push_back({text(kind), text(path), text(message)});
  }
  static void on_fact(void* impl, meridian_str schema, meridian_str data) {
    self(impl).facts_.emplace_back(text(schema), text(data));
  }
  static void on_opened(void* impl, meridian_str path) { self(impl).opened_.push_back(text(path)); }
  static void on_ended(void* impl, meridian_target_kind target, meridian_str result,
                       meridian_str reason) {
    self(impl).endings_.push_back({static_cast<TargetKind>(target), text(result), text(reason)});
  }
};

/// Runs plugin class `P` over the image, its container and its host if it has them. Throws
/// std::runtime_error with a user's words if it cannot be configured or subscribed.
template <typename P>
Outcome scan(const ImageBuilder& image, const Options& options = {}) {
  return Scan::run(thunks::descriptor<P>("org.example.under-test", "1.0.0"), image, options);
}

}  // namespace meridian::testing
