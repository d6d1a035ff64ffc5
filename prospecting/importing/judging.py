"""What becomes of every staged row, decided by a few statements over all of them, in temporary tables.

`judged` has one line per row that stands: the contact it is recognised as (NULL for a new one), `how` (1: by its
identity, 2: by its number, 3: its number belongs to another identity, so it only stays beside), `nth` among the rows
of its contact, `home` (the row that makes or completes the contact) and `apart`. `beside` is what rows say beside
their home; `changed`, what each known contact was and becomes. A load writes these tables and decides nothing more.
"""

from typing import Any

from django.db.backends.utils import CursorWrapper

from prospecting.importing.matching import NUMBER, Matching
from prospecting.importing.rows import TEXT_FIELDS

TABLES = "judged, beside, changed, wrong, marked, missing"
# Numbers that turned out to be wrong: the contact may have gone on to its next one, and is still the same contact.
WRONG = """
CREATE TEMPORARY TABLE wrong ON COMMIT DROP AS
SELECT phone, max(contact_id) AS contact_id FROM prospecting_call c
WHERE mission_id = %(mission)s AND valid IS FALSE AND NOT void AND phone <> ''
  AND NOT EXISTS (SELECT FROM prospecting_call x WHERE x.corrects_id = c.id)
GROUP BY phone"""
# What tells two places at one number from each other.
PLACE = (
    "lower(concat_ws('|', {0}.company, {0}.first_name, {0}.last_name, {0}.address, {0}.postal_code,"
    " {0}.siret, {0}.external_id))"
)
IN_MISSION = "FROM prospecting_contact c WHERE c.mission_id = %(mission)s AND c.phone IS NOT NULL"
OF_NUMBERS = f"(SELECT DISTINCT ON (phone) phone, id, {{name}} AS ident {IN_MISSION} ORDER BY phone, apart)"
# The default, and the fastest: one contact per number.
BY_NUMBER = """
CREATE TEMPORARY TABLE judged ON COMMIT DROP AS
SELECT s.row_number, s.phone, c.id AS contact_id, 1 AS how, row_number() OVER w AS nth,
       first_value(s.row_number) OVER w AS home, 0 AS apart
FROM staged s LEFT JOIN prospecting_contact c
  ON c.mission_id = %(mission)s AND c.phone = s.phone AND c.apart = 0
WHERE s.reason = '' WINDOW w AS (PARTITION BY s.phone ORDER BY s.row_number)"""
# A number that an earlier file keeps apart, or that turned out to be wrong.
SHARED = """
UPDATE judged j SET contact_id = k.id
FROM (SELECT phone, min(id) AS id FROM prospecting_contact WHERE mission_id = %(mission)s AND apart > 0 GROUP BY phone
) k WHERE j.contact_id IS NULL AND j.phone = k.phone"""
DIALLED_WRONG = """
UPDATE judged j SET contact_id = w.contact_id, how = 2 FROM wrong w WHERE j.contact_id IS NULL AND j.phone = w.phone"""
REGROUPED = """
UPDATE judged j SET nth = g.nth, home = g.home
FROM (SELECT row_number, row_number() OVER w AS nth, first_value(row_number) OVER w AS home FROM judged
      WHERE contact_id IN (SELECT contact_id FROM wrong)
      WINDOW w AS (PARTITION BY contact_id ORDER BY how, row_number)) g
WHERE j.row_number = g.row_number"""
BY_IDENTITY = f"""
CREATE TEMPORARY TABLE judged ON COMMIT DROP AS
WITH keyed AS (
    SELECT s.row_number, s.phone, s.{{name}} AS ident,
           first_value(s.phone) OVER (PARTITION BY coalesce(nullif(s.{{name}}, ''), s.phone) ORDER BY s.row_number)
               AS home_phone
    FROM staged s WHERE s.reason = ''
), met AS (
    SELECT k.*, coalesce(by_ident.id, by_phone.id) AS contact_id,
           CASE WHEN by_ident.id IS NOT NULL THEN 1
                WHEN k.ident <> '' AND by_phone.ident <> '' AND by_phone.ident <> k.ident THEN 3 ELSE 2 END AS how
    FROM keyed k
    LEFT JOIN (SELECT DISTINCT ON ({{name}}) {{name}} AS ident, id FROM prospecting_contact
               WHERE mission_id = %(mission)s AND {{name}} <> ''
               ORDER BY {{name}}, lead_file_id = ANY(%(chain)s) DESC, id) by_ident
      ON by_ident.ident = k.ident AND k.ident <> ''
    LEFT JOIN {OF_NUMBERS} by_phone ON by_phone.phone = k.home_phone
)
SELECT row_number, phone, contact_id, how, row_number() OVER w AS nth, first_value(row_number) OVER w AS home,
       0 AS apart
FROM met
WINDOW w AS (PARTITION BY coalesce(contact_id::text, home_phone) ORDER BY how, row_number)"""
# Rows that share a number stay contacts of their own: known by their identity, else by their place.
APART = f"""
CREATE TEMPORARY TABLE judged ON COMMIT DROP AS
WITH keyed AS (
    SELECT s.row_number, s.phone, {{ident}} AS ident,
           CASE WHEN {{ident}} <> '' THEN 'id:' || {{ident}} ELSE s.phone || ':' || {PLACE.format("s")} END AS key
    FROM staged s WHERE s.reason = ''
), known AS (
    SELECT DISTINCT ON (key) key, id FROM (
        SELECT id, lead_file_id, 'id:' || {{own}} AS key FROM prospecting_contact c
        WHERE mission_id = %(mission)s AND {{own}} <> ''
        UNION ALL SELECT id, lead_file_id, phone || ':' || {PLACE.format("c")} {IN_MISSION}
    ) every ORDER BY key, lead_file_id = ANY(%(chain)s) DESC, id
)
SELECT k.row_number, k.phone, known.id AS contact_id, 1 AS how, row_number() OVER w AS nth,
       first_value(k.row_number) OVER w AS home, 0 AS apart
FROM keyed k LEFT JOIN known USING (key)
WINDOW w AS (PARTITION BY coalesce(known.id::text, k.key) ORDER BY k.row_number)"""
# Of one number, the places that nothing names any more and the rows that nobody knows: with an older version they meet
# in their order, so that a place that changed its name stays itself; a contact that has no identity yet, by its place.
BARE_PLACE = "lower(concat_ws('|', {0}.company, {0}.first_name, {0}.last_name, {0}.address, {0}.postal_code))"
IN_ORDER = "row_number() OVER (PARTITION BY {0}.phone ORDER BY {0}.{1})::text"
LEFT_OVER = """
UPDATE judged j SET contact_id = pair.id, how = 2
FROM (
    SELECT DISTINCT ON (c.id) r.home, c.id
    FROM (SELECT j.home, j.phone, {row_place} AS place FROM judged j JOIN staged s USING (row_number)
          WHERE j.nth = 1 AND j.contact_id IS NULL) r
    JOIN (SELECT c.id, c.phone, {contact_place} AS place FROM prospecting_contact c
          WHERE c.mission_id = %(mission)s AND c.phone IS NOT NULL AND {may_be}
            AND NOT EXISTS (SELECT FROM judged o WHERE o.contact_id = c.id)) c USING (phone, place)
    ORDER BY c.id, r.home
) pair WHERE j.home = pair.home"""
# Numbers with several contacts: 1, 2 … for each, none is 0, so that the queue knows at a glance that it is shared.
NUMBERED = """
UPDATE judged j SET apart = told.apart
FROM (SELECT n.home, coalesce(max(c.apart), 0) + n.place + coalesce((min(c.apart) = 0)::int, 0) AS apart
      FROM (SELECT j.home, j.phone, row_number() OVER (PARTITION BY j.phone ORDER BY j.home) AS place,
                   count(*) OVER (PARTITION BY j.phone) AS many
            FROM judged j WHERE j.nth = 1 AND j.contact_id IS NULL) n
      LEFT JOIN prospecting_contact c ON c.mission_id = %(mission)s AND c.phone = n.phone
      GROUP BY n.home, n.place, n.many HAVING n.many > 1 OR count(c.id) > 0) told
WHERE j.row_number = told.home"""
MARKED = """
CREATE TEMPORARY TABLE marked ON COMMIT DROP AS
SELECT c.id AS contact_id, (SELECT max(o.apart) + 1 FROM prospecting_contact o
                            WHERE o.mission_id = c.mission_id AND o.phone = c.phone) AS apart
FROM (SELECT DISTINCT phone FROM judged WHERE apart > 0) j
JOIN prospecting_contact c ON c.mission_id = %(mission)s AND c.phone = j.phone AND c.apart = 0"""
# What a row says, under the file that it came from, when it stays beside a contact.
SAID = f"""jsonb_strip_nulls(jsonb_build_object('phone', CASE WHEN s.phone <> h.phone THEN s.phone END,
    {", ".join(f"'{name}', nullif(s.{name}, '')" for name in TEXT_FIELDS)}, 'columns', nullif(s.columns, '{{}}')))"""
