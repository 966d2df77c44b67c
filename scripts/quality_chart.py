#!/usr/bin/env python3
"""Draws what bench_quality measured.

    python3 scripts/quality_chart.py FIGURES.json CHART.svg [--tickets N]

Matched players and team imbalance of each population for crowds of N tickets (default 10,000, or
the size next to it that was measured), and the time of a tick over the size of the crowd. The
picture has a background of its own, so that it can be read on light and dark pages.
"""

import argparse
import json
import math
from html import escape
from typing import Any, Callable, Dict, List, NamedTuple, Sequence, Tuple

Row = Dict[str, Any]

WIDTH = 960
ROW_HEIGHT = 30
LABELS = 200  # Width of the names of populations.
STRATEGIES = {"oldest_first": "oldest first", "quality": "quality"}

STYLE = """
.card { fill: #ffffff; stroke: #d0d7de; }
.axis { stroke: #d8dee4; stroke-width: 1; }
.bound { stroke: #57606a; stroke-width: 2; }
text { fill: #1f2328; font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; }
.title { font-weight: 600; font-size: 14px; }
.small { fill: #57606a; font-size: 11px; }
.oldest_first { fill: #bc4c00; stroke: #bc4c00; }
.quality { fill: #0969da; stroke: #0969da; }
.line { fill: none; stroke-width: 2; }
.c0 { stroke: #0969da; } .c1 { stroke: #bc4c00; } .c2 { stroke: #1a7f37; } .c3 { stroke: #8250df; }
.c4 { stroke: #bf3989; } .c5 { stroke: #9a6700; } .c6 { stroke: #1b7c83; } .c7 { stroke: #57606a; }
@media (prefers-color-scheme: dark) {
  .card { fill: #0d1117; stroke: #30363d; }
  .axis { stroke: #30363d; }
  .bound { stroke: #9198a1; }
  text { fill: #e6edf3; }
  .small { fill: #9198a1; }
  .oldest_first { fill: #f0883e; stroke: #f0883e; }
  .quality { fill: #58a6ff; stroke: #58a6ff; }
  .c0 { stroke: #58a6ff; } .c1 { stroke: #f0883e; } .c2 { stroke: #3fb950; }
  .c3 { stroke: #bc8cff; } .c4 { stroke: #f778ba; } .c5 { stroke: #d29922; }
  .c6 { stroke: #39c5cf; } .c7 { stroke: #9198a1; }
}
"""


class Box(NamedTuple):
    """Where a plot stands."""

    left: float
    top: float
    width: float
    height: float


