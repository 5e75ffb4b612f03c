# SPDX-License-Identifier: Apache-2.0
"""How the documentation is built: Sphinx, MyST, furo; no page loads anything from outside."""

project = "standfast"
author = "the standfast authors"
extensions = ["myst_parser"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "standfast"
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
locale_dirs = ["locale"]
gettext_compact = False
