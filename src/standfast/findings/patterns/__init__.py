# SPDX-License-Identifier: Apache-2.0
"""Patterns of contact, one file a detector; see `standfast.findings`."""
