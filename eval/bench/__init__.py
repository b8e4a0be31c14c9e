"""The benchmarks behind `cascade bench`: each is a module with one function that returns findings."""
