"""The table of confusion: what replies mean, against how they are heard. ``python -m tests.replies.confusion``."""

from collections import Counter
from collections.abc import Iterable
from itertools import product

from tests.replies.labelled import Reply, every_pack, generated, heard_as, listening, packs_of, published, written

_HEARD = ("opt_out", "opt_in", "unclear", "none")


def of_published() -> tuple[Counter[tuple[str, str]], list[Reply]]:
    """Published keywords in disguise, each heard by a list of its publisher's words, from who is out."""
    table: Counter[tuple[str, str]] = Counter()
    missed = []
    lists = {source: listening(out=words["opt_out"], back=words["opt_in"]) for source, words in published().items()}
    for reply in generated():
        heard = heard_as(reply.text, lists[reply.source], is_out=True)
        table[reply.means, heard] += 1
        if heard != reply.means:
            missed.append(reply)
    return table, missed


def of_written(which: str, *, is_out: bool = False) -> dict[tuple[str, str], list[Reply]]:
    """Replies in plain words, heard by a list: ``default`` words, the packs of the ``language``, or ``every`` pack."""
    table: dict[tuple[str, str], list[Reply]] = {}
    for reply in written():
        one = {"default": listening(), "every": every_pack(), "language": listening(packs=packs_of(reply.language))}
        table.setdefault((reply.means, heard_as(reply.text, one[which], is_out=is_out)), []).append(reply)
    return table


def shown(title: str, table: Iterable[tuple[tuple[str, str], int]]) -> str:
    """A table as people read it."""
    counts = dict(table)
    lines = [title, f"  {'means / heard as':<18}" + "".join(f"{one:>9}" for one in _HEARD)]
    for means in dict.fromkeys(means for means, _ in counts):
        lines.append(f"  {means:<18}" + "".join(f"{counts.get((means, one), 0):>9}" for one in _HEARD))
    return "\n".join(lines)


def main() -> None:
    counted, missed = of_published()
    print(shown("published keywords in disguise", counted.items()))
    for reply in missed:
        print("   missed:", reply.source, repr(reply.word), reply.disguise, repr(reply.text))
    told: set[tuple[str, str, str]] = set()
    for which, is_out in product(("default", "language", "every"), (False, True)):
        table = of_written(which, is_out=is_out)
        sizes = [(cell, len(found)) for cell, found in table.items()]
        print(shown(f"in plain words, {which} list, {'who is out' if is_out else 'who said nothing'}", sizes))
        for (means, heard), replies in table.items():
            if (means, heard) in (("nothing", "none"), ("refusal", "unclear")):
                continue
            for reply in replies:
                if (reply.text, means, heard) not in told:
                    print(f"   {means} heard as {heard}: {reply.language} {reply.text!r}")
                told.add((reply.text, means, heard))


if __name__ == "__main__":
    main()