class Scale(NamedTuple):
    """Values to places, straight or by their logarithm."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        convert: Callable[[float], float] = math.log10 if self.log else float
        value = min(max(value, self.low), self.high)
        share = (convert(value) - convert(self.low)) / (convert(self.high) - convert(self.low))
        return self.start + share * (self.end - self.start)


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    return (f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">'
            f"{escape(words)}</text>")


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def dot(x: float, y: float, kind: str, about: str) -> str:
    return (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" class="{kind}">'
            f"<title>{escape(about)}</title></circle>")


def number(value: float) -> str:
    return f"{value:,.10g}"


def steps(low: float, high: float, count: int) -> List[float]:
    """Round numbers from at most `low` to at least `high`."""
    raw = max((high - low) / count, 1e-9)
    size = 10 ** math.floor(math.log10(raw))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= raw * 0.999)
    first = math.floor(low / step + 1e-9)
    last = math.ceil(high / step - 1e-9)
    return [round(step * i, 10) for i in range(first, max(last, first + 1) + 1)]


def powers(low: float, high: float) -> List[float]:
    """Powers of ten from at most `low` to at least `high`."""
    first = math.floor(math.log10(low) + 1e-9)
    last = math.ceil(math.log10(high) - 1e-9)
    return [10.0 ** i for i in range(first, max(last, first + 1) + 1)]


def names_of(rows: Sequence[Row]) -> List[str]:
    return list(dict.fromkeys(row["population"] for row in rows))


def dot_plot(box: Box, title: str, ticks: List[float], rows: Sequence[Row], names: List[str],
             figure: str) -> List[str]:
    """A line for each population, a dot for each strategy."""
    scale = Scale(ticks[0], ticks[-1], box.left, box.left + box.width)
    out = [text(box.left, box.top - 24, title, "title")]
    for tick in ticks:
        out.append(line(scale.at(tick), box.top - 4, scale.at(tick), box.top + box.height, "axis"))
        out.append(text(scale.at(tick), box.top - 8, number(tick), "small", "middle"))
    for row in rows:
        y = box.top + ROW_HEIGHT * (names.index(row["population"]) + 0.5)
        about = f'{row["population"]}, {STRATEGIES[row["strategy"]]}: {row[figure]:.2f}'
        if figure == "matched_percent":
            bound = scale.at(row["bound_percent"])
            out.append(line(bound, y - 9, bound, y + 9, "bound"))
        # One above the other, so that equal ones are both seen.
        y += 5 if row["strategy"] == "quality" else -5
        out.append(dot(scale.at(row[figure]), y, row["strategy"], about))
    return out


def time_plot(box: Box, title: str, rows: Sequence[Row], names: List[str],
              sizes: List[float], times: List[float]) -> List[str]:
    """A line for each population: milliseconds over tickets, both logarithmic."""
    x = Scale(sizes[0], sizes[-1], box.left, box.left + box.width, log=True)
    y = Scale(times[0], times[-1], box.top + box.height, box.top, log=True)
    out = [text(box.left, box.top - 12, title, "title")]
    for size in sizes:
        out.append(line(x.at(size), box.top, x.at(size), box.top + box.height, "axis"))
        out.append(text(x.at(size), box.top + box.height + 16, number(size), "small", "middle"))
    for time in times:
        out.append(line(box.left, y.at(time), box.left + box.width, y.at(time), "axis"))
        out.append(text(box.left - 6, y.at(time) + 4, f"{number(time)} ms", "small", "end"))
    for place, name in enumerate(names):
        points = sorted((row["tickets"], row["ms"]) for row in rows if row["population"] == name)
        path = " ".join(f"{x.at(size):.1f},{y.at(ms):.1f}" for size, ms in points)
        out.append(f'<polyline points="{path}" class="line c{place % 8}">'
                   f"<title>{escape(name)}</title></polyline>")
    return out


def dot_legend(y: float) -> List[str]:
    out = []
    for x, kind in ((LABELS, "oldest_first"), (LABELS + 120, "quality")):
        out += [dot(x, y - 4, kind, STRATEGIES[kind]), text(x + 12, y, STRATEGIES[kind])]
    bound = LABELS + 220
    return out + [line(bound, y - 13, bound, y + 4, "bound"),
                  text(bound + 12, y, "no strategy can match more (proven bound)")]


def line_legend(top: float, names: List[str]) -> List[str]:
    out = []
    for place, name in enumerate(names):
        x = 60 + (place % 4) * 220
        y = top + (place // 4) * 20
        out += [line(x, y - 4, x + 24, y - 4, f"line c{place % 8}"), text(x + 32, y, name)]
    return out


def quality_plots(rows: Sequence[Row], names: List[str], tickets: int, top: float) -> List[str]:
    chosen = [row for row in rows if row["tickets"] == tickets]
    height = ROW_HEIGHT * len(names)
    out = [text(24, top + ROW_HEIGHT * (place + 0.5) + 4, name)
           for place, name in enumerate(names)]
    least = min([row["matched_percent"] for row in chosen] + [99.0])
    worst = max([row["imbalance_p95"] for row in chosen] + [1.0])
    width = (WIDTH - LABELS - 90) / 2
    left = Box(LABELS, top, width, height)
    right = Box(LABELS + width + 60, top, width, height)
    out += dot_plot(left, f"players matched, %, of {tickets:,} tickets", steps(least, 100, 5),
                    chosen, names, "matched_percent")
    out += dot_plot(right, "team imbalance, rating points, p95", steps(0, worst, 5), chosen, names,
                    "imbalance_p95")
    return out


def time_plots(rows: Sequence[Row], names: List[str], top: float, height: float) -> List[str]:
    sizes = powers(min(row["tickets"] for row in rows), max(row["tickets"] for row in rows))
    times = powers(max(min(row["ms"] for row in rows), 0.001), max(row["ms"] for row in rows))
    width = (WIDTH - 90 - 110) / 2
    out = []
    for place, (strategy, title) in enumerate(STRATEGIES.items()):
        own = [row for row in rows if row["strategy"] == strategy]
        box = Box(90 + place * (width + 80), top, width, height)
        out += time_plot(box, f"time of a tick by tickets, {title}", own, names, sizes, times)
    return out


def draw(rows: Sequence[Row], tickets: int) -> str:
    names = names_of(rows)
    first = 64.0
    second = first + ROW_HEIGHT * len(names) + 74
    plot_height = 220.0
    legend = second + plot_height + 46
    height = legend + 20 * ((len(names) + 3) // 4)
    body = quality_plots(rows, names, tickets, first)
    body += dot_legend(second - 44)
    body += time_plots(rows, names, second, plot_height)
    body += line_legend(legend, names)
    frame = (f'<rect x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1:.0f}" rx="8" '
             'class="card"/>')
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" '
        f'width="{WIDTH}" height="{height:.0f}" role="img">',
        "<title>Matched players, team imbalance and time of the alliance engine</title>",
        f"<style>{STYLE}</style>", frame, *body, "</svg>", ""])


def nearest_size(rows: Sequence[Row], wanted: int) -> int:
    sizes: List[Tuple[float, int]] = [
        (abs(math.log(row["tickets"] / wanted)), row["tickets"]) for row in rows]
    return min(sizes)[1]


def main() -> None:
    parser = argparse.ArgumentParser(description="Draws what bench_quality measured.")
    parser.add_argument("figures")
    parser.add_argument("chart")
    parser.add_argument("--tickets", type=int, default=10_000)
    options = parser.parse_args()
    with open(options.figures, encoding="utf-8") as file:
        rows = json.load(file)
    chart = draw(rows, nearest_size(rows, options.tickets))
    with open(options.chart, "w", encoding="utf-8") as file:
        file.write(chart)


if __name__ == "__main__":
    main()