# A contact's home row contradicts it somewhere; any other row says anything that the contact does not.
CONTRADICTS = f"""NOT ((s.columns || c.columns) @> s.columns
    AND {" AND ".join(f"(s.{name} = '' OR c.{name} IN ('', s.{name}))" for name in TEXT_FIELDS)})"""
ADDS = f"""NOT (c.columns @> s.columns AND {" AND ".join(f"s.{name} IN ('', c.{name})" for name in TEXT_FIELDS)})"""
WINS = "c.lead_file_id = ANY(%(chain)s)"
BESIDE = f"""
CREATE TEMPORARY TABLE beside ON COMMIT DROP AS
SELECT t.home, jsonb_agg(jsonb_build_object('file', %(name)s::text, 'row', t.row_number) || t.said
                         ORDER BY t.row_number) AS rows,
       coalesce(jsonb_agg(t.said->'phone' ORDER BY t.row_number) FILTER (WHERE t.said ? 'phone'), '[]') AS phones
FROM (
    SELECT j.home, j.row_number, {SAID} AS said, c.id, c.also_at,
           c.id IS NULL OR CASE WHEN j.nth = 1 AND j.how < 3 THEN NOT {WINS} AND {CONTRADICTS} ELSE {ADDS} END AS more
    FROM judged j JOIN staged s USING (row_number) JOIN judged h ON h.row_number = j.home
    LEFT JOIN prospecting_contact c ON c.id = j.contact_id
    WHERE j.nth > 1 OR j.contact_id IS NOT NULL
) t WHERE t.more AND (t.id IS NULL OR NOT t.also_at @> jsonb_build_array(t.said))
GROUP BY t.home"""
# A known contact takes its row's number when it has none, or in a newer version of its file; only one that nobody
# else has in the mission, that is not known to be wrong, and never while somebody has the contact in hand.
MOVES = f"""(j.how = 1 AND s.phone IS DISTINCT FROM c.phone AND c.state <> 'in_hand'
    AND (c.phone IS NULL OR {WINS})
    AND NOT EXISTS (SELECT FROM prospecting_contact o WHERE o.mission_id = c.mission_id AND o.phone = s.phone)
    AND NOT EXISTS (SELECT FROM judged o WHERE o.phone = s.phone AND o.row_number <> j.row_number
                    AND o.nth = 1 AND (o.contact_id IS NULL OR o.row_number < j.row_number))
    AND NOT EXISTS (SELECT FROM wrong w WHERE w.phone = s.phone AND w.contact_id = c.id))"""


