"""The local control channel: a softphone or a script starts and ends calls of a running monitor. No network port.

One exchange is one connection: both sides prove that they know the key (a file that only its owner may read), one
command goes in, one reply comes back.
"""
