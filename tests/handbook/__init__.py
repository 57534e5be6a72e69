"""The documentation is executed: blocks, commands, links, and the reference that is made from the program."""
