"""What bin/bench runs: every figure beside a reference measured in the same run. The results stand in results.md."""