def text_after(name: str) -> str:
    return (
        f"CASE WHEN NOT o.own THEN c.{name} WHEN o.wins THEN coalesce(nullif(s.{name}, ''), c.{name})"
        f" ELSE coalesce(nullif(c.{name}, ''), s.{name}) END"
    )


OLD = f"""jsonb_build_object({", ".join(f"'{name}', c.{name}" for name in TEXT_FIELDS)}, 'columns', c.columns,
    'other_phones', c.other_phones, 'also_at', c.also_at, 'territory', c.territory, 'phone', c.phone,
    'phone_raw', c.phone_raw, 'apart', c.apart)"""
NEW = f"""jsonb_build_object({", ".join(f"'{name}', {text_after(name)}" for name in TEXT_FIELDS)},
    'columns', CASE WHEN NOT o.own THEN c.columns WHEN o.wins THEN c.columns || s.columns
                    ELSE s.columns || c.columns END,
    'other_phones', CASE WHEN p.phones = '[]' THEN p.kept ELSE p.kept || coalesce((
        SELECT jsonb_agg(n.number ORDER BY n.place) FROM (
            SELECT number, min(place) AS place FROM jsonb_array_elements(p.phones) WITH ORDINALITY e(number, place)
            GROUP BY number) n
        WHERE NOT p.kept @> n.number AND n.number <> p.own
          AND NOT EXISTS (SELECT FROM wrong w WHERE w.contact_id = c.id AND to_jsonb(w.phone) = n.number)), '[]') END,
    'also_at', c.also_at || coalesce(b.rows, '[]'),
    'territory', CASE WHEN o.own AND s.territory <> 'FR?' AND (c.territory = 'FR?' OR o.wins AND s.postal_code <> '')
                      THEN s.territory ELSE c.territory END,
    'phone', CASE WHEN o.moves THEN s.phone ELSE c.phone END,
    'phone_raw', CASE WHEN o.moves THEN s.phone_raw ELSE c.phone_raw END,
    'apart', coalesce(m.apart, c.apart))"""
