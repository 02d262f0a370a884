-- Browsers in which somebody came in by their password: their tries go before those of strangers while somebody
-- guesses. No session: it opens nothing. Only the hash of the token is kept (D3).
CREATE TABLE browsers (
    token_hash BLOB NOT NULL CHECK (length(token_hash) = 32),
    person BLOB NOT NULL REFERENCES people (id),
    seen_at_ms INTEGER NOT NULL,
    PRIMARY KEY (token_hash, person)
) STRICT, WITHOUT ROWID;

CREATE INDEX browsers_of ON browsers (person, seen_at_ms);
