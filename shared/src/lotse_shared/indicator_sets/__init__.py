"""Sets of indicators that many programmes share, one YAML file for each: data, no code."""
