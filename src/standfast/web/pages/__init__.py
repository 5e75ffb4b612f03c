# SPDX-License-Identifier: Apache-2.0
"""The pages, one file a family; each names its own in ``PAGES``."""
