// SPDX-License-Identifier: Apache-2.0
//
// Every rule of the bundle against its own samples, and the bundle against itself.
#include <hs/hs.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "rule_source.hpp"

namespace meridian::secrets {
namespace {

constexpr const char* kElsewhere = "srv/app/sample";  // where a sample without a path stands

std::vector<std::string> reported_for(const Judge& judge, const Matcher& matcher, const Rule& rule,
                                      const Sample& sample) {
  if (rule.scope == Rule::Scope::kContent) {
    return reported(judge, matcher, sample.path.empty() ? kElsewhere : sample.path, sample.text);
  }
  Scratch scratch;
  std::vector<std::string> found;
  const auto hits = judge.search(sample.text, true, scratch);
  REQUIRE(hits);
  for (const Hit& hit : *hits) {
    found.push_back(judge.rules()[hit.rule].id + "=" + hit.verdict.value);
  }
  return found;
}

// What is left of a sample when words and values are taken out: its syntax.
std::string shape_of(const Sample& sample) {
  const ByteSet part = *ByteSet::named("base64url");
  std::string shape = sample.path + ':';
  for (const char byte : sample.text) {
    const bool is_part = part.has(byte) || byte == '+' || byte == '/';
    if (!is_part) {
      shape += byte;
    } else if (shape.back() != 'a') {
      shape += 'a';
    }
  }
  return shape;
}

bool is_of(const Rule& rule, const std::string& found) {
  return found.compare(0, rule.id.size() + 1, rule.id + "=") == 0;
}

}  // namespace

TEST_CASE("rules: at least 140 kinds, each with two positives and two near misses") {
  const auto rules = shipped_rules();
  CHECK(rules.size() >= 140);
  for (const Rule& rule : rules) {
    INFO(rule.id);
    CHECK(rule.positives.size() >= 2);
    CHECK(rule.near_misses.size() >= 2);
    CHECK_FALSE(rule.help.empty());
    std::set<std::string> shapes;
    for (const Sample& sample : rule.positives) shapes.insert(shape_of(sample));
    CHECK(shapes.size() >= 2);
  }
}

TEST_CASE("rules: a positive is reported by its own rule and by no other, a near miss is not") {
  const auto judge = judge_of(shipped_rules());
  const auto matcher = Matcher::create(judge->rules());
  REQUIRE(matcher);
  for (const Rule& rule : judge->rules()) {
    for (std::size_t i = 0; i < rule.positives.size(); ++i) {
      INFO(rule.id << ", positive " << i);
      const auto found = reported_for(*judge, **matcher, rule, rule.positives[i]);
      CHECK(found.size() >= 1);
      for (const std::string& one : found) {
        INFO(one);
        CHECK(is_of(rule, one));
      }
    }
    for (std::size_t i = 0; i < rule.near_misses.size(); ++i) {
      INFO(rule.id << ", near miss " << i);
      for (const std::string& one : reported_for(*judge, **matcher, rule, rule.near_misses[i])) {
        INFO(one);
        CHECK_FALSE(is_of(rule, one));
      }
    }
  }
}

TEST_CASE("rules: where packages keep test keys a key is low and says why, elsewhere it is not") {
  const auto manifest = nlohmann::json::parse(bundle_file("plugin.json"), nullptr, false);
  const auto& known = manifest["configuration"]["properties"];
  const auto judge =
      judge_of(shipped_rules(), {.sample_paths = known["sample_paths"]["default"],
                                 .package_paths = known["package_paths"]["default"]});
  const auto matcher = Matcher::create(judge->rules());
  REQUIRE(matcher);
  const auto rated = [&](std::string_view id, std::string_view path) {
    const auto rule = std::find_if(judge->rules().begin(), judge->rules().end(),
                                   [&](const Rule& one) { return one.id == id; });
    REQUIRE(rule != judge->rules().end());
    const std::string& text = rule->positives.at(0).text;
    Scratch scratch;
    const auto spans = (*matcher)->find(text, scratch);
    REQUIRE(spans);
    const auto number = static_cast<std::size_t>(rule - judge->rules().begin());
    const auto span = std::find_if(spans->begin(), spans->end(),
                                   [&](const Span& one) { return one.rule == number; });
    REQUIRE(span != spans->end());
    Scratch other;
    const auto verdict =
        judge->judge(number,
                     {path, text.substr(0, span->begin),
                      text.substr(span->begin, span->end - span->begin), text.substr(span->end)},
                     other);
    REQUIRE(verdict);
    // The reason is there exactly where it counted.
    CHECK((verdict->message.find("low, because") != std::string::npos) ==
          (verdict->severity == Severity::kLow));
    return verdict->severity;
  };
  for (const char* path :
       {"usr/lib/python3/dist-packages/tornado/test/test.key",
        "usr/local/lib/python3.12/site-packages/tornado/test/test.key",
        "usr/local/lib/python3.12/test/certdata/keycert.pem", "srv/app/node_modules/a/test/key.pem",
        "usr/share/go-1.19/src/crypto/tls/testdata/example-key.pem",
        "usr/share/go-1.19/src/crypto/tls/example_test.go",
        "usr/local/go/src/crypto/tls/testdata/example-key.pem",
        "usr/lib/x86_64-linux-gnu/libgnutls.so.30.34.3"}) {
    INFO(path);
    CHECK(rated("private-key", path) == Severity::kLow);
  }
  for (const char* path :
       {"srv/app/test/key.pem", "srv/app/tests/testdata/key.pem", "app/tls_test.go",
        "usr/local/share/app/test/key.pem", "usr/share/nginx/html/test/key.pem",
        "usr/lib/python3/dist-packages/tornado/key.pem", "usr/share/go-1.19/src/key.pem",
        "usr/local/lib/python3.12/site-packages/app/key.pem", "srv/app/node_modules/a/key.pem",
        "etc/ssl/private/example.key", "root/test/id_rsa"}) {
    INFO(path);
    CHECK(rated("private-key", path) == Severity::kCritical);
  }
  // Nothing but its form speaks for it.
  CHECK(rated("url-credentials", "usr/lib/python3/dist-packages/a/b.py") == Severity::kLow);
  CHECK(rated("url-credentials", "srv/app/b.py") == Severity::kHigh);
}

TEST_CASE("rules: the message never holds the secret") {
  const auto judge = judge_of(shipped_rules());
  Scratch scratch;
  for (const Rule& rule : judge->rules()) {
    for (const Sample& sample : rule.positives) {
      const auto hits =
          judge->search(sample.text, rule.scope == Rule::Scope::kEnvironment, scratch);
      REQUIRE(hits);
      for (const Hit& hit : *hits) {
        INFO(rule.id);
        CHECK(hit.verdict.message.find(hit.verdict.value) == std::string::npos);
      }
    }
  }
}

TEST_CASE("rules: every pattern also compiles for a matcher that reads in chunks") {
  for (const Rule& rule : shipped_rules()) {
    INFO(rule.id);
    hs_database_t* database = nullptr;
    hs_compile_error_t* error = nullptr;
    const unsigned flags = HS_FLAG_SOM_LEFTMOST | (rule.caseless ? HS_FLAG_CASELESS : 0u);
    CHECK(hs_compile(rule.pattern.c_str(), flags, HS_MODE_STREAM | HS_MODE_SOM_HORIZON_LARGE,
                     nullptr, &database, &error) == HS_SUCCESS);
    if (error != nullptr) hs_free_compile_error(error);
    hs_free_database(database);
  }
}

TEST_CASE("rules: plugin.json declares the same rules") {
  const auto manifest = nlohmann::json::parse(bundle_file("plugin.json"), nullptr, false);
  REQUIRE(manifest.is_object());
  CHECK(manifest["id"] == "io.meridian.secrets");
  CHECK(manifest["library"] == "secrets.so");
  const char* const severities[] = {"unknown", "info", "low", "medium", "high", "critical"};
  const auto rules = shipped_rules();
  REQUIRE(manifest["rules"].size() == rules.size() + 1);
  CHECK(manifest["rules"].back()["id"] == "own-rule");
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const auto& declared = manifest["rules"][i];
    INFO(rules[i].id);
    CHECK(declared["id"] == rules[i].id);
    CHECK(declared["title"] == rules[i].title);
    CHECK(declared["help"] == rules[i].help);
    CHECK(declared["severity"] == severities[static_cast<std::size_t>(rules[i].severity)]);
  }
}

TEST_CASE("rules: no sample stands whole in the file, so no key scanner trips over it") {
  const std::string file = bundle_file("rules/secrets.json");
  for (const Rule& rule : shipped_rules()) {
    if (rule.generic || rule.scope == Rule::Scope::kEnvironment) continue;
    for (const Sample& sample : rule.positives) {
      INFO(rule.id);
      CHECK(file.find(sample.text.substr(0, sample.text.find_last_not_of('\n') + 1)) ==
            std::string::npos);
    }
  }
}

}  // namespace meridian::secrets
