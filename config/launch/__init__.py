"""What bin/run, bin/manage, bin/test, bin/lint, bin/bench and bin/messages do, once .venv is there."""
