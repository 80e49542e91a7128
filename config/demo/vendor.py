"""Lumen CAD: customers with perpetual, subscription and trial licences."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from config.demo.story import Story


@dataclass
class Vendor:
    story: Story
    customers: int
    random: Random

    def build(self, progress: Callable[[int, int], None]) -> None:
        progress(1, 1)
