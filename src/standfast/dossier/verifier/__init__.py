# SPDX-License-Identifier: Apache-2.0
"""The two verifiers that travel in every bundle; they import nothing of ours."""
