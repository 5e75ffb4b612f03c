# SPDX-License-Identifier: Apache-2.0
"""Pictures: the times and kinds that file names tell."""

from __future__ import annotations

import pytest

from standfast.sources.picture_names import is_screenshot_name, time_in_name


@pytest.mark.parametrize(
    ("name", "wall", "precision"),
    [
        ("IMG-20240312-WA0001.jpg", "2024-03-12T00:00:00", "day"),
        ("Screenshot_20240312-201530.png", "2024-03-12T20:15:30", "s"),
        ("Screenshot_20240312-201530_WhatsApp.jpg", "2024-03-12T20:15:30", "s"),
        ("Screenshot_2024-03-12-20-15-30-123_org.example.jpg", "2024-03-12T20:15:30.123000", "ms"),
        ("2024-03-12 20.15.30.png", "2024-03-12T20:15:30", "s"),
        ("20240312_201530.jpg", "2024-03-12T20:15:30", "s"),
        ("20240312_201530(0).jpg", "2024-03-12T20:15:30", "s"),
        ("IMG_20240312_201530.jpg", "2024-03-12T20:15:30", "s"),
        ("IMG_20240312_201530123.jpg", "2024-03-12T20:15:30.123000", "ms"),
        ("IMG_20240312_201530~2.jpg", "2024-03-12T20:15:30", "s"),
        ("PXL_20240312_191530123.MP.jpg", "2024-03-12T19:15:30.123000", "ms"),
        ("signal-2024-03-12-20-15-30-123.jpg", "2024-03-12T20:15:30.123000", "ms"),
        ("signal-2024-03-12-201530_002.jpeg", "2024-03-12T20:15:30", "s"),
        ("photo_2024-03-12_20-15-30.jpg", "2024-03-12T20:15:30", "s"),
        ("photo_7@12-03-2024_20-15-30.jpg", "2024-03-12T20:15:30", "s"),
        ("Bildschirmfoto 2024-03-12 um 20.15.30.png", "2024-03-12T20:15:30", "s"),
        ("Capture d’écran 2024-03-12 à 20.15.30.png", "2024-03-12T20:15:30", "s"),
        ("Capture d’e\u0301cran 2024-03-12 a\u0300 20.15.30.png", "2024-03-12T20:15:30", "s"),
        ("Screenshot 2024-03-12 at 8.15.30\u202fPM.png", "2024-03-12T20:15:30", "s"),
        ("Screenshot 2024-03-12 at 12.15.30 AM.png", "2024-03-12T00:15:30", "s"),
        ("Screenshot from 2024-03-12 20-15-30.png", "2024-03-12T20:15:30", "s"),
        ("Screenshot 2024-03-12 201530.png", "2024-03-12T20:15:30", "s"),
        ("WhatsApp Image 2024-03-12 at 20.15.30.jpeg", "2024-03-12T20:15:30", "s"),
        ("WhatsApp Image 2024-03-12 at 8.15.30 PM (1).jpeg", "2024-03-12T20:15:30", "s"),
        ("Shot 2024-03-12 at 13.15.30 PM.png", "2024-03-12T13:15:30", "s"),
        ("20240312_256199.jpg", "2024-03-12T00:00:00", "day"),
    ],
)
def test_a_name_tells_the_time(name: str, wall: str, precision: str) -> None:
    found = time_in_name(name)
    assert found is not None
    assert (found.wall.isoformat(), found.precision) == (wall, precision)
    assert found.utc == name.startswith("PXL_")


@pytest.mark.parametrize(
    "name",
    [
        *("", "photo.jpg", "IMG_0042.HEIC", "20241332.jpg", "12-03-2024.jpg", "03-04-24.jpg"),
        *("1710270930123.jpg", "920240312.jpg", "202403121.jpg", "2024-02-30.png"),
        *("Screenshot 2024-02-30 at 8.15.30 PM.png", "Shot 2024-02-30 at 13.15.30 PM.png"),
        *("photo_7@32-03-2024_20-15-30.jpg", "x" * 400 + "2024-03-12.jpg"),
    ],
)
def test_a_name_that_tells_no_certain_time_tells_none(name: str) -> None:
    assert time_in_name(name) is None


@pytest.mark.parametrize(
    "name",
    [
        *("Screenshot_1.png", "screen shot 2.png", "Bildschirmfoto.png", "Capture d’écran.png"),
        *(
            "Capture d'e\u0301cran.png",
            "Captura de pantalla.png",
            "Schermata.png",
            "ScreenShot.PNG",
        ),
    ],
)
def test_a_screenshot_is_known_by_its_name(name: str) -> None:
    assert is_screenshot_name(name)


def test_a_photo_is_no_screenshot() -> None:
    assert not is_screenshot_name("IMG_20240312_201530.jpg")
