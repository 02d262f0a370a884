-- Who may come in. Passwords are argon2id, sessions are kept as the hash of their token (D3).

CREATE TABLE people (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    administrator INTEGER NOT NULL CHECK (administrator IN (0, 1)),
    email TEXT NOT NULL UNIQUE,
    password_hash TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    token_hash BLOB NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
    person BLOB NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    expires_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_of ON sessions (person);
