# SPDX-License-Identifier: Apache-2.0
"""The desk: every verb of standfast once, for every face.

A face parses what the person said, calls the desk, and shows the frozen value it gets back. The
desk decides nothing about how something looks; the parts below it know nothing of each other.
"""

from standfast.desk.adding import Added, AddReport
from standfast.desk.case import Desk, NewCase, new_case
from standfast.desk.looking import FindingView, OpenQuestion
from standfast.desk.progress import Progress, Silent

__all__ = [
    "AddReport",
    "Added",
    "Desk",
    "FindingView",
    "NewCase",
    "OpenQuestion",
    "Progress",
    "Silent",
    "new_case",
]
