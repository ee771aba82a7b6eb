"""The statements of an import. `:dealer`, `:location` and `:import` name whose it is.

Every vehicle that is touched is remembered with what happened to it: restored, new, changed, withdrawn.
"""

from __future__ import annotations

from sqlalchemy import text

CREATE = tuple(
    text(statement)
    for statement in (
        """DROP TABLE IF EXISTS pg_temp.import_stage, pg_temp.import_change, pg_temp.import_touched""",
        """CREATE TEMPORARY TABLE import_stage (
            line integer, offer_number text, facts jsonb, problems jsonb,
            "column" text, value text, reason jsonb, remarks jsonb, mark bytea
        ) ON COMMIT DROP""",
        "CREATE INDEX ON import_stage (offer_number) WHERE reason IS NOT NULL",
        """CREATE TEMPORARY TABLE import_change (
            id uuid PRIMARY KEY, merged jsonb, mark bytea, differs boolean, problems jsonb DEFAULT '[]'
        ) ON COMMIT DROP""",
        "CREATE TEMPORARY TABLE import_touched (id uuid, how text) ON COMMIT DROP",
    )
)

# In `import_stage` a row without facts and without a reason was recalled, or its vehicle is new and in stock
# already.
COPY_UNREAD = 'COPY import_stage (line, offer_number, "column", value, reason, mark) FROM STDIN'

_NEW_VEHICLE = """
    INSERT INTO vehicle (dealer_id, location_id, data, problems, online, row_mark)
    SELECT :dealer, :location, s.facts || jsonb_build_object('stock_date', CAST(:today AS text)),
        s.problems, :online, CASE WHEN s.facts ? 'stock_date' THEN NULL ELSE s.mark END
"""
_UNLESS_TAKEN = "ON CONFLICT (location_id, offer_number) WHERE withdrawn_at IS NULL DO NOTHING"

# `:rows` is one JSON of all rows of a chunk. Plainly new is a number that no vehicle had here before, and no
# row that was refused; the rest is decided at the end of the file. OFFSET 0 has each number looked up: a join
# would read whole tables for every chunk.
CHUNK = """
    chunk AS MATERIALIZED (
        SELECT line, offer_number, facts, problems, remarks, decode(mark, 'hex') AS mark
        FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS read (
            line integer, offer_number text, facts jsonb, problems jsonb, remarks jsonb, mark text)
    )
"""
TAKE_CHUNK = text(f"""
    WITH {CHUNK}, fresh AS (
        {_NEW_VEHICLE}
        FROM chunk AS s
        WHERE NOT EXISTS (
            SELECT FROM vehicle AS here
            WHERE here.location_id = :location AND here.offer_number = s.offer_number
              AND here.withdrawn_at IS NULL
            OFFSET 0
        ) AND NOT EXISTS (
            SELECT FROM vehicle AS gone
            WHERE gone.location_id = :location AND gone.offer_number = s.offer_number
              AND gone.withdrawn_at IS NOT NULL
            OFFSET 0
        ) AND NOT EXISTS (
            SELECT FROM import_stage AS refused
            WHERE refused.offer_number = s.offer_number AND refused.line < s.line
              AND refused.reason IS NOT NULL
            OFFSET 0
        )
        ORDER BY s.line
        {_UNLESS_TAKEN}
        RETURNING id, offer_number, row_mark
    ), touched AS (
        INSERT INTO import_touched SELECT id, 'new' FROM fresh
    )
    INSERT INTO import_stage (line, offer_number, facts, problems, remarks, mark)
    SELECT line, offer_number, CASE WHEN waits THEN facts END, CASE WHEN waits THEN problems END, remarks,
        CASE WHEN waits THEN mark ELSE row_mark END
    FROM chunk LEFT JOIN fresh USING (offer_number), LATERAL (SELECT id IS NULL AS waits)
""")  # noqa: S608

# A vehicle that left meanwhile, or that somebody changed: its row has to be read after all.
COUNT_FORGOTTEN = text("""
    SELECT count(*) FROM import_stage AS s
    WHERE s.facts IS NULL AND s.reason IS NULL AND s.mark IS NOT NULL AND NOT EXISTS (
        SELECT FROM vehicle AS v WHERE v.location_id = :location AND v.offer_number = s.offer_number
            AND v.withdrawn_at IS NULL AND v.row_mark = s.mark)
""")

# Only what conditions are made of: to sample whole documents takes as long as to insert them.
ANALYZE_STOCK = text("""
    ANALYZE vehicle (dealer_id, location_id, withdrawn_at, online, problems),
        publication (vehicle_id, activation_id, released, problems),
        transfer (activation_id, vehicle_id, state)
""")
ROOM = text("SET LOCAL work_mem = '64MB'")
ANALYZE = text("ANALYZE import_stage (line, offer_number)")

REFUSE_DUPLICATES = text("""
    UPDATE import_stage AS later
    SET facts = NULL, "column" = :column, value = later.offer_number,
        reason = jsonb_build_object(
            'text', CAST(:sentence AS text), 'values', jsonb_build_object('line', first.line))
    FROM (
        SELECT offer_number, min(line) AS line FROM import_stage
        WHERE offer_number <> '' GROUP BY offer_number HAVING count(*) > 1
    ) AS first
    WHERE later.offer_number = first.offer_number AND later.line > first.line AND later.reason IS NULL
""")

