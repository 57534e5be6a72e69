"""Evidence of a run: a folder that shows by itself what was changed in it since, and a signature that says whose it is.

``folder`` puts it together, ``verifying`` looks at one with nothing but the public key.
"""
