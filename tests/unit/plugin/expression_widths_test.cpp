// SPDX-License-Identifier: Apache-2.0
#include "plugin/expression_widths.hpp"

#include "support/catch.hpp"

namespace meridian::plugin {

TEST_CASE("expression widths: what one process was told the next one knows", "[plugin]") {
  ExpressionWidths first;
  const auto bounded = first.of("ab{2,5}", false);
  REQUIRE(bounded);
  CHECK(bounded->min == 3);
  CHECK(bounded->max == 6);
  CHECK_FALSE(bounded->unbounded);
  REQUIRE(first.of("ab{2,5}", true));
  const auto endless = first.of("a+\nb", false);
  REQUIRE(endless);
  CHECK(endless->unbounded);
  CHECK_FALSE(first.of("a(", false));
  CHECK(first.asked() == 3);

  ExpressionWidths second;
  second.take_up(first.to_text());
  CHECK(second.to_text() == first.to_text());
  for (const char* const expression : {"ab{2,5}", "a+\nb"}) {
    const auto known = second.of(expression, false), asked = first.of(expression, false);
    REQUIRE(known);
    CHECK(known->min == asked->min);
    CHECK(known->max == asked->max);
    CHECK(known->unbounded == asked->unbounded);
  }
  CHECK(second.asked() == 0);
  REQUIRE(second.of("other", false));
  CHECK(second.asked() == 1);
}

TEST_CASE("expression widths: what is no such text is not taken", "[plugin]") {
  for (const char* const text : {"", "abc", "abc 1", "abc 1 x 0", "abc -", "\n\n", "a 1 2 7"}) {
    ExpressionWidths widths;
    widths.take_up(text);
    CHECK(widths.to_text().empty());
  }
}

}  // namespace meridian::plugin
