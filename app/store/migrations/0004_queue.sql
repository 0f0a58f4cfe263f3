-- A dossier may be sent again in a new version, so it has several submissions, but one at a time on its way.
CREATE TABLE outbox_new (
    submission_id TEXT PRIMARY KEY,
    dossier_id    TEXT NOT NULL REFERENCES dossier(id),
    package       TEXT NOT NULL,
    package_bytes INTEGER NOT NULL,
    state         TEXT NOT NULL,
    queued_at     TEXT NOT NULL,
    priority      INTEGER NOT NULL DEFAULT 0,
    attempts      INTEGER NOT NULL DEFAULT 0,
    next_try_at   TEXT,
    last_error    TEXT,
    error_facts   TEXT,
    upload_state  TEXT,
    receipt       TEXT,
    delivered_at  TEXT,
    verdict       TEXT,
    ask_at        TEXT,
    erased_at     TEXT
) STRICT;

INSERT INTO outbox_new (submission_id, dossier_id, package, package_bytes, state, queued_at, attempts,
                        next_try_at, last_error, upload_state, receipt, delivered_at, ask_at)
SELECT submission_id, dossier_id, package, package_bytes, state, queued_at, attempts, next_try_at, last_error,
       upload_state, receipt, json_extract(receipt, '$.received_at'), json_extract(receipt, '$.received_at')
FROM outbox;

DROP TABLE outbox;
ALTER TABLE outbox_new RENAME TO outbox;

CREATE INDEX outbox_turn ON outbox (priority DESC, queued_at, submission_id, next_try_at)
    WHERE state IN ('queued', 'sending');
CREATE INDEX outbox_state ON outbox (state, queued_at);
CREATE INDEX outbox_ask ON outbox (ask_at) WHERE ask_at IS NOT NULL;
CREATE INDEX outbox_delivered ON outbox (delivered_at) WHERE state = 'delivered' AND erased_at IS NULL;
CREATE INDEX outbox_dossier ON outbox (dossier_id);
CREATE UNIQUE INDEX outbox_one_on_its_way ON outbox (dossier_id) WHERE state IN ('queued', 'sending', 'stuck');

-- Dossiers without a receipt are asked for at every start, among however many that have one.
CREATE INDEX dossier_unfinished ON dossier (received_at, id) WHERE synchronisation <> 'delivered';
CREATE INDEX page_dossier ON page (dossier_id, place);
CREATE INDEX audit_subject ON audit (subject, n);
CREATE INDEX audit_hash ON audit (hash);

-- What the queue as a whole is told: paused or not, when the line may be tried again, and the like.
CREATE TABLE queue_fact (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- How far the sidecar journal reaches that holds every committed change once more; `based` is 0 while
-- there are rows that neither the journal nor a snapshot holds.
CREATE TABLE journal_mark (
    segment INTEGER NOT NULL,
    bytes   INTEGER NOT NULL,
    based   INTEGER NOT NULL CHECK (based IN (0, 1))
) STRICT;
INSERT INTO journal_mark VALUES (1, 0, NOT EXISTS (SELECT 1 FROM audit) AND NOT EXISTS (SELECT 1 FROM dossier));
