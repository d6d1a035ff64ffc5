"""`python -m config.launch COMMAND …`: one sentence and a status for every failure, never a trace."""

import os
import signal
import sys
import traceback
from collections.abc import Callable
from types import FrameType

from config.embedded import Unservable
from config.launch import linting, manage, measuring, messages, running, testing
from config.launch.processes import Stopped

COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "run": running.main,
    "manage": manage.main,
    "test": testing.main,
    "lint": linting.main,
    "bench": measuring.main,
    "messages": messages.main,
}


def main() -> int:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job inherits it ignored
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    try:
        return COMMANDS[sys.argv[1]](sys.argv[2:])
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except (Unservable, Stopped) as error:
        return _say(str(error))
    except OSError as error:
        return _say(f"{error.filename or ''} {error.strerror or error}".strip() + ".")
    except Exception as error:
        if os.environ.get("DEBUG"):
            traceback.print_exc()
        return _say(f"{type(error).__name__}: {error} (DEBUG=1 shows where).")


def _leave(number: int, frame: FrameType | None) -> None:
    """A request to stop unwinds like a Ctrl-C: every `finally` runs."""
    sys.exit(128 + number)


def _say(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
