"""A demo world: two businesses, a dozen telemarketers, four missions, six weeks of calls. The same on every machine."""