REPORT_REFUSED = text("""
    INSERT INTO import_row (import_id, line, "column", offer_number, value, reason)
    SELECT :import, line, "column", offer_number, coalesce(value, ''), reason
    FROM import_stage WHERE reason IS NOT NULL ORDER BY line
""")

# A cell that was not read belongs to a row that was taken: those of a number that came twice are none.
REPORT_REMARKS = text("""
    INSERT INTO import_row (import_id, line, "column", offer_number, value, reason, refused)
    SELECT :import, line, remark->>0, offer_number, remark->>1, remark->2, false
    FROM import_stage CROSS JOIN LATERAL jsonb_array_elements(remarks) AS remark
    WHERE reason IS NULL AND remarks IS NOT NULL ORDER BY line
""")

COUNT_IN_STOCK = text("""
    SELECT count(*) FROM vehicle WHERE location_id = :location AND withdrawn_at IS NULL
""")
# In the order of `Staged`; before anything else than the chunks has touched a vehicle.
COUNT_STAGED = text("""
    SELECT count(*) FILTER (WHERE reason IS NULL),
        count(*) FILTER (WHERE reason IS NULL AND remarks IS NOT NULL),
        (SELECT count(*) FROM import_touched)
    FROM import_stage
""")

# Back again with the same VIN, or without one with the same name: the same vehicle, with its pictures and
# its listings. Any other vehicle under that number is a new one.
RESTORE = text("""
    WITH gone AS (
        SELECT DISTINCT ON (v.offer_number) v.id
        FROM import_stage AS s
        JOIN vehicle AS v ON v.dealer_id = :dealer AND v.offer_number = s.offer_number
        WHERE v.location_id = :location AND v.withdrawn_at IS NOT NULL AND s.facts IS NOT NULL
          AND coalesce(v.vin, '') = coalesce(s.facts->>'vin', '')
          AND (v.vin <> '' OR (v.make, v.model) IS NOT DISTINCT FROM (s.facts->>'make', s.facts->>'model'))
          AND NOT EXISTS (
            SELECT FROM vehicle AS here
            WHERE here.location_id = :location AND here.offer_number = s.offer_number
              AND here.withdrawn_at IS NULL
          )
        ORDER BY v.offer_number, v.withdrawn_at DESC
    ), back AS (
        UPDATE vehicle SET withdrawn_at = NULL, updated_at = now()
        FROM gone WHERE vehicle.id = gone.id RETURNING vehicle.id
    )
    INSERT INTO import_touched SELECT id, 'restored' FROM back
""")

PARTS_OF_FACTS = (
    *("top", "prices", "battery", "energy", "energy_fuel", "energy_power", "equipment", "features"),
)
"""Where the facts that a file carries lie in the JSON; each is a list of keys."""