# OFFSET 0: each of these is worked out once per row, not once for every field that is compared.
CHANGED = f"""
CREATE TEMPORARY TABLE changed ON COMMIT DROP AS
SELECT t.contact_id, t.row_number, t.own,
       (SELECT jsonb_object_agg(key, value) FROM jsonb_each(t.old) WHERE t.new->key IS DISTINCT FROM value) AS before,
       (SELECT jsonb_object_agg(key, value) FROM jsonb_each(t.new) WHERE t.old->key IS DISTINCT FROM value) AS after
FROM (
    SELECT c.id AS contact_id, j.row_number, o.own, {OLD} AS old, {NEW} AS new
    FROM judged j JOIN staged s USING (row_number) JOIN prospecting_contact c ON c.id = j.contact_id
    LEFT JOIN beside b ON b.home = j.row_number
    LEFT JOIN marked m ON m.contact_id = c.id
    CROSS JOIN LATERAL (SELECT j.how < 3 AS own, {WINS} AS wins, {{moving}} AND {MOVES} AS moves OFFSET 0) o
    CROSS JOIN LATERAL (SELECT
        CASE WHEN o.moves THEN c.other_phones - s.phone ELSE c.other_phones END AS kept,
        to_jsonb(CASE WHEN o.moves THEN s.phone ELSE coalesce(c.phone, '') END) AS own,
        CASE WHEN o.moves AND c.phone IS NOT NULL THEN jsonb_build_array(c.phone)
             WHEN {{moving}} AND o.own AND NOT o.moves THEN jsonb_build_array(s.phone) ELSE '[]' END
        || CASE WHEN o.own THEN s.other_phones ELSE '[]' END || coalesce(b.phones, '[]') AS phones OFFSET 0) p
    WHERE j.nth = 1 OFFSET 0
) t WHERE t.old <> t.new"""
MARKED_ONLY = """
INSERT INTO changed (contact_id, row_number, own, before, after)
SELECT m.contact_id, NULL, false, jsonb_build_object('apart', 0), jsonb_build_object('apart', m.apart)
FROM marked m WHERE NOT EXISTS (SELECT FROM changed c WHERE c.contact_id = m.contact_id)"""
# Contacts of the older versions that no row names any more, not even one that is set aside.
MISSING = """
CREATE TEMPORARY TABLE missing ON COMMIT DROP AS
SELECT c.id AS contact_id FROM prospecting_contact c
WHERE c.lead_file_id = ANY(%(chain)s) AND c.mission_id = %(mission)s AND c.anonymised_at IS NULL
  AND NOT EXISTS (SELECT FROM judged j WHERE j.contact_id = c.id)
  AND NOT EXISTS (SELECT FROM changed h WHERE h.contact_id = c.id)
  AND NOT EXISTS (SELECT FROM staged s WHERE s.reason <> '' AND s.phone <> '' AND s.phone = c.phone)
  AND NOT EXISTS (SELECT FROM staged s
                  WHERE s.reason <> '' AND s.external_id <> '' AND s.external_id = c.external_id)"""
