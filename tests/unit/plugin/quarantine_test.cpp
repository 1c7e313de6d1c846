// SPDX-License-Identifier: Apache-2.0
#include "plugin/quarantine.hpp"

#include <string>

#include "support/catch.hpp"

namespace meridian::plugin {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

const base::UtcTime kNoon{seconds(1'790'000'000)};

std::string digest(char digit) { return "sha256:" + std::string(64, digit); }

QuarantineRecord fault(const std::string& id, char content) {
  QuarantineRecord record;
  record.plugin = {id, digest('a'), digest('b')};
  record.content = content == 0 ? "" : digest(content);
  record.kind = finding::GapKind::kCrash;
  record.message = "'etc/x': layer_file: ended by SIGSEGV";
  record.created = kNoon;
  record.expires = kNoon + hours(24);
  return record;
}

Quarantine three() {
  Quarantine quarantine;
  quarantine.add(fault("org.example.b", '1'));
  quarantine.add(fault("org.example.a", '2'));
  QuarantineRecord whole = fault("org.example.a", 0);
  whole.kind.reset();
  whole.message = "until the next release";
  quarantine.add(whole);
  return quarantine;
}

}  // namespace

TEST_CASE("quarantine: a record is found by library, rules and content, and by nothing less") {
  const Quarantine quarantine = three();
  const PluginKey plugin = fault("org.example.b", '1').plugin;
  REQUIRE(quarantine.find(plugin, digest('1')) != nullptr);
  CHECK(quarantine.find(plugin, digest('2')) == nullptr);
  CHECK(quarantine.find(plugin, "") == nullptr);
  CHECK(quarantine.find({plugin.id, digest('c'), plugin.rules_digest}, digest('1')) == nullptr);
  CHECK(quarantine.find({plugin.id, plugin.digest, ""}, digest('1')) == nullptr);
  CHECK(quarantine.find({"org.example.c", plugin.digest, plugin.rules_digest}, digest('1')) ==
        nullptr);
}

TEST_CASE("quarantine: what is written is read back, and is the same text again") {
  const std::string text = three().json();
  const auto back = Quarantine::parse(text);
  REQUIRE(back.has_value());
  CHECK(back->records().size() == 3);
  CHECK(back->json() == text);
}

TEST_CASE("quarantine: any byte changed, it is refused or says one thing in one way") {
  const std::string text = three().json();
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const char other : {'"', '0', '}', '\0', '\xff'}) {
      std::string changed = text;
      changed[at] = other;
      const auto back = Quarantine::parse(changed);
      if (!back) continue;
      const auto again = Quarantine::parse(back->json());
      if (!again || again->json() != back->json()) FAIL("at " << at);
    }
    const bool whole = at + 1 == text.size();  // but for its newline
    if (!whole && Quarantine::parse(text.substr(0, at))) FAIL("cut at " << at);
  }
}

TEST_CASE("quarantine: a later version is not understood, which is not the same as corrupt") {
  const auto later = Quarantine::parse(R"({"schema": "meridian.quarantine/2", "records": 7})");
  REQUIRE_FALSE(later.has_value());
  CHECK(later.error().code() == ErrorCode::kUnsupported);
  for (const char* const text : {"", "[]", "{}", R"({"schema": "meridian.list/1"})",
                                 R"({"schema": "meridian.quarantine/1"})"}) {
    const auto back = Quarantine::parse(text);
    REQUIRE_FALSE(back.has_value());
    CHECK(back.error().code() == ErrorCode::kCorrupt);
  }
}

TEST_CASE("quarantine: expired records do not hold") {
  CHECK(three().holding(kNoon + hours(24) - seconds(1), milliseconds(1)).records().size() == 3);
  CHECK(three().holding(kNoon + hours(24), milliseconds(1)).records().empty());
}

TEST_CASE("quarantine: a timeout does not hold for who gives more time") {
  Quarantine quarantine;
  QuarantineRecord slow = fault("org.example.a", '1');
  slow.kind = finding::GapKind::kTimeout;
  slow.limit = milliseconds(300);
  quarantine.add(slow);
  CHECK(quarantine.holding(kNoon, milliseconds(300)).records().size() == 1);
  CHECK(quarantine.holding(kNoon, milliseconds(301)).records().empty());
}

TEST_CASE("quarantine: a later fault replaces the earlier one, never an operator's word") {
  Quarantine quarantine = three();
  QuarantineRecord again = fault("org.example.b", '1');
  again.expires += hours(1);
  quarantine.add(again);
  CHECK(quarantine.records().size() == 3);
  CHECK(quarantine.find(again.plugin, digest('1'))->expires == again.expires);
  quarantine.add(fault("org.example.a", 0));
  CHECK_FALSE(quarantine.find(fault("org.example.a", 0).plugin, "")->kind.has_value());
}

TEST_CASE("quarantine: it is bounded, and the fault that ends first gives way") {
  Quarantine quarantine = three();
  for (std::size_t i = 0; i < 2 * kMaxQuarantineRecords; ++i) {
    QuarantineRecord one = fault("org.example.many" + std::to_string(i), '1');
    one.expires += seconds(i + 1);
    one.message = std::string(10'000, '\x01');
    quarantine.add(one);
  }
  CHECK(quarantine.records().size() == kMaxQuarantineRecords);
  CHECK(quarantine.find(fault("org.example.a", 0).plugin, "") != nullptr);  // the operator's
  CHECK(quarantine.find(fault("org.example.b", '1').plugin, digest('1')) == nullptr);
  CHECK(quarantine.find(fault("org.example.many1999", '1').plugin, digest('1')) != nullptr);
  const auto back = Quarantine::parse(quarantine.json());
  REQUIRE(back.has_value());
  CHECK(back->records().size() == kMaxQuarantineRecords);
}

TEST_CASE("quarantine: clearing takes all of one plugin") {
  Quarantine quarantine = three();
  CHECK(quarantine.clear("org.example.a") == 2);
  CHECK(quarantine.clear("org.example.a") == 0);
  CHECK(quarantine.records().size() == 1);
  quarantine.set_place(" --state 'x'");
  CHECK(quarantine.clear_command(quarantine.records().front()) ==
        "meridian plugin quarantine clear org.example.b --state 'x'");
}

TEST_CASE("quarantine: a time is what was written, or none") {
  CHECK(base::to_text(kNoon) == "2026-09-21T14:13:20Z");
  CHECK(base::parse_utc_time("2026-09-21T14:13:20Z") == kNoon);
  for (const char* const text : {"", "2026-09-21", "2026-02-31T00:00:00Z", "2026-9-21T14:13:20Z",
                                 "2026-09-21T14:13:20Zx", "2026-09-21T14:13:20+00:00"}) {
    CHECK_FALSE(base::parse_utc_time(text).has_value());
  }
}

}  // namespace meridian::plugin
