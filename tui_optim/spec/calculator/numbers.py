"""How the calculator writes numbers."""

import math


def format_number(value: float) -> str:
    """As short as it can be written in eight digits; else with four digits, and at least four decimals."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"  # -0.0 too
    text = f"{value:.8g}"
    if float(text) != value:
        short = f"{value:.4g}"
        text = f"{value:.4f}".rstrip("0").rstrip(".") if 1 <= abs(value) < 1e6 else short
    return text.replace("e-0", "e-").replace("e+0", "e").replace("e+", "e").replace("-", "−", text.startswith("-"))
