// SPDX-License-Identifier: Apache-2.0
//
// fuzz_secrets.cpp: any text before every rule's confirmation: checksums, tokens, key blocks,
// base64. The same bytes as a packed file, a database, UTF-16 text and a Kubernetes manifest.
//
// Property: searching twice says the same, every place lies in the text, and no message holds the
// value; what is inside has a place too, whichever way it was cut.
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

#include "inside.hpp"
#include "judge.hpp"
#include "kube_secret.hpp"

namespace {

std::unique_ptr<meridian::secrets::Judge> make_judge() {
  std::ifstream file(MERIDIAN_SOURCE_DIR "/plugins/secrets/rules/secrets.json");
  const std::string json((std::istreambuf_iterator<char>(file)), {});
  auto rules = meridian::secrets::parse_rules(json);
  if (!rules) std::abort();
  auto judge = meridian::secrets::Judge::create(*std::move(rules), {});
  if (!judge) std::abort();
  return *std::move(judge);
}

// Every secret inside of the file, as text.
std::string inside(const meridian::secrets::Judge& judge, meridian::secrets::Scratch& scratch,
                   std::string_view bytes) {
  std::string told;
  meridian::secrets::MemoryReader reader(bytes);
  const auto found = [&](std::string_view field, const meridian::secrets::Located& at) {
    if (field.empty() || at.line == 0 || at.column == 0) std::abort();
    told += std::to_string(at.hit.rule) + ' ' + std::string(field) + ' ' +
            std::to_string(at.offset) + '\n';
  };
  const auto gap = [&](const meridian::Error& why) { told += why.message() + '\n'; };
  meridian::secrets::Inside(judge, scratch, found, gap)
      .search(bytes.substr(0, 2) == "#!" ? "srv/file.jar" : "srv/file.gz", reader);
  return told;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto judge = make_judge();
  static meridian::secrets::Scratch scratch;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const bool assignment : {false, true}) {
    const auto first = judge->search(text, assignment, scratch);
    const auto second = judge->search(text, assignment, scratch);
    if (first.has_value() != second.has_value()) std::abort();
    if (!first) continue;
    if (first->size() != second->size()) std::abort();
    for (const meridian::secrets::Hit& hit : *first) {
      if (hit.begin > hit.end || hit.end > text.size()) std::abort();
      const auto& value = hit.verdict.value;
      if (value.size() > 8 && hit.verdict.message.find(value) != std::string::npos) std::abort();
    }
  }
  if (inside(*judge, scratch, text) != inside(*judge, scratch, text)) std::abort();
  std::uint64_t last = 0;
  for (const auto& value : meridian::secrets::kube_secret_values(text)) {
    if (value.offset < last || value.offset >= size || value.key.empty()) std::abort();
    last = value.offset;
  }
  return 0;
}
