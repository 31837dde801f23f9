"""Commands for developers that measure what README claims. They need labelled sets that are no part of the program."""
