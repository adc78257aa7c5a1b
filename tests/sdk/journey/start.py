"""A start, and what it warned of."""

from _support import connect_listening, report

if __name__ == "__main__":
    report({"warned": connect_listening()[1]})
