// SPDX-License-Identifier: Apache-2.0
//
// temp_dir.hpp: a folder that is gone with its owner, filled by path; missing parents are made.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "support/catch.hpp"

namespace meridian::testing_support {

class TempDir {
 public:
  TempDir() {
    path_ = (std::filesystem::temp_directory_path() / "meridian-test-XXXXXX").string();
    REQUIRE(::mkdtemp(path_.data()) != nullptr);
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  std::string at(const std::string& name) const { return path_ + "/" + name; }

  void directory(const std::string& name) const { std::filesystem::create_directories(at(name)); }
  std::string file(const std::string& name, std::string_view content) const {
    std::filesystem::create_directories(std::filesystem::path(at(name)).parent_path());
    std::ofstream stream(at(name), std::ios::binary);
    stream << content;
    REQUIRE(stream.good());
    return at(name);
  }
  void symlink(const std::string& name, const std::string& target) const {
    std::filesystem::create_directories(std::filesystem::path(at(name)).parent_path());
    REQUIRE(::symlink(target.c_str(), at(name).c_str()) == 0);
  }
  void remove(const std::string& name) const { std::filesystem::remove_all(at(name)); }

 private:
  std::string path_;
};

}  // namespace meridian::testing_support
