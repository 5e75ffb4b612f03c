# SPDX-License-Identifier: Apache-2.0
"""The case folder: the only part that writes it."""
