// SPDX-License-Identifier: Apache-2.0
#include "mask.hpp"

#include "support/catch.hpp"

namespace meridian::inventory {

TEST_CASE("mask: a name that promises a secret keeps its name and loses its value") {
  CHECK(masked("DB_PASSWORD=hunter2") == "DB_PASSWORD=[redacted]");
  CHECK(masked("run --api-token=abc --port=80") == "run --api-token=[redacted] --port=80");
  CHECK(masked("run --password hunter2 --port 80") == "run --password [redacted] --port 80");
  CHECK(masked("run --password --port 80") == "run --password --port 80");
  CHECK(masked("export TOKEN='two words' && go") == "export TOKEN=[redacted] && go");
  CHECK(masked("Server=db;Password=x;") == "Server=db;Password=[redacted]");
  CHECK(masked("https://x/?a=1&token=abc&b=2 y") == "https://x/?a=1&token=[redacted] y");
  CHECK(masked("run 'token=two words' && go") == "run token=[redacted] && go");
  CHECK(masked("Password=x;Server=db") == "Password=[redacted]");
}

TEST_CASE("mask: a header's value, and one of YAML or JSON") {
  CHECK(masked("Authorization: Bearer x y") == "Authorization:[redacted]");
  CHECK(masked("X-Api-Key:abc -v") == "X-Api-Key:[redacted] -v");
  CHECK(masked("echo \"password: hunter2\"\nnext") == "echo password:[redacted]\nnext");
  CHECK(masked(R"({"a":1,"password":"x"})") == R"({"a":1,password:[redacted])");
  CHECK(masked("image:1.2 at 10:30") == "image:1.2 at 10:30");
}

TEST_CASE("mask: user information of a URL goes, whatever is in it") {
  CHECK(masked("https://ada:hunter2@example.org/x") == "https://[redacted]@example.org/x");
  CHECK(masked("https://hunter2:x-oauth-basic@example.org") == "https://[redacted]@example.org");
  CHECK(masked("postgres://app:pa/ss@db/x") == "postgres://[redacted]@db/x");
  CHECK(masked("redis://:p#ss@h redis://h:80/@x") == "redis://[redacted]@h redis://h:80/@x");
  CHECK(masked("http://[::1]:80/a@b") == "http://[::1]:80/a@b");
  CHECK(masked("https://hunter2@example.org") == "https://[redacted]@example.org");
  CHECK(masked("a=redis://:p@h:1/0,b=amqp://u:q@h") ==
        "a=redis://[redacted]@h:1/0,b=amqp://[redacted]@h");
  CHECK(masked("https://u:a;b@h") == "https://[redacted]@h");
  CHECK(masked("https://example.org/a@b") == "https://example.org/a@b");
  CHECK(masked("https://example.org") == "https://example.org");
}

TEST_CASE("mask: a long text takes time in proportion to its length") {
  for (const char* const piece : {"://", "://a@", "://a:b/", "token:", "a=", "'"}) {
    std::string text;
    while (text.size() < (1 << 20)) text += piece;
    CHECK(masked(text).size() < 4 * text.size());
  }
}

TEST_CASE("mask: what gives nothing away stays as it is") {
  for (const char* text : {"", " ", "nginx -g 'daemon off;'", "/bin/sh -c  sleep\t6000\n",
                           "A=1 B=2", "mail ada@example.org", "://", "="}) {
    CHECK(masked(text) == text);
  }
}

TEST_CASE("mask: words of a command are told apart as the command has them") {
  using Words = std::vector<std::string>;
  CHECK(masked_words({"mysqld", "--password", "two words", "-v"}) ==
        Words{"mysqld", "--password", "[redacted]", "-v"});
  CHECK(masked_words({"sh", "-c", "curl -H x --token abc https://u:p@h"}) ==
        Words{"sh", "-c", "curl -H x --token [redacted] https://[redacted]@h"});
  CHECK(masked_words({}) == Words{});
}

}  // namespace meridian::inventory
