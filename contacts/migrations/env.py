"""What Alembic runs: our tables, on the connection ``upgrade`` handed over, in its transaction."""

from alembic import context

from contacts.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
