// SPDX-License-Identifier: Apache-2.0
//
// What a plugin may do in its callbacks: files of the merged tree, not_applicable(), and which
// thread may call what. Through the host's whole path over trees in memory.
#include <thread>

#include "meridian/testing/testing.hpp"
#include "support/catch.hpp"

using namespace meridian::testing;
using meridian::TargetKind;

namespace {

/// Reports each merged file under etc, with what it is told of it.
class Merged final : public meridian::Plugin<> {
 public:
  void subscribe(Subscriptions& on) const override {
    on.rule({.id = "file", .severity = meridian::Severity::kLow, .title = "A file"});
    on.merged_files({.paths = {"etc/**"}, .magic = {"#!"}}, &Merged::file);
    on.finish_target(&Merged::done);
  }

 private:
  void file(const meridian::MergedFile& file, meridian::TargetSink& out) const {
    const auto content = file.content(64);
    const auto link = file.target().tree().resolve("etc/link");
    const std::string evidence = (content ? *content : content.error().message()) + " layer " +
                                 std::to_string(file.layer()) + " link " +
                                 (link ? *link : link.error().message());
    out.report({.rule = "file", .file = file, .evidence = evidence});
    out.fact("path", file.path());
  }
  void done(const meridian::Target&, const meridian::Facts& facts,
            meridian::TargetSink& out) const {
    out.fact("merged.seen/1", std::to_string(facts.size()));
  }
};

/// Calls from a thread of its own what only its callback's thread may call.
class Threaded final : public meridian::Plugin<> {
 public:
  void subscribe(Subscriptions& on) const override {
    on.rule({.id = "late", .severity = meridian::Severity::kLow, .title = "Never"});
    on.layer_files({}, &Threaded::file);
    on.image(&Threaded::image);
  }
  static inline std::string read_error, tree_error;

 private:
  void file(const meridian::File& file, meridian::LayerSink& out) const {
    std::thread([&] {
      out.report({.rule = "late", .file = file});
      out.fact("late", "1");
      const auto content = file.content(64);
      read_error = content ? "" : content.error().message();
      host().debug("allowed on any thread");
    }).join();
  }
  void image(const meridian::Target& target, meridian::TargetSink&) const {
    std::thread([&] {
      const auto stat = target.tree().stat("x");
      tree_error = stat ? "" : stat.error().message();
    }).join();
  }
};

/// Leaves a callback by not_applicable(), after a finding.
class Picky final : public meridian::Plugin<> {
 public:
  void subscribe(Subscriptions& on) const override {
    on.rule({.id = "kept", .severity = meridian::Severity::kLow, .title = "Kept"});
    on.rule({.id = "lost", .severity = meridian::Severity::kLow, .title = "Never"});
    on.layer_files({}, [](const meridian::File& file, meridian::LayerSink& out) {
      out.report({.rule = "kept", .file = file});
      meridian::not_applicable();
    });
    on.image([](const meridian::Target&, meridian::TargetSink& out) {
      meridian::not_applicable();
      out.report({.rule = "lost"});
    });
  }
};

ImageBuilder scripts() {
  return image()
      .layer({file("etc/run", "#!old"), file("etc/gone", "#!gone"), file("etc/plain", "text"),
              file("srv/run", "#!elsewhere")})
      .layer({file("etc/run", "#!new"), whiteout("etc/gone"), symbolic_link("etc/link", "run")});
}

}  // namespace

TEST_CASE("merged files: what the target shows, once, with layer of origin and tree", "[scan]") {
  const auto r = scan<Merged>(scripts());
  REQUIRE(r.findings().size() == 1);
  const Found& found = r.finding("file");
  CHECK(found.path == "etc/run");
  CHECK(found.layer == 1);
  CHECK(found.visible());
  CHECK(found.evidence == "#!new layer 1 link etc/run");
  // Only what the subscription names is opened; etc/plain for its first bytes.
  CHECK(r.opened() == paths{"etc/plain", "etc/run"});
}

TEST_CASE("merged files: a container shows its writable layer over its image", "[scan]") {
  const auto r = scan<Merged>(scripts().writable({file("etc/run", "#!mine"), opaque("etc/x")}));
  CHECK(r.finding("file", TargetKind::kImage).evidence == "#!new layer 1 link etc/run");
  CHECK(r.finding("file", TargetKind::kContainer).evidence == "#!mine layer 2 link etc/run");
}

TEST_CASE("merged files: results are the same for every number of jobs and every order", "[scan]") {
  const ImageBuilder made = scripts().writable({file("etc/run", "#!mine")});
  const auto expected = scan<Merged>(made);
  for (const std::uint32_t jobs : {1u, 2u, 3u, 8u}) {
    for (std::uint64_t shuffle = 1; shuffle < 4; ++shuffle) {
      CHECK(scan<Merged>(made, {.jobs = jobs, .shuffle = shuffle}) == expected);
    }
  }
}

TEST_CASE("thread roles: a [worker] function answers only on its callback's thread", "[scan]") {
  const auto r = scan<Threaded>(image().layer({file("x", "content")}));
  CHECK(r.findings().empty());
  CHECK(Threaded::read_error.find("read was called on a thread") != std::string::npos);
  CHECK(Threaded::tree_error.find("stat was called on a thread") != std::string::npos);
  REQUIRE(r.gaps().size() == 2);  // of report() and fact(): the author sees them in any report
  for (const FoundGap& gap : r.gaps()) {
    CHECK(gap.kind == "protocol");
    CHECK(gap.message.find("was called on a thread that is not its callback's") !=
          std::string::npos);
  }
}

TEST_CASE("not_applicable: ends the callback, keeps what was said, and is no error", "[scan]") {
  const auto r = scan<Picky>(image().layer({file("x", "content")}));
  CHECK(r.findings().size() == 1);
  CHECK(r.finding("kept").path == "x");
  CHECK(r.gaps().empty());
  REQUIRE(r.endings().size() == 1);
  CHECK(r.endings()[0].result == "findings");
}
