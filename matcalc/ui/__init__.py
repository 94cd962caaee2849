"""What stands around the public functions for people: the console, commands. Nothing here is known to another room."""
