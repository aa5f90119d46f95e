-- Instants are Unix milliseconds (UTC); local dates are ISO text.
create table meta (
  key text primary key,
  value text not null
) strict, without rowid;

create table workspaces (
  id text primary key,
  version integer not null,
  body text not null
) strict, without rowid;

create table rotations (
  id text primary key,
  version integer not null,
  body text not null,
  workspace_id text not null,
  name_key text not null,
  next_due integer
) strict, without rowid;
create unique index rotations_by_name on rotations (workspace_id, name_key);
create index rotations_by_due on rotations (next_due) where next_due is not null;

-- Past shifts; the one under way is part of the rotation.
create table shifts (
  rotation_id text not null,
  number integer not null,
  scheduled_on text not null,
  starts_at integer not null,
  ends_at integer not null,
  turn_of text,
  on_duty text,
  body text not null,
  primary key (rotation_id, number)
) strict, without rowid;

create table audit (
  id integer primary key autoincrement,
  at integer not null,
  workspace_id text not null,
  actor_id text not null,
  subject text not null,
  action text not null,
  before text,
  after text
) strict;
create index audit_by_subject on audit (workspace_id, subject, id);

-- What came due has happened: whoever inserts the row does it, whoever loses stops.
create table occurrences (
  kind text not null,
  subject text not null,
  local_date text not null,
  due_at integer not null,
  recorded_at integer not null,
  primary key (kind, subject, local_date)
) strict, without rowid;

-- state: 0 waiting, 1 under way (leased), 2 delivered, 3 parked, 4 expired
create table deliveries (
  seq integer primary key autoincrement,
  id text not null unique,
  workspace_id text not null,
  lane text not null,
  body text not null,
  state integer not null,
  created_at integer not null,
  due_at integer not null,
  expires_at integer,
  attempts integer not null,
  first_attempt_at integer,
  uncertain integer not null,
  lease integer not null,
  lease_until integer,
  post_id text,
  channel_id text,
  error text,
  finished_at integer
) strict;
create index deliveries_open on deliveries (lane, seq) where state < 2;
create index deliveries_by_due on deliveries (due_at) where state < 2;

-- Single-use buttons and dialogs that were used.
create table nonces (
  nonce text primary key,
  expires_at integer not null,
  used_by text not null,
  used_at integer not null
) strict, without rowid;
create index nonces_by_expiry on nonces (expires_at);
