"""Each hot path beside the bare loop on the same database, in the same run, as ratios of wall time and of CPU.

`make bench` prints the table. Absolute numbers drift on shared machines; ratios hold. CPU is that of the server's process and of
PostgreSQL's together; the client is left out.
"""
