// SPDX-License-Identifier: Apache-2.0
#include "store/archive/archive_files.hpp"

#include "support/catch.hpp"
#include "support/tar_writer.hpp"
#include "support/temp_dir.hpp"

using namespace meridian;
using namespace meridian::store;
using testing_support::TarWriter;
using testing_support::TempDir;

namespace {

Result<std::string> read(const TarWriter& tar, const std::string& name) {
  const TempDir folder;
  const auto files =
      ArchiveFiles::open(archive::local_unpacker(), folder.file("x.tar", tar.finish()));
  if (!files) return files.error();
  const auto found = (*files)->find(name);
  if (!found) return found.error();
  return (*files)->read(*found, 1000);
}

}  // namespace

TEST_CASE("archive files: links lead to other members, relative, absolute and hard ones") {
  TarWriter tar;
  tar.file("a/layer.tar", "A").symlink("b/layer.tar", "../a/layer.tar");
  tar.symlink("c/layer.tar", "/a/layer.tar").hardlink("d/layer.tar", "a/layer.tar");
  tar.symlink("e", "b/layer.tar");
  for (const char* const name : {"a/layer.tar", "b/layer.tar", "c/layer.tar", "d/layer.tar", "e",
                                 "./a/layer.tar", "/a//layer.tar"}) {
    INFO(name);
    CHECK(read(tar, name).value() == "A");
  }
}

TEST_CASE("archive files: a link out of the archive leads to a member or nowhere") {
  TarWriter tar;
  tar.symlink("a", "../../../../etc/passwd").symlink("b", "/etc/passwd");
  CHECK(read(tar, "a").error().code() == ErrorCode::kNotFound);
  CHECK(read(tar, "b").error().code() == ErrorCode::kNotFound);
  CHECK(read(tar, "../../../etc/passwd").error().code() == ErrorCode::kNotFound);
  tar.file("etc/passwd", "the archive's own");
  CHECK(read(tar, "a").value() == "the archive's own");
}

TEST_CASE("archive files: links in a circle and links to folders end with an error") {
  TarWriter tar;
  tar.symlink("a", "b").symlink("b", "a").hardlink("self", "self").directory("d").symlink("e", "d");
  CHECK(read(tar, "a").error().code() == ErrorCode::kLimit);
  CHECK(read(tar, "self").error().code() == ErrorCode::kLimit);
  CHECK(read(tar, "e").error().code() == ErrorCode::kCorrupt);
}

TEST_CASE("archive files: the last member of a name counts") {
  CHECK(read(TarWriter().file("a", "first").file("a", "last"), "a").value() == "last");
}

TEST_CASE("archive files: a member larger than asked for is kLimit") {
  const auto large = read(TarWriter().file("a", std::string(1001, 'x')), "a");
  CHECK(large.error().code() == ErrorCode::kLimit);
}

TEST_CASE("archive files: what is no tar, no file or not there, by name") {
  const TempDir folder;
  const auto text =
      ArchiveFiles::open(archive::local_unpacker(), folder.file("x", std::string(2000, 'x')));
  CHECK(text.error().code() == ErrorCode::kCorrupt);
  CHECK(text.error().message().find(folder.at("x")) != std::string::npos);
  CHECK(ArchiveFiles::open(archive::local_unpacker(), folder.path()).error().code() ==
        ErrorCode::kInvalid);
  CHECK(ArchiveFiles::open(archive::local_unpacker(), folder.at("absent")).error().code() ==
        ErrorCode::kNotFound);
}
