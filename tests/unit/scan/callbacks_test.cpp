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

/// Says what runs in a container; asks twice.
class Census final : public meridian::Plugin<> {
 public:
  void subscribe(Subscriptions& on) const override {
    on.rule({.id = "process", .severity = meridian::Severity::kInfo, .title = "A process"});
    on.rule({.id = "refused", .severity = meridian::Severity::kInfo, .title = "No answer"});
    on.image(&Census::target);
    on.container(&Census::target);
    on.finish_target(&Census::done);
  }

 private:
  void target(const meridian::Target& target, meridian::TargetSink& out) const {
    const auto processes = target.processes();
    if (!processes) {
      return out.report({.rule = "refused", .evidence = processes.error().message()});
    }
    for (const meridian::Process process : *processes) {
      out.report({.rule = "process",
                  .field = "process:" + std::to_string(process.pid()),
                  .evidence = text_of(process)});
    }
  }
  void done(const meridian::Target& target, const meridian::Facts&,
            meridian::TargetSink& out) const {
    const auto processes = target.processes();
    out.fact("census.size/1", processes ? std::to_string(processes->size()) : "-");
  }
  static std::string text_of(const meridian::Process& process) {
    std::string text = std::to_string(process.inside_pid().value_or(0)) + " of " +
                       std::to_string(process.parent()) + " user " + std::to_string(process.uid()) +
                       ":" + std::to_string(process.gid()) + " " +
                       std::string(process.executable()) +
                       (process.executable_deleted() ? " deleted" : "");
    for (const auto word : process.arguments()) text += " " + std::string(word);
    for (const auto one : process.effective()) text += " " + std::string(one);
    for (const meridian::ProcessNamespace one : process.namespaces()) {
      text += " " + std::string(one.type()) + "=" + std::to_string(one.inode()) +
              (one.of_host() ? (*one.of_host() ? "h" : "p") : "?");
    }
    if (const auto files = process.open_files()) {
      for (const meridian::OpenFile file : *files) {
        text += " " + std::to_string(file.descriptor()) + ">" + std::string(file.target()) +
                (file.deleted() ? "!" : "");
      }
    } else {
      text += " files unseen";
    }
    if (const auto sockets = process.listening()) {
      for (const meridian::ListeningSocket socket : *sockets) {
        text += " " + std::string(socket.protocol()) + ":" + std::string(socket.address()) + ":" +
                std::to_string(socket.port());
      }
    } else {
      text += " sockets unseen";
    }
    return text;
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

TEST_CASE("processes: a container's, as the test gives them; an image has none", "[scan]") {
  const auto r = scan<Census>(
      image()
          .layer({file("x", "content")})
          .process({.pid = 4242,
                    .inside_pid = 1,
                    .parent = 7,
                    .uid = 1000,
                    .gid = 50,
                    .arguments = {"server", ""},
                    .executable = "/bin/server",
                    .executable_deleted = true,
                    .effective = {"CAP_CHOWN"},
                    .namespaces = {{"pid", 8, false}, {"user", 9, true}, {"ipc", 10}},
                    .open_files = {{{0, "/dev/null"}, {5, "/srv/x", true}}},
                    .listening = {{{"tcp", "0.0.0.0", 80}}}})
          .process({.pid = 4300, .open_files = std::nullopt, .listening = std::nullopt}));
  REQUIRE(r.findings().size() == 2);
  CHECK(r.findings()[0].target == TargetKind::kContainer);
  CHECK(r.findings()[0].evidence ==
        "1 of 7 user 1000:50 /bin/server deleted server  CAP_CHOWN pid=8p user=9h ipc=10? "
        "0>/dev/null 5>/srv/x! tcp:0.0.0.0:80");
  CHECK(r.findings()[1].evidence == "0 of 0 user 0:0  files unseen sockets unseen");
  CHECK(r.gaps().empty());
}

TEST_CASE("processes: that nobody could look is an error and one gap of who asked", "[scan]") {
  const auto r = scan<Census>(image().layer({file("x", "content")}).no_procfs());
  REQUIRE(r.findings().size() == 1);
  CHECK(r.finding("refused", TargetKind::kContainer).evidence ==
        "no procfs of the machine is there");
  REQUIRE(r.gaps().size() == 1);
  CHECK(r.gaps()[0].kind == "privilege");
  CHECK(r.gaps()[0].path == "/proc");
  // Who does not ask has no gap.
  CHECK(scan<Merged>(image().layer({file("x", "content")}).no_procfs()).gaps().empty());
}
