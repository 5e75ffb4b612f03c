# SPDX-License-Identifier: Apache-2.0
"""What is handed over: the dossier and the bundle."""
