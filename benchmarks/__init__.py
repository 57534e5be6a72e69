"""How fast pmx-run is, beside what anybody would write without it. ``python -m benchmarks`` measures all of it."""
