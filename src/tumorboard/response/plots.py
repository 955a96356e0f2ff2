"""The plots of response and treatment; each is one SVG text that takes the colour of the text around it."""

from __future__ import annotations

from tumorboard.response.scale import Plotted
from tumorboard.response.spider import spider
from tumorboard.response.swimmer import swimmer
from tumorboard.response.waterfall import waterfall

__all__ = ["Plotted", "spider", "swimmer", "waterfall"]
