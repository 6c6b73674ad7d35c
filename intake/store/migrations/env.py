"""How Alembic reaches the database: on the connection that `intake.store.migrate` opened."""

from alembic import context

from intake.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite alters a table by copying it.
    render_as_batch=True,
    # Both engines take back changes of tables when the transaction, the caller's, fails.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
