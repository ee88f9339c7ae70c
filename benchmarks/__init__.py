"""Speed of the layers, as ratios of times in one run. `make bench` runs all of them."""
