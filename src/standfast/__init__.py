# SPDX-License-Identifier: Apache-2.0
"""standfast: keep the evidence, see the pattern, stay safe."""

__version__ = "0.1.0"
