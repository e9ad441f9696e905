"""What one sees of the demo: bars in a terminal, plain lines elsewhere, tables at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from connector.demo.check import Told

_MOST_NAMED = 20


class Show:
    """Tells what happens; with ``beside`` on the standard error, where the standard output is for a machine."""

    def __init__(self, *, beside: bool) -> None:
        self.console = Console(stderr=beside, highlight=False, soft_wrap=True)

    def say(self, text: str) -> None:
        self.console.print(f"  {text}")

    def scene(self, text: str) -> None:
        self.console.print(f"[bold]{text}[/bold]")

    def ask_for_patience(self, text: str) -> None:
        self.console.print(f"[dim]{text}[/dim]")

    @contextmanager
    def bar(self, text: str, total: int) -> Iterator[Callable[[int], None]]:
        """A bar that is told how far things are."""
        if not self.console.is_terminal:
            yield lambda _done: None
            return
        columns = (TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self.console) as progress:
            task = progress.add_task(text, total=total)
            yield lambda done: progress.update(task, completed=min(done, total))

    def tables(self, told: Sequence[Told], handed: dict[tuple[str, int], int]) -> None:
        table = Table(title="What became of everybody (received: by the provider)", title_justify="left")
        for name in ("campaign", "step", "sent", "suppressed", "unknown", "received", "skipped as"):
            table.add_column(name, justify="left" if name in ("campaign", "skipped as") else "right")
        for one in told:
            for step in sorted(one.marks.values()):
                rows = [row for row in one.rows if row.step == step]
                by = Counter(row.status for row in rows)
                why = Counter(row.error for row in rows if row.status == "suppressed")
                counts = [str(by[name]) for name in ("sent", "suppressed", "unknown")]
                skipped = ", ".join(f"{number} {name}" for name, number in why.items())
                table.add_row(one.name, str(step), *counts, str(handed.get((one.name, step), 0)), skipped)
        self.console.print(table)

    def verdict(self, outcome: dict[str, Any]) -> None:
        if outcome["ok"]:
            self.console.print(f"[bold green]The check holds[/bold green] after {outcome['seconds']} seconds: "
                               "nothing doubled, nothing after an answered opt-out, nobody lost.")  # fmt: skip
            return
        self.console.print(f"[bold red]The check fails[/bold red], {len(outcome['faults'])} times:")
        for fault in outcome["faults"][:_MOST_NAMED]:
            self.console.print(f"  {escape(fault)}")
