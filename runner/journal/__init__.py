"""What must not be lost: runs and their events on disk, locks, and the allowances that processes share."""
