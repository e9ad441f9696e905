"""A picture of how cost grows: both axes logarithmic, a line for each thing, as SVG that stands alone."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 760, 420, 70, 190, 40, 50
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")


def growth(title: str, sizes: Sequence[int], costs: Mapping[str, Sequence[float]]) -> str:
    """Seconds of CPU for one, by the number of entries; each name with its cost at every size."""
    low = math.floor(math.log10(min(min(each) for each in costs.values())))
    high = math.ceil(math.log10(max(max(each) for each in costs.values())))
    first, last = math.log10(sizes[0]), math.log10(sizes[-1])

    def across(size: float) -> float:
        return _LEFT + (math.log10(size) - first) / (last - first or 1) * (_WIDTH - _LEFT - _RIGHT)

    def down(seconds: float) -> float:
        return _TOP + (high - math.log10(seconds)) / (high - low) * (_HEIGHT - _TOP - _BOTTOM)

    drawn = [f'<text x="{_LEFT}" y="22" font-size="16">{escape(title)}</text>']
    for power in range(low, high + 1):
        y = down(10.0**power)
        drawn.append(f'<path d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}" stroke="#ddd"/>')
        drawn.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{_time(10.0**power)}</text>')
    for size in sizes:
        x = across(size)
        drawn.append(f'<text x="{x:.1f}" y="{_HEIGHT - 28}" text-anchor="middle">{size:,}</text>')
    drawn.append(f'<text x="{_LEFT}" y="{_HEIGHT - 8}">entries; seconds of CPU for one, database included</text>')
    taken = -100.0
    ranked = sorted(costs.items(), key=lambda item: -item[1][-1])
    for (name, each), colour in zip(ranked, _COLOURS, strict=False):
        points = " ".join(f"{across(size):.1f},{down(cost):.1f}" for size, cost in zip(sizes, each, strict=True))
        # Names stand beside where their lines end, and below the one before where two would touch.
        taken = max(down(each[-1]) + 4, taken + 15)
        drawn.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        said = f"{name.replace('_', ' ')}: {_time(each[-1])}"
        drawn.append(f'<text x="{_WIDTH - _RIGHT + 8}" y="{taken:.1f}" fill="{colour}">{escape(said)}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif"'
        f' font-size="12"><rect width="100%" height="100%" fill="#fff"/>{"".join(drawn)}</svg>\n'
    )


def _time(seconds: float) -> str:
    for factor, unit in ((1.0, "s"), (1e3, "ms"), (1e6, "µs")):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"
