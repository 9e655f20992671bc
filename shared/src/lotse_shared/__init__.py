"""What all services of Lotse agree on, and the plumbing between them."""
