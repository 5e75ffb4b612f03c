# SPDX-License-Identifier: Apache-2.0
"""What an e-mail says, read from its bytes: the shared ground of the formats mail and mbox.

Everything here is our own reading of RFC 5322, 2045, 2047, 2231 and 4155, for two reasons: the
same bytes must give the same events under every version of Python, and no byte sequence may
cost more than its length. Nothing here opens a file, follows a link or raises over content.
"""
