"""Networks played through the public interfaces: plans of dated steps, and what sends them."""
