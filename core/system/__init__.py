"""The operating system underneath: clock, memory, files and where the shipped resources lie."""
