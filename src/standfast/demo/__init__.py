# SPDX-License-Identifier: Apache-2.0
"""The demo: an invented case of four months, from the exports to a bundle that was tampered with.

`build` goes the whole road that a person goes, with the same verbs of the desk: exports, case,
questions, people, findings, dossier, bundle, verification. Nobody in it exists.
"""

from standfast.demo.building import DemoReport, build

__all__ = ["DemoReport", "build"]
