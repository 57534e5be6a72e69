"""The journal's tables, version by version."""

_FIRST = """
CREATE TABLE runs (
  run_id TEXT PRIMARY KEY, playbook TEXT NOT NULL, environment TEXT NOT NULL, base_url TEXT NOT NULL,
  participant TEXT NOT NULL, account TEXT NOT NULL, started_at TEXT NOT NULL, last_at TEXT NOT NULL,
  status TEXT, exit_code INTEGER
) WITHOUT ROWID;
CREATE INDEX runs_by_time ON runs (started_at DESC);
CREATE INDEX runs_open ON runs (started_at) WHERE status IS NULL OR status = 'in_doubt';
CREATE TABLE texts (sha256 TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE pins (run_id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, pinned TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE entries (
  run_id TEXT NOT NULL, sequence INTEGER NOT NULL, kind TEXT NOT NULL, path TEXT NOT NULL, data TEXT NOT NULL,
  PRIMARY KEY (run_id, sequence)
) WITHOUT ROWID;
CREATE TABLE risks (
  clord_id TEXT PRIMARY KEY, base_url TEXT NOT NULL, firm TEXT NOT NULL, trade_day TEXT NOT NULL, exposure TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX risks_by_day ON risks (base_url, firm, trade_day);
CREATE TABLE halts (venue TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID;
"""

_OUTBOX = """
CREATE TABLE notices (
  id TEXT PRIMARY KEY, run_id TEXT NOT NULL, event TEXT NOT NULL, channel TEXT NOT NULL, message TEXT NOT NULL,
  owed_at TEXT NOT NULL, until TEXT NOT NULL, next_at TEXT NOT NULL, tries INTEGER NOT NULL, error TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'owed', claimed TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
CREATE INDEX notices_owed ON notices (owed_at) WHERE state = 'owed';
"""

VERSIONS = (_FIRST, _OUTBOX)
"""What each version has more than the one before it; an older journal is brought up to date when it is opened."""
