# SPDX-License-Identifier: Apache-2.0
"""The nouns of standfast: frozen values that every other part speaks in.

Nothing here reads a file, knows a zone database's location or imports another part of
standfast. See ``docs/explanation/vocabulary.md`` for the words.
"""
