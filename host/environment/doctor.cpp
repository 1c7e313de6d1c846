// SPDX-License-Identifier: Apache-2.0
#include "environment/doctor.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "base/escape.hpp"
#include "environment/mends.hpp"

namespace meridian::environment {

namespace {

constexpr std::size_t kWidth = 13;  // of the first column

std::string padded(std::string text) {
  text.resize(std::max(text.size() + 1, kWidth), ' ');
  return text;
}

std::string mend_line(const char* where, const std::string& mend) {
  return mend.empty() ? "" : padded("") + padded(where) + mend + "\n";
}

/// Said once, however many features the same thing mends.
class Mends {
 public:
  explicit Mends(const Container& container) : container_(container) {}

  std::string text(const Diagnosis& entry) {
    if (entry.cause == Cause::kNone) return "";
    const auto [first, is_new] = said_.insert({{entry.cause, entry.argument}, entry.feature});
    if (!is_new) return padded("") + "mend: as of " + first->second + "\n";
    const Mend mend = mend_of(entry);
    std::string lines;
    if (container_.inside) {
      lines += mend_line("docker", mend.docker);
      lines += mend_line("compose", mend.compose);
      lines += mend_line("kubernetes", mend.kubernetes);
    } else {
      lines += mend_line("mend", mend.machine);
    }
    return lines + mend_line("note", mend.note);
  }

 private:
  const Container& container_;
  std::map<std::pair<Cause, std::string>, std::string> said_;
};

std::string environment_line(const Observed& seen) {
  std::string line = "in " + seen.container.text();
  for (const std::string& evidence : seen.container.evidence) {
    line += (&evidence == seen.container.evidence.data() ? " (" : ", ") + evidence;
  }
  if (!seen.container.evidence.empty()) line += ")";
  return line + "; host root " + (seen.root.empty() ? "none" : base::escape(seen.root)) + "\n\n";
}

/// The worst of a feature's entries.
State state_of(const std::string& name, const std::vector<Diagnosis>& entries) {
  State worst = State::kWorks;
  for (const Diagnosis& entry : entries) {
    if (entry.feature == name) worst = std::max(worst, entry.state);
  }
  return worst;
}

bool is_loss(const Diagnosis& entry) {
  return entry.state == State::kDegraded || entry.state == State::kUnavailable;
}

}  // namespace

std::string doctor_text(const Observed& seen, const std::vector<Diagnosis>& entries) {
  std::string text = environment_line(seen);
  Mends mends(seen.container);
  std::string previous;
  for (const Diagnosis& entry : entries) {
    const bool too_much = entry.state == State::kTooMuch;
    const bool again = !too_much && entry.feature == previous;
    previous = entry.feature;
    text += padded(again ? "" : to_text(state_of(entry.feature, entries)));
    if (!too_much) text += again ? "and " : entry.feature + (entry.observed.empty() ? "" : ": ");
    text += entry.observed + "\n" + mends.text(entry);
  }
  return text;
}

bool is_anything_unavailable(const std::vector<Diagnosis>& entries) {
  return std::any_of(entries.begin(), entries.end(),
                     [](const Diagnosis& entry) { return entry.state == State::kUnavailable; });
}

std::vector<finding::EnvironmentEntry> report_entries(const Container& container,
                                                      const std::vector<Diagnosis>& entries) {
  std::vector<finding::EnvironmentEntry> out;
  for (const Diagnosis& entry : entries) {
    if (!is_loss(entry) && entry.state != State::kTooMuch) continue;
    out.push_back({entry.feature, to_text(entry.state), to_text(entry.cause), entry.observed,
                   mend_for(container, entry)});
  }
  return out;
}

std::vector<std::string> scan_lines(const Container& container,
                                    const std::vector<Diagnosis>& entries) {
  std::vector<std::string> lines;
  for (const Diagnosis& entry : entries) {
    if (!is_loss(entry)) continue;
    const std::string mend = mend_for(container, entry);
    lines.push_back(entry.feature + ": " + to_text(entry.state) + ": " + entry.observed +
                    (mend.empty() ? "" : "; mend: " + mend));
  }
  return lines;
}

}  // namespace meridian::environment
