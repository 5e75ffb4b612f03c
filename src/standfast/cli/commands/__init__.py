# SPDX-License-Identifier: Apache-2.0
"""One file a command; its name is the file's."""
