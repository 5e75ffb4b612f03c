# SPDX-License-Identifier: Apache-2.0
"""Everything that happened, in one order, with the people behind it."""
