// SPDX-License-Identifier: Apache-2.0
//
// fuzz_advisory_feeds.cpp: documents of feeds. The first byte says whose: o, d, a, v; g: a row of
// Grype's (three parts with a NUL between); c: a constraint; anything else is only told apart.
//
// Property: what is handed on has a name, and nothing that the database separates by: no control
// byte in an id, a name or a version; reading twice says the same.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "data/cvss.hpp"
#include "data/feeds.hpp"
#include "data/sniff.hpp"

namespace {

using namespace meridian;

class Checked final : public data::Sink {
 public:
  Result<void> add(const data::Advisory& advisory,
                   const std::vector<data::Affected>& affected) override {
    ++records;
    check(advisory.id);
    if (advisory.id.empty() || advisory.score > 10) std::abort();
    for (const std::string& alias : advisory.aliases) check(alias);
    for (const data::Affected& one : affected) {
      if (one.package.empty() || one.ecosystem.empty() || one.order.empty()) std::abort();
      check(one.package);
      check(one.state);
      for (const auto& interval : one.intervals) {
        check(interval.introduced);
        check(interval.fixed);
        check(interval.last);
      }
      for (const std::string& version : one.versions) check(version);
    }
    return {};
  }
  Result<void> add(const data::Statement& statement) override {
    ++records;
    check(statement.vulnerability);
    check(statement.product);
    return {};
  }
  void failed(const std::string&, const Error&) override { ++records; }
  void dated(std::string_view) override {}

  std::size_t records = 0;

 private:
  static void check(std::string_view text) {
    for (const char c : text) {
      if (static_cast<unsigned char>(c) < 0x20) std::abort();
    }
  }
};

std::string_view take(std::string_view& text) {
  const std::size_t end = text.find('\0');
  const std::string_view part = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return part;
}

bool read(char feed, std::string_view text, Checked& sink) {
  if (feed == 'o') return data::read_osv(text, sink).has_value();
  if (feed == 'd') return data::read_debian_tracker(text, sink).has_value();
  if (feed == 'a') return data::read_alpine_secdb(text, sink).has_value();
  if (feed == 'v') return data::read_openvex(text, sink).has_value();
  if (feed == 'c') {
    static_cast<void>(data::cvss_score(text));
    return data::parse_constraint(text).has_value();
  }
  if (feed != 'g') return data::sniff(text).has_value();
  const std::string_view advisory = take(text), affected = take(text);
  data::Advisory made;
  std::vector<data::Affected> into;
  const auto done = data::read_grype_row(
      {"RHSA-1", "2024-01-01", text.substr(0, 16), "9", "", "rpm", "x", advisory, affected}, made,
      into);
  if (done && !into.empty()) static_cast<void>(sink.add(made, into));
  return done.has_value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  Checked first, second;
  if (read(static_cast<char>(data[0]), text, first) !=
          read(static_cast<char>(data[0]), text, second) ||
      first.records != second.records) {
    std::abort();
  }
  return 0;
}
