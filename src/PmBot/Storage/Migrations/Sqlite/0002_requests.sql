-- Customer requests. The columns beside id, version and body are what lists filter, order and count by.
-- state: 0 unassigned, 1 assigned, 2 decided, 3 processed, 4 closed; open: 1 for the first three; ages are counted from filed_at.
-- Not without rowid: a body of a kilobyte would not fit into the pages of an index, and each would take a page of its own beside them.
create table requests (
  id text primary key,
  version integer not null,
  body text not null,
  workspace_id text not null,
  number integer not null,
  state integer not null,
  open integer not null,
  assignee_id text,
  area_key text,
  decision text,
  filed_at integer not null,
  changed_at integer not null,
  assigned_at integer,
  snoozed_until text,
  discuss integer not null
) strict;
-- An index for each list: it has the list's order, so that a page is read without sorting, and all columns by which the list is counted,
-- so that counting reads nothing but the index. What makes it partial stands among its columns, too: only so SQLite prefers it to the
-- next best one. No list filters by a decision: the index of stats begins with it, so that it is taken for none of them.
create unique index requests_by_number on requests (workspace_id, number);
create index requests_by_age on requests (workspace_id, filed_at, number);
create index requests_open on requests (workspace_id, open, filed_at, number) where open = 1;
create index requests_unassigned on requests (workspace_id, state, filed_at, number, snoozed_until) where state = 0;
create index requests_by_assignee on requests (workspace_id, assignee_id, open, filed_at, number) where open = 1;
create index requests_by_area on requests (workspace_id, area_key, open, filed_at, number) where open = 1;
create index requests_stale on requests (workspace_id, changed_at, number, snoozed_until, state) where state < 2;
create index requests_undecided on requests (workspace_id, state, assignee_id, filed_at, number, snoozed_until) where state = 1;
create index requests_to_discuss on requests (workspace_id, discuss, filed_at, number) where discuss = 1;
create index requests_for_stats on requests (workspace_id, decision, state, assignee_id, area_key, filed_at, assigned_at);

-- One a workspace: the last number given, the areas, the schedule.
create table request_books (
  id text primary key,
  version integer not null,
  body text not null,
  next_due integer
) strict, without rowid;
create index request_books_by_due on request_books (next_due) where next_due is not null;

-- Posts that came by an outgoing webhook: the same post again changes nothing and gets the same answer.
create table inbox (
  post_id text primary key,
  workspace_id text not null,
  received_at integer not null,
  answer text not null
) strict, without rowid;

-- The last number given in a workspace; a number is never given twice, whatever becomes of its request.
create table request_numbers (
  workspace_id text primary key,
  last integer not null
) strict, without rowid;
