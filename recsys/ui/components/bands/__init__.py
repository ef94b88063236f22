"""Groups of users as small bars."""
