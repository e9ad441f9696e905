"""Pictures of numbers as SVG, drawn here: no script, the colours of the theme, and a table of the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from connector.web.texts import _

#: The picture's own units; it is scaled to the width there is.
_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 720, 220, 44, 26, 10
_INNER = _HEIGHT - _BOTTOM - _TOP


@dataclass(frozen=True, slots=True)
class Series:
    """A row of numbers with its name; ``tone`` is one of a to f, or good, bad, warn, soft."""

    name: str
    values: Sequence[int]
    tone: str = "a"


def bars(title: str, labels: Sequence[str], series: Sequence[Series]) -> Markup:
    """Stacked bars, one for each label."""
    top = _round_up(max((sum(one.values[place] for one in series) for place in range(len(labels))), default=0))
    step = (_WIDTH - _LEFT) / max(1, len(labels))
    width = min(step * 0.72, 40)
    drawn = []
    for place, label in enumerate(labels):
        left, foot = _LEFT + step * place + (step - width) / 2, float(_HEIGHT - _BOTTOM)
        for one in series:
            high = one.values[place] / top * _INNER
            if high:
                foot -= high
                drawn.append(
                    _BAR.format(left, foot, width, high, one.tone, f"{label}, {one.name}: {one.values[place]}")
                )
    return _figure(title, labels, series, top, Markup("").join(drawn))


def lines(title: str, labels: Sequence[str], series: Sequence[Series]) -> Markup:
    """A line for each series."""
    top = _round_up(max((value for one in series for value in one.values), default=0))
    step = (_WIDTH - _LEFT) / max(1, len(labels))

    def point(place: int, value: int) -> str:
        return f"{_LEFT + step * (place + 0.5):.1f},{_TOP + _INNER * (1 - value / top):.1f}"

    drawn = [
        _LINE.format(" ".join(point(place, value) for place, value in enumerate(one.values)), one.tone, one.name)
        for one in series
    ]
    return _figure(title, labels, series, top, Markup("").join(drawn))


def share(title: str, series: Sequence[Series]) -> Markup:
    """One bar for the parts of a whole; the first number of each series counts."""
    whole, left, drawn = sum(one.values[0] for one in series) or 1, 0.0, []
    for one in series:
        wide = one.values[0] / whole * _WIDTH
        if wide:
            drawn.append(_BAR.format(left, 0.0, wide, 14.0, one.tone, f"{one.name}: {one.values[0]}"))
        left += wide
    return _SHARE.format(title, _WIDTH, Markup("").join(drawn), _legend(series, count=True))


def _figure(title: str, labels: Sequence[str], series: Sequence[Series], top: int, drawn: Markup) -> Markup:
    grid = Markup("").join(
        _RULE.format(_LEFT, _TOP + _INNER * (1 - part / 4), _WIDTH, _LEFT - 8, _short(top * part // 4))
        for part in ((0, 2, 4) if top < 4 else range(5))
    )
    every = max(1, -(-len(labels) // 8))
    step = (_WIDTH - _LEFT) / max(1, len(labels))
    below = Markup("").join(
        _LABEL.format(_LEFT + step * (place + 0.5), _HEIGHT - 8, label)
        for place, label in enumerate(labels)
        if place % every == 0
    )
    return _FIGURE.format(
        title, _WIDTH, _HEIGHT, grid, drawn, below, _legend(series), _table(labels, series), _("Table")
    )


def _legend(series: Sequence[Series], *, count: bool = False) -> Markup:
    return Markup("").join(
        Markup('<li class="tone-{}">{}{}</li>').format(
            one.tone, one.name, Markup(" <b>{:,}</b>").format(one.values[0]) if count else ""
        )
        for one in series
    )


def _table(labels: Sequence[str], series: Sequence[Series]) -> Markup:
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(one.name) for one in series)
    rows = Markup("").join(
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            label, Markup("").join(Markup('<td class="number">{:,}</td>').format(one.values[place]) for one in series)
        )
        for place, label in enumerate(labels)
    )
    return Markup("<thead><tr><td></td>{}</tr></thead><tbody>{}</tbody>").format(head, rows)


def _round_up(most: int) -> int:
    """The top of the scale: 4, 8, 20, 40, 80, 200 and so on."""
    size = 4
    while size < most:
        size = size * 2 if str(size)[0] in "24" else size * 5 // 2
    return size


def _short(number: int) -> str:
    for size, unit in ((1_000_000, "m"), (1_000, "k")):
        if number >= size:
            return f"{number / size:g}{unit}"
    return str(number)


_BAR = Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" class="tone-{}"><title>{}</title></rect>')
_LINE = Markup('<polyline points="{}" class="line tone-{}"><title>{}</title></polyline>')
_RULE = Markup(
    '<line x1="{0}" x2="{2}" y1="{1:.1f}" y2="{1:.1f}" class="rule"/>'
    '<text x="{3}" y="{1:.1f}" dy="4" class="scale" text-anchor="end">{4}</text>'
)
_LABEL = Markup('<text x="{:.1f}" y="{}" class="scale" text-anchor="middle">{}</text>')
_FIGURE = Markup(
    '<figure class="plot"><svg viewBox="0 0 {1} {2}" role="img" aria-label="{0}">{3}{4}{5}</svg>'
    '<ul class="legend">{6}</ul><details><summary>{8}</summary><div class="scroll" tabindex="0" role="region" '
    'aria-label="{0}"><table><caption class="unseen">{0}</caption>{7}</table></div></details></figure>'
)
_SHARE = Markup(
    '<figure class="plot share"><svg viewBox="0 0 {1} 14" role="img" aria-label="{0}" preserveAspectRatio="none">{2}'
    '</svg><ul class="legend">{3}</ul></figure>'
)
