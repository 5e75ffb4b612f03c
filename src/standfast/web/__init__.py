# SPDX-License-Identifier: Apache-2.0
"""The app: a small web server on this computer alone, for one person and one case.

Rules enforced here:

* it calls the desk and nothing below it; a page has no logic of its own;
* it answers this computer only, to whoever holds the one-time token or the cookie it became;
* no page asks anything of any other host, keeps anything in a cache, or says in an address or a
  title what it is about;
* everything works without scripts; scripts only make it smoother.
"""
