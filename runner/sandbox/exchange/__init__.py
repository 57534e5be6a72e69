"""The exchange itself: instruments, orders, books and money. It knows nothing of HTTP or JSON."""
