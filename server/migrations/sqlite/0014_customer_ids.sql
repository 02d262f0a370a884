-- Customers have ids. A secret link to a customer's page named an account by its name; a name can be
-- changed and given to another. Each link now says which account it opens, as well as the record
-- knows: the account that was noted last under that name when the link was made; else the account
-- that bears the name today, if it was there when the link was made (its id is a UUIDv7, whose first 48 bits are
-- milliseconds) and was not changed since: it may have got the name by that. Where neither is known, the link
-- keeps the name, and opens what was addressed to that name before customers had ids, and says that it is old;
-- nobody who gets the name later is meant.

CREATE TABLE noted_accounts AS
SELECT at_ms, body ->> '$.data.customer.name' AS name, body ->> '$.data.customer.account' AS account
FROM events
WHERE kind = 'customer_noted.2' AND json_valid(body)
    AND body ->> '$.data.customer.account' IS NOT NULL
    AND EXISTS (SELECT 1 FROM links WHERE kind = 'status');

UPDATE links SET target = coalesce(
    (SELECT 'account/' || account FROM noted_accounts
        WHERE noted_accounts.name = links.target AND noted_accounts.at_ms <= links.made_at_ms
            AND EXISTS (SELECT 1 FROM accounts WHERE hex(accounts.id) = upper(replace(account, '-', ''))
                AND substr(hex(accounts.id), 1, 12) <= printf('%012X', links.made_at_ms))
        ORDER BY noted_accounts.at_ms DESC LIMIT 1),
    (SELECT 'account/' || (accounts.body ->> '$.id') FROM accounts
        WHERE json_valid(accounts.body) AND accounts.body ->> '$.name' = links.target
            AND substr(hex(accounts.id), 1, 12) <= printf('%012X', links.made_at_ms)
            AND (accounts.version = 1 OR accounts.changed_at_ms <= links.made_at_ms)),
    'name/' || target
)
WHERE kind = 'status';

DROP TABLE noted_accounts;

-- What the program does once with a log that is older than it.
CREATE TABLE upgrades (
    name TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- A log that begins with this build has ids throughout.
INSERT INTO upgrades (name)
SELECT 'customers_identified' WHERE NOT EXISTS (SELECT 1 FROM events);

-- The steps of recovery plans have a second shape.
DROP INDEX events_entrusted;
CREATE INDEX events_entrusted ON events (
    CASE WHEN json_valid(body) THEN
        coalesce(body ->> '$.data.owner.id', body ->> '$.data.facilitator.id', body ->> '$.data.side.ours.person.id')
    END
) WHERE kind IN ('action_agreed.1', 'post_mortem_booked.1', 'plan_step_added.1', 'plan_step_added.2');
