# SPDX-License-Identifier: Apache-2.0
"""Guidance: what a person can do, as data with its sources."""
