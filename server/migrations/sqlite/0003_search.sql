-- Words of closed incidents. Derived: can be made anew from the log. What is not closed is held
-- whole in memory and searched there, so that a push to an open incident writes nothing here.

-- One row per closed incident; its rowid is year * 1000000000 + serial, so that the newest number
-- comes first without sorting. The words come folded by the program: small letters without marks,
-- one space between two, which is all that the tokenizer has to know. Neither the text nor the
-- places of words in it are kept: they are in the log.
CREATE VIRTUAL TABLE search USING fts5(
    words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii', prefix = '1 2 3 4 5 6'
);

-- How far the index has been made from a log that was there before it. `edition` is the way that
-- texts are folded: when the program has a newer one, all is made anew, from the newest incident
-- down. `down_to` is the last row made, 0 when all are.
CREATE TABLE search_made (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    edition INTEGER NOT NULL,
    down_to INTEGER NOT NULL
) STRICT;

-- Without closed incidents there is nothing to make.
INSERT INTO search_made (one, edition, down_to)
SELECT 1, NOT EXISTS (SELECT 1 FROM standing WHERE closed_at_ms IS NOT NULL), 0;
