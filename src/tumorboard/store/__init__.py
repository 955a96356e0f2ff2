"""What a team keeps: boards, cases in all their versions, decisions, users, sessions, and a log that only grows.

Functions take a ``Connection`` first, from ``Database.reading()`` or ``Database.writing()``, so that a caller can do
several things in one transaction; what changes something writes its audit entry in that same transaction. ``by`` is the
id of the user who acts, or what acts instead of one (``COMMAND_LINE``, ``client:…``). Answers are frozen dataclasses.
The two that a request begins with (``authenticate``, ``session``) take the ``Database`` and make their transactions.

    database = open_database(url)
    with database.writing() as connection:
        case = add_case(connection, board.id, name="lung-07", text=case_text, by=user.id)
    with database.reading() as connection:
        latest = latest_version(connection, case.id)

Another package adds its tables to ``tables.METADATA`` and its migration to ``migrations/versions``; ids are random text
(``new_id``), never counted by the database, so that a backup fits both databases. What belongs to a case refers to
``cases.id`` with ``ondelete="CASCADE"``: erasing a case then erases it everywhere.
"""
