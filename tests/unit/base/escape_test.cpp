// SPDX-License-Identifier: Apache-2.0
#include "base/escape.hpp"

#include <cerrno>

#include "base/system_error.hpp"
#include "support/catch.hpp"

using meridian::ErrorCode;
using namespace meridian::base;

TEST_CASE("escape: what could act on a terminal is written out, text stays") {
  CHECK(escape("etc/passwd") == "etc/passwd");
  CHECK(escape("caf\xc3\xa9 \xe6\x97\xa5") == "caf\xc3\xa9 \xe6\x97\xa5");
  CHECK(escape("a\nb\x1b[31m\x7f") == "a\\x0ab\\x1b[31m\\x7f");
  CHECK(escape(std::string_view("a\0b", 3)) == "a\\x00b");
  CHECK(escape("a\\x0a") == "a\\\\x0a");
}

TEST_CASE("escape: bytes that are no UTF-8 are written one by one") {
  CHECK(escape("\xff") == "\\xff");
  CHECK(escape("\xc3") == "\\xc3");                             // cut short
  CHECK(escape("\xc0\xaf") == "\\xc0\\xaf");                    // overlong '/'
  CHECK(escape("\xe0\x80\xaf") == "\\xe0\\x80\\xaf");           // overlong
  CHECK(escape("\xed\xa0\x80") == "\\xed\\xa0\\x80");           // a surrogate
  CHECK(escape("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");  // above U+10FFFF
}

TEST_CASE("escape: characters that reorder or vanish are named") {
  CHECK(escape("a\xe2\x80\xae"
               "b") == "a\\u{202e}b");  // right-to-left override
  CHECK(escape("a\xe2\x80\x8b"
               "b") == "a\\u{200b}b");  // zero width space
  CHECK(escape("\xc2\x9b"
               "31m") == "\\u{009b}31m");             // C1 control sequence introducer
  CHECK(escape("\xf3\xa0\x81\x81") == "\\u{e0041}");  // tag
  CHECK(escape("\xe2\x80\xa8") == "\\u{2028}");       // line separator
}

TEST_CASE("escape: its result is UTF-8 whatever came in") {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  CHECK_FALSE(is_utf8(all));
  CHECK(is_utf8(escape(all)));
  CHECK(escape(all).find('\n') == std::string::npos);
}

TEST_CASE("base64: the examples of RFC 4648") {
  CHECK(base64("").empty());
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foo") == "Zm9v");
  CHECK(base64("foobar") == "Zm9vYmFy");
  CHECK(base64("\xff\xfe") == "//4=");
  CHECK(hex(std::string_view("\x00\xff", 2)) == "00ff");
}

TEST_CASE("system_error: absence is told from refusal, and the name is escaped") {
  CHECK(system_error(ENOENT, "x").code() == ErrorCode::kNotFound);
  CHECK(system_error(ENOTDIR, "x").code() == ErrorCode::kNotFound);
  CHECK(system_error(EACCES, "x").code() == ErrorCode::kUnreadable);
  CHECK(system_error(ENOENT, "a\nb").message() == "a\\x0ab: no such file or directory");
}
