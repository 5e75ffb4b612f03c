# SPDX-License-Identifier: Apache-2.0
"""``python -m standfast``: the command line."""

from standfast.cli import main

if __name__ == "__main__":
    main(prog_name="standfast")
