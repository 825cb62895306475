-- What a superuser prepares in the register's database; `zones migrate` does the rest as an ordinary user.
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS btree_gist;
