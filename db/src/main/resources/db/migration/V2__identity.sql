-- Who may use the platform, and with which tokens. Passwords and tokens are kept as hashes only.

create table users (
    name          text primary key,
    password_hash text        not null,
    role          text        not null check (role in ('ADMIN', 'USER')),
    locale        text,
    enabled       boolean     not null default true,
    created_at    timestamptz not null
);

create table api_tokens (
    id           uuid primary key,
    user_name    text        not null references users (name) on delete cascade,
    label        text        not null,
    sha256       bytea       not null unique,
    created_at   timestamptz not null,
    expires_at   timestamptz
);
create index api_tokens_user on api_tokens (user_name, id desc);

-- Secrets the platform signs with, made once and shared by all its replicas.
create table signing_keys (
    name       text primary key,
    secret     bytea       not null,
    created_at timestamptz not null
);
