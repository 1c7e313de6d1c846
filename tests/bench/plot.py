# SPDX-License-Identifier: Apache-2.0
#
# plot.py: rows of tests/bench/run as bars in an SVG: how much of its limit each ratio uses.

from xml.sax.saxutils import escape

LINE, LEFT, WIDTH, TOP = 22, 470, 420, 50
FULL = 3.0  # times the limit; a longer bar is cut
COLOURS = {"wall": "#3b6ea5", "cpu": "#c8882b", "other": "#5b8c5a"}


def bars(row):
    """(kind, share of the limit): 1 is just at it, whichever direction is good."""
    for kind, got in (("wall", row.wall), ("cpu", row.cpu), ("other", row.value)):
        if got is None:
            continue
        if row.least:
            yield kind, row.limit / got if got > 0 else FULL
        else:
            yield kind, got / row.limit if row.limit > 0 else (0.0 if got <= 0 else FULL)


def draw(title, rows):
    """The rows that have a limit; what ends left of the line holds."""
    limited = [row for row in rows if row.limit is not None and list(bars(row))]
    height = TOP + LINE * len(limited) + 30
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">'
             % (LEFT + WIDTH + 90, height), '<rect width="100%" height="100%" fill="#fff"/>',
             '<text x="10" y="18">%s</text>' % escape(title)]
    for place, (kind, colour) in enumerate(COLOURS.items()):
        parts.append('<rect x="%d" y="28" width="12" height="12" fill="%s"/><text x="%d" y="39">%s</text>'
                     % (LEFT + 90 * place, colour, LEFT + 90 * place + 17, kind))
    at_limit = LEFT + WIDTH / FULL
    for index, row in enumerate(limited):
        top = TOP + LINE * index
        parts.append('<text x="10" y="%d">%s</text>' % (top + 14, escape(row.name)))
        shares = list(bars(row))
        thick = (LINE - 6) / len(shares)
        for place, (kind, share) in enumerate(shares):
            parts.append('<rect x="%d" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>'
                         % (LEFT, top + 3 + place * thick, min(share, FULL) * WIDTH / FULL, thick, COLOURS[kind]))
            if share > FULL:
                parts.append('<text x="%d" y="%.1f" font-size="9">%.1f</text>'
                             % (LEFT + WIDTH + 4, top + 2 + (place + 1) * thick, share))
    parts.append('<line x1="%.1f" x2="%.1f" y1="%d" y2="%d" stroke="#b00" stroke-width="1.5"/>'
                 % (at_limit, at_limit, TOP - 4, height - 24))
    parts.append('<text x="%.1f" y="%d" text-anchor="middle" fill="#b00">limit</text></svg>' % (at_limit, height - 10))
    return "\n".join(parts) + "\n"