FATES = """
SELECT count(*) FILTER (WHERE j.nth = 1 AND j.contact_id IS NULL),
       count(*) FILTER (WHERE j.nth = 1 AND j.how < 3 AND j.contact_id IS NOT NULL AND c.contact_id IS NOT NULL),
       count(*) FILTER (WHERE j.nth = 1 AND j.how < 3 AND j.contact_id IS NOT NULL AND c.contact_id IS NULL),
       count(*) FILTER (WHERE j.nth > 1 OR j.how = 3),
       count(*) FILTER (WHERE j.apart > 0)
FROM judged j LEFT JOIN changed c ON c.contact_id = j.contact_id AND j.nth = 1"""
FIELDS = """
SELECT key, count(*) FROM changed, jsonb_object_keys(after) AS key WHERE own GROUP BY key ORDER BY count(*) DESC, key"""


def judge_rows(cursor: CursorWrapper, mission_id: int, matching: Matching) -> None:
    """Fill `judged`, `beside`, `changed` and `missing` for the staged rows, against the contacts as they are now."""
    said: dict[str, Any] = {"mission": mission_id, "chain": list(matching.chain), "name": matching.name}
    cursor.execute("DROP TABLE IF EXISTS " + ", ".join(f"pg_temp.{table}" for table in TABLES.split(", ")))
    cursor.execute(WRONG, said)
    for statement in matched(matching):
        cursor.execute(statement, said)
    if matching.identity != NUMBER:
        cursor.execute("CREATE INDEX ON judged (phone)")  # whose number a contact may take is asked row by row
    cursor.execute("ANALYZE pg_temp.judged")  # without it the planner joins 300,000 rows in nested loops
    if matching.identity != NUMBER:
        cursor.execute("CREATE INDEX ON judged (phone)")  # every number of a newer version may have changed: see MOVES
    cursor.execute(MARKED, said)
    cursor.execute(BESIDE, said)
    cursor.execute("ANALYZE pg_temp.beside")
    cursor.execute(CHANGED.format(moving="false" if matching.identity == NUMBER else "true"), said)
    cursor.execute(MARKED_ONLY, said)
    cursor.execute("ANALYZE pg_temp.changed")
    cursor.execute(MISSING, said)


def matched(matching: Matching) -> list[str]:
    """The statements that make `judged`, in order."""
    name = "" if matching.identity == NUMBER else matching.identity
    if matching.keep_apart:
        return [*kept_apart(name), NUMBERED]
    if name:
        return [BY_IDENTITY.format(name=name)]
    return [BY_NUMBER, "ANALYZE pg_temp.judged", SHARED, DIALLED_WRONG, REGROUPED]


def kept_apart(name: str) -> list[str]:
    """`name` is the field that identifies; "" when rows are known by their number and their place."""
    if name:
        left_over = LEFT_OVER.format(
            row_place=f"CASE WHEN s.{name} <> '' THEN {BARE_PLACE.format('s')} END",
            contact_place=BARE_PLACE.format("c"),
            may_be=f"c.{name} = ''",
        )
        return [APART.format(ident=f"s.{name}", own=f"c.{name}"), "ANALYZE pg_temp.judged", left_over]
    left_over = LEFT_OVER.format(
        row_place=IN_ORDER.format("j", "home"),
        contact_place=IN_ORDER.format("c", "apart"),
        may_be="c.lead_file_id = ANY(%(chain)s)",
    )
    return [APART.format(ident="''", own="''"), "ANALYZE pg_temp.judged", left_over]