# What the file carries goes, what the row states comes in its place. Parts that are left empty vanish, so
# that equal vehicles have equal JSON; search criteria are a set, their order says nothing. OFFSET 0 keeps
# the planner from computing a part again wherever it is used. A headline that is nothing but the remarks
# was once taken from them: it is no headline. A vehicle that is as the row says but for
# the day since when it is here needs no closer look, unless it has still to learn its row.
FIND_DIFFERENT = text("""
    INSERT INTO import_change (id, merged, mark, differs)
    SELECT id, merged, mark, merged <> data FROM (
        SELECT v.id, v.data, s.mark, v.row_mark IS NULL AND s.mark IS NOT NULL AS learns,
            (v.data - CAST(:top AS text[]) - '{prices,battery,energy,equipment}'::text[] - CASE
                WHEN v.data->>'model_description' = s.facts->>'description' THEN 'model_description' ELSE ''
            END)
            || (s.facts - '{prices,battery,energy,equipment}'::text[])
            || CASE WHEN prices = '{}' THEN '{}' ELSE jsonb_build_object('prices', prices) END
            || CASE WHEN battery = '{}' THEN '{}' ELSE jsonb_build_object('battery', battery) END
            || CASE WHEN energy = '{}' THEN '{}' ELSE jsonb_build_object('energy', energy) END
            || CASE WHEN equipment = '{}' THEN '{}' ELSE jsonb_build_object('equipment', equipment) END
            AS merged
        FROM import_stage AS s
        JOIN vehicle AS v ON v.location_id = :location AND v.offer_number = s.offer_number
            AND v.withdrawn_at IS NULL
        CROSS JOIN LATERAL (
            SELECT coalesce(v.data#>'{energy,fuel}', '{}') - CAST(:energy_fuel AS text[])
                    || coalesce(s.facts#>'{energy,fuel}', '{}') AS fuel,
                coalesce(v.data#>'{energy,power}', '{}') - CAST(:energy_power AS text[])
                    || coalesce(s.facts#>'{energy,power}', '{}') AS power,
                coalesce(v.data#>'{equipment,features}', '[]') AS had,
                coalesce(s.facts#>'{equipment,features}', '[]') AS named
            OFFSET 0
        ) AS inner_parts
        CROSS JOIN LATERAL (
            SELECT CASE WHEN had = named THEN had ELSE (
                SELECT coalesce(jsonb_agg(code ORDER BY code), '[]') FROM (
                    SELECT code FROM jsonb_array_elements_text(had) AS code WHERE code <> ALL (:features)
                    UNION
                    SELECT jsonb_array_elements_text(named)
                ) AS codes
            ) END AS has
            OFFSET 0
        ) AS feature_set
        CROSS JOIN LATERAL (
            SELECT coalesce(v.data->'prices', '{}') - CAST(:prices AS text[])
                    || coalesce(s.facts->'prices', '{}') AS prices,
                coalesce(v.data->'battery', '{}') - CAST(:battery AS text[])
                    || coalesce(s.facts->'battery', '{}') AS battery,
                (coalesce(v.data->'energy', '{}') - CAST(:energy AS text[]) - '{fuel,power}'::text[])
                    || (coalesce(s.facts->'energy', '{}') - '{fuel,power}'::text[])
                    || CASE WHEN fuel = '{}' THEN '{}' ELSE jsonb_build_object('fuel', fuel) END
                    || CASE WHEN power = '{}' THEN '{}' ELSE jsonb_build_object('power', power) END
                    AS energy,
                (coalesce(v.data->'equipment', '{}') - CAST(:equipment AS text[]) - 'features')
                    || (coalesce(s.facts->'equipment', '{}') - 'features')
                    || CASE WHEN has = '[]' THEN '{}'
                        WHEN has @> had AND had @> has THEN jsonb_build_object('features', had)
                        ELSE jsonb_build_object('features', has) END
                    AS equipment
            OFFSET 0
        ) AS parts
        WHERE s.facts IS NOT NULL
            AND (v.data - 'stock_date' <> s.facts OR (v.row_mark IS NULL AND s.mark IS NOT NULL))
        OFFSET 0
    ) AS compared
    WHERE merged <> data OR learns
""")

# In the order of their ids, like every other change of many vehicles.
LOCK_DIFFERENT = text("""
    SELECT count(*) FROM (
        SELECT FROM vehicle AS v JOIN import_change USING (id) ORDER BY v.id FOR UPDATE OF v
    ) AS locked
""")

FORGET_DIFFERENT = text("DELETE FROM import_change")

SET_PROBLEMS = text("UPDATE import_change SET problems = CAST(:problems AS jsonb) WHERE id = :id")

CHANGE = text("""
    WITH changed AS (
        UPDATE vehicle SET data = merged, problems = import_change.problems, row_mark = mark,
            updated_at = now()
        FROM import_change WHERE vehicle.id = import_change.id RETURNING vehicle.id
    )
    INSERT INTO import_touched SELECT id, 'changed' FROM changed
    WHERE NOT EXISTS (SELECT FROM import_touched AS back WHERE back.id = changed.id)
""")

LEARN_ROWS = text("""
    UPDATE vehicle SET row_mark = mark
    FROM import_change WHERE vehicle.id = import_change.id AND NOT differs
""")
FORGET_LEARNT = text("DELETE FROM import_change WHERE NOT differs")

# Marks that this import has not confirmed, where those of before stand for something else.
FORGET_ROWS = text("""
    UPDATE vehicle SET row_mark = NULL FROM (
        SELECT v.id FROM vehicle AS v
        WHERE v.location_id = :location AND v.row_mark IS NOT NULL AND (
            v.withdrawn_at IS NOT NULL OR NOT EXISTS (
                SELECT FROM import_stage AS s
                WHERE s.offer_number = v.offer_number AND s.mark = v.row_mark AND s.reason IS NULL))
        ORDER BY v.id FOR UPDATE
    ) AS doubtful
    WHERE vehicle.id = doubtful.id
""")

INSERT = text(f"""
    WITH fresh AS (
        {_NEW_VEHICLE}
        FROM import_stage AS s
        WHERE s.facts IS NOT NULL AND NOT EXISTS (
            SELECT FROM vehicle AS here
            WHERE here.location_id = :location AND here.offer_number = s.offer_number
              AND here.withdrawn_at IS NULL
        )
        ORDER BY s.line
        {_UNLESS_TAKEN}
        RETURNING id
    )
    INSERT INTO import_touched SELECT id, 'new' FROM fresh
""")  # noqa: S608

# A row that is refused names its vehicle all the same: it is not missing.
WITHDRAW = text("""
    WITH missing AS (
        UPDATE vehicle SET withdrawn_at = now(), updated_at = now()
        WHERE dealer_id = :dealer AND location_id = :location AND withdrawn_at IS NULL
          AND NOT EXISTS (SELECT FROM import_stage AS s WHERE s.offer_number = vehicle.offer_number)
        RETURNING id
    )
    INSERT INTO import_touched SELECT id, 'withdrawn' FROM missing
""")

COUNT_TOUCHED = text("SELECT how, count(*) FROM import_touched GROUP BY how")
