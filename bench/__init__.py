"""The benchmarks behind `make bench`: one file per row of docs/performance.md, baselines in bench/baseline/."""
