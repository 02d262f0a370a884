-- When the server's clock was last believed (server/src/clock.rs): which start of the machine, and what the
-- clock said that start was, milliseconds since 1970. A restart of the server must not make a wrong clock right.
CREATE TABLE clock_reference (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    boot TEXT NOT NULL,
    offset_ms INTEGER NOT NULL
) STRICT;
