# SPDX-License-Identifier: Apache-2.0
"""The inner parts of the WhatsApp text-export format; nothing outside that format uses them.

``words`` loads what every language writes (the ``*.toml`` files beside it), ``characters`` knows
the invisible ones, ``shapes`` the headers of lines, ``dates`` and ``evidence`` what a date may
mean, ``survey`` goes through a file once to learn both, ``pieces`` cuts it at headers, ``clock``
turns stamps into microseconds, ``contents`` types what a line says, and ``batches`` makes the
columns of events.
"""
