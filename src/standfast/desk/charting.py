# SPDX-License-Identifier: Apache-2.0
"""What the dossier's charts are drawn with, for the faces: the same strokes, steps and words.

A chart that paper and screen share is drawn by the same function; a face that draws one of its own
uses the same sheet, so that escaping and the steps of a heat map stand in one place.
"""

from standfast.dossier.charts import Chart, heat, hours, level, weekly
from standfast.dossier.drawing import Medium, Sheet
from standfast.dossier.wording import channel, day, month, number, weekday

__all__ = [
    "Chart",
    "Medium",
    "Sheet",
    "channel",
    "day",
    "heat",
    "hours",
    "level",
    "month",
    "number",
    "weekday",
    "weekly",
]
