// SPDX-License-Identifier: Apache-2.0
//
// image.hpp: what a test scans: an image, and perhaps a container of it and their host.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "content.hpp"
#include "entry.hpp"
#include "isolated.hpp"
#include "running.hpp"

namespace meridian::testing {

/// An image in the making; a container of it too, once something of a container's is said.
class ImageBuilder {
 public:
  ImageBuilder& layer(std::vector<Entry> entries, std::string created_by = "") {
    layers_.push_back({std::move(entries), std::move(created_by)});
    return *this;
  }
  ImageBuilder& name(std::string name) { return add(names_, std::move(name)); }
  ImageBuilder& env(std::string entry) { return add(env_, std::move(entry)); }       // "NAME=value"
  ImageBuilder& label(std::string label) { return add(labels_, std::move(label)); }  // "key=value"
  ImageBuilder& cmd(std::string word) { return add(cmd_, std::move(word)); }
  ImageBuilder& entrypoint(std::string word) { return add(entrypoint_, std::move(word)); }
  /// What the container wrote.
  ImageBuilder& writable(std::vector<Entry> entries) {
    has_container_ = true;
    writable_ = {std::move(entries), ""};
    return *this;
  }
  ImageBuilder& container_env(std::string entry) {
    has_container_ = true;
    return add(container_env_, std::move(entry));
  }
  /// What runs in the container; by pid.
  ImageBuilder& process(Running process) {
    has_container_ = true;
    processes_.push_back(std::move(process));
    return *this;
  }
  /// As on a machine whose processes nobody can see.
  ImageBuilder& no_procfs() {
    has_container_ = true;
    no_procfs_ = true;
    return *this;
  }
  /// The image's config file (OCI image-spec); what env(), cmd() and so on say is added to it.
  ImageBuilder& config(std::string json) {
    config_ = std::move(json);
    return *this;
  }
  /// The container's OCI runtime spec, as `origin` says: "recorded" or "synthesised".
  ImageBuilder& container_spec(std::string json, std::string origin = "recorded") {
    has_container_ = true;
    spec_ = std::move(json);
    spec_origin_ = std::move(origin);
    return *this;
  }
  /// What the container's user called the image.
  ImageBuilder& image_name(std::string name) {
    has_container_ = true;
    image_name_ = std::move(name);
    return *this;
  }
  /// What runs the container.
  ImageBuilder& isolation(Isolated isolation) {
    has_container_ = true;
    isolation_ = {std::move(isolation)};
    return *this;
  }
  /// One more thing that its engine could run containers with.
  ImageBuilder& handler(Isolated handler) {
    has_container_ = true;
    handlers_.push_back(std::move(handler));
    return *this;
  }
  /// What is found of the next layer that nothing was said of yet, the lowest first.
  ImageBuilder& content(Content content) {
    contents_.push_back(std::move(content));
    return *this;
  }
  /// The machine is scanned too; its Kubernetes node is this JSON (meridian.node/1).
  ImageBuilder& host(std::string node = "{}") {
    host_node_ = std::move(node);
    return *this;
  }
  ImageBuilder& runtime_handler(std::string name) {
    runtime_handler_ = std::move(name);
    return *this;
  }

 private:
  friend class Scan;
  struct LayerText {
    std::vector<Entry> entries;
    std::string created_by;
  };
  ImageBuilder& add(std::vector<std::string>& list, std::string text) {
    list.push_back(std::move(text));
    return *this;
  }

  std::vector<LayerText> layers_;
  LayerText writable_;
  bool has_container_ = false;
  bool no_procfs_ = false;
  std::vector<Running> processes_;
  std::vector<std::string> names_, env_, labels_, cmd_, entrypoint_, container_env_;
  std::string config_, spec_, spec_origin_, runtime_handler_, image_name_, host_node_;
  std::vector<Content> contents_;
  std::vector<Isolated> isolation_, handlers_;  // of the first none or one
};

inline ImageBuilder image() { return {}; }

}  // namespace meridian::testing
