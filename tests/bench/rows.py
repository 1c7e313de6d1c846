# SPDX-License-Identifier: Apache-2.0
#
# rows.py: a measured ratio with its limit, and the table of them.


class Row:
    """One ratio. `limit`: at most that (`least`: at least), None: none was set. `wall`, `cpu`: ratios of seconds;
    `value`: of something else, with `unit`."""

    def __init__(self, name, reference, limit=None, least=False, wall=None, cpu=None, value=None, unit="x", note="",
                 others=None, runs=1):
        self.name, self.reference, self.limit, self.least = name, reference, limit, least
        self.wall, self.cpu, self.value, self.unit, self.note = wall, cpu, value, unit, note
        self.others, self.runs = others, runs

    def holds(self):
        if self.limit is None:
            return "-"
        kept = {}
        for kind, got in (("wall", self.wall), ("cpu", self.cpu), ("", self.value)):
            if got is not None:
                kept[kind] = got >= self.limit if self.least else got <= self.limit
        if len(set(kept.values())) == 1:
            return "yes" if list(kept.values())[0] else "NO"
        return "by %s only" % " and ".join(kind for kind, ok in kept.items() if ok)

    def limit_text(self):
        return "" if self.limit is None else ("at least " if self.least else "") + "%g" % self.limit


def absent(name, tool, package):
    return Row(name, tool, note="not installed (apt-get install %s)" % package, runs=0)


def number(value):
    return "" if value is None else "%.2f" % value if abs(value) < 100 else "%.0f" % value


def cells(row):
    return [row.name, row.reference, number(row.wall), number(row.cpu),
            "" if row.value is None else number(row.value) + row.unit, row.limit_text(), row.holds(),
            "" if row.others is None else "%.1f" % row.others, str(row.runs), row.note]


HEAD = ["row", "against", "wall", "cpu", "other", "limit", "holds", "others", "runs", "figures"]


def print_table(rows):
    print("| " + " | ".join(HEAD) + " |\n|" + "---|" * len(HEAD))
    for row in rows:
        print("| " + " | ".join(cells(row)) + " |")
