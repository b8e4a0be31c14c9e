"""The parts of the report, strangers to one another: each takes the results and gives a `Section`."""
