// SPDX-License-Identifier: Apache-2.0
//
// The plugin over images: layers, unpacked classes, own rules, what is read.
#include <meridian/testing/testing.hpp>

#include "zip_file.hpp"

namespace meridian::known_artifacts {
namespace {

using testing::file;
using testing::image;
using testing::whiteout;

const std::string kFolder = "srv/app/WEB-INF/classes/org/apache/logging/log4j/core/";

testing::Outcome run(const testing::ImageBuilder& builder, std::string settings = "") {
  return testing::scan<KnownArtifactsPlugin>(
      builder, {.settings = std::move(settings),
                .rules = {{"rules.json", bundle_file("rules/rules.json")}}});
}

}  // namespace

TEST_CASE("plugin: a jar that a later layer deletes is shadowed") {
  const std::string jar = zip_of({{"core/lookup/JndiLookup.class", "x"}});
  const auto outcome = run(image().layer({file("opt/a.jar", jar)}).layer({whiteout("opt/a.jar")}));
  CHECK(outcome.finding("log4shell").shadowed());
  CHECK(outcome.finding("log4shell").evidence == "core/lookup/JndiLookup.class");
}

TEST_CASE("plugin: unpacked classes are judged by what the image shows") {
  const auto vulnerable = run(image()
                                  .layer({file(kFolder + "lookup/JndiLookup.class", "x")})
                                  .layer({file(kFolder + "net/JndiManager.class", "y")}));
  CHECK(vulnerable.finding("log4shell").path == kFolder + "lookup/JndiLookup.class");
  CHECK(vulnerable.finding("log4shell").layer == 0);
  const auto mended =
      run(image()
              .layer({file(kFolder + "lookup/JndiLookup.class", "x"),
                      file(kFolder + "net/JndiManager.class", "y")})
              .layer({file(kFolder + "net/JndiManager.class", "log4j2.enableJndi")}));
  CHECK(mended.findings().empty());
  const auto removed = run(image()
                               .layer({file(kFolder + "lookup/JndiLookup.class", "x")})
                               .layer({whiteout(kFolder + "lookup/JndiLookup.class")}));
  CHECK(removed.findings().empty());
}

TEST_CASE("plugin: only what a rule may be about is opened") {
  const auto outcome = run(
      image().layer({file("etc/passwd", "x"), file("opt/x.txt", "y"), file("opt/Other.class", "z"),
                     file("opt/minio", "no ELF"), file("opt/a.jar", zip_of({{"a", "b"}}))}));
  CHECK(outcome.opened() == std::vector<std::string>{"opt/a.jar", "opt/minio"});
}

TEST_CASE("plugin: a rule of the user is reported under its id") {
  const std::string own = R"({\"id\": \"acme-1\", \"severity\": \"high\", \"title\": \"Acme 1\",
      \"references\": [\"https://example.org\"], \"remediation\": \"use 2\",
      \"when\": [{\"file\": {\"names\": [\"acme\"], \"contains\": [\"v1\"]}}]})";
  std::string line = own;
  line.erase(std::remove(line.begin(), line.end(), '\n'), line.end());
  const auto outcome =
      run(image().layer({file("opt/acme", "acme v1")}), R"({"rules": [")" + line + R"("]})");
  const auto& found = outcome.finding("own-artifact");
  CHECK(found.field == "acme-1");
  CHECK(found.severity == Severity::kHigh);
  CHECK(found.remediation == "use 2");
  CHECK_THROWS_AS(run(image().layer({}), R"({"rules": ["{}"]})"), std::runtime_error);
}

TEST_CASE("plugin: what cannot be read is a gap") {
  const auto outcome = run(image().layer(
      {file("opt/a.jar", "PK no archive"), file("app/node_modules/rc/package.json", "{")}));
  CHECK(outcome.findings().empty());
  CHECK(outcome.gaps().size() == 2);
}

}  // namespace meridian::known_artifacts
