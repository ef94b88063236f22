"""One user's ratings in time, and which of them are hidden."""
