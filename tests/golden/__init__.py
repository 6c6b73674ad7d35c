"""Synthetic patients and what the doctor's summary says of each, kept as text.

`patients.py` declares them, `texts.py` reads a summary as plain text in reading order, and the
`*.txt` files are what was last looked at and found right. `make golden` writes them again,
`make golden PICTURES=1` also draws the first page of each into `build/golden/`.
"""
