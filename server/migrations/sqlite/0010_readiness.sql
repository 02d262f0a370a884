-- What `/readyz` writes to find out whether anything can be written: one row, whose `room` takes pages and gives them
-- back in the same transaction. So it is refused as any other write is where the disk is full, and nothing grows.
CREATE TABLE readiness (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    writes INTEGER NOT NULL,
    room BLOB
) STRICT;

INSERT INTO readiness (one, writes, room) VALUES (1, 0, NULL);
