"""The course's data sets: one module each, read straight out of verified archives."""
