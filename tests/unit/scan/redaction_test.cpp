// SPDX-License-Identifier: Apache-2.0
#include "scan/redaction.hpp"

#include "support/catch.hpp"

using meridian::scan::redact;
using meridian::scan::scrub;

TEST_CASE("redaction: a long secret shows four characters, a short one none", "[scan]") {
  CHECK(redact("AKIAABCDEFGHIJKLMNOP") == "AKIA********");
  CHECK(redact("0123456789ab") == "01********");
  CHECK(redact("hunter2") == "********");
  CHECK(redact("") == "********");
}

TEST_CASE("redaction: two long secrets of one kind look alike whatever their length", "[scan]") {
  CHECK(redact(std::string(20, 'x')) == redact(std::string(4000, 'x')));
}

TEST_CASE("redaction: control bytes of a secret do not reach a terminal", "[scan][hostile]") {
  const std::string form = redact("\x1b[2J" + std::string(40, 'x'));
  CHECK(form.find('\x1b') == std::string::npos);
}

TEST_CASE("redaction: text is cleaned of every occurrence", "[scan]") {
  const std::string secret = "sk_live_0123456789abcdef";
  const std::string text = scrub("RUN curl -H " + secret + " x && echo " + secret, {secret});
  CHECK(text.find(secret) == std::string::npos);
  CHECK(text == "RUN curl -H sk_l******** x && echo sk_l********");
}

TEST_CASE("redaction: a value of three bytes is not cut out of unrelated text", "[scan]") {
  CHECK(scrub("an abcdefg", {"abc"}) == "an abcdefg");
}

TEST_CASE("redaction: a secret that holds its own redacted form ends", "[scan][hostile]") {
  const std::string secret = "aaaa********aaaa********";
  CHECK_FALSE(scrub(secret + secret, {secret}).empty());
}
