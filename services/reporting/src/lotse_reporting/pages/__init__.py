"""What people see: server-rendered pages over the same functions as the API."""
