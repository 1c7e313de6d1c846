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

TEST_CASE("mask: user information of a URL goes, the user's name stays") {
  CHECK(masked("https://ada:hunter2@example.org/x") == "https://ada:[redacted]@example.org/x");
  CHECK(masked("https://hunter2@example.org") == "https://[redacted]@example.org");
  CHECK(masked("a=redis://:p@h:1/0,b=amqp://u:q@h") ==
        "a=redis://:[redacted]@h:1/0,b=amqp://u:[redacted]@h");
  CHECK(masked("https://u:a;b@h") == "https://u:[redacted]@h");
  CHECK(masked("https://example.org/a@b") == "https://example.org/a@b");
  CHECK(masked("https://example.org") == "https://example.org");
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
        Words{"sh", "-c", "curl -H x --token [redacted] https://u:[redacted]@h"});
  CHECK(masked_words({}) == Words{});
}

}  // namespace meridian::inventory
