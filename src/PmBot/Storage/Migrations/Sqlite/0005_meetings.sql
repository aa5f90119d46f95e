-- Meetings, each with its queue of agenda items and, while it is held, how far it got.
create table meetings (
  id text primary key,
  version integer not null,
  body text not null,
  workspace_id text not null,
  name_key text not null,
  next_due integer
) strict;
create unique index meetings_by_name on meetings (workspace_id, name_key);
create index meetings_by_due on meetings (next_due) where next_due is not null;

-- What a meeting came to on a date.
create table meeting_records (
  id text primary key,
  version integer not null,
  body text not null,
  workspace_id text not null,
  meeting_id text not null,
  held_on text not null
) strict;
create unique index meeting_records_by_date on meeting_records (meeting_id, held_on);

-- open: 1 until it is done; due_on: the last date on which it is in time.
create table action_steps (
  id text primary key,
  version integer not null,
  body text not null,
  workspace_id text not null,
  number integer not null,
  owner_id text not null,
  open integer not null,
  due_on text not null
) strict;
create unique index action_steps_by_number on action_steps (workspace_id, number);
create index action_steps_open on action_steps (workspace_id, open, due_on, number) where open = 1;
create index action_steps_by_owner on action_steps (workspace_id, owner_id, open, due_on, number) where open = 1;

-- One a workspace: the last number of an action step, when their owners are reminded.
create table agenda_books (
  id text primary key,
  version integer not null,
  body text not null,
  next_due integer
) strict, without rowid;
create index agenda_books_by_due on agenda_books (next_due) where next_due is not null;

-- The secret in the address of somebody's calendar. A new one makes the old address lead nowhere.
create table calendars (
  workspace_id text not null,
  user_id text not null,
  secret text not null unique,
  made_at integer not null,
  primary key (workspace_id, user_id)
) strict, without rowid;
