package dev.weir.classify;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What PostgreSQL's key words mean for where a statement may go (manual appendix C). */
final class Keywords {
    /** It may stand before a parenthesis without being the name of a function. */
    static final int NO_FUNCTION = 1;

    /** Wherever it stands, rows are written. */
    static final int WRITES = 1 << 1;

    static final int FOR = 1 << 2;

    /** Behind FOR it locks rows. */
    static final int LOCKS = 1 << 3;

    /** What follows it is a name that is given, not one that is called. */
    static final int NAMES = 1 << 4;

    /** SELECT INTO makes a table. */
    static final int INTO = 1 << 5;

    /** How a statement begins: {@link #START}, and the ordinal of a {@link Start} from 0. */
    static final int START_SHIFT = 8;

    static final int START = 1 << 6;

    /** What a statement can begin with. */
    enum Start {
        QUERY(Reason.READ),
        EXPLAIN(Reason.READ),
        COPY(Reason.READ),
        WRITE(Reason.WRITE),
        DEFINITION(Reason.DEFINITION),
        CODE(Reason.CODE),
        TRANSACTION(Reason.TRANSACTION),
        SESSION(Reason.SESSION);

        private final Reason reason;

        Start(Reason reason) {
            this.reason = reason;
        }

        Reason reason() {
            return reason;
        }
    }

    private static final Start[] STARTS = Start.values();

    /** The marks of each word, all below 1 << 16. */
    static final Map<String, Integer> MARKS = Map.copyOf(marks());

    private Keywords() {}

    /** The start that a mark with {@link #START} tells. */
    static Start start(int mark) {
        return STARTS[mark >>> START_SHIFT & 0xff];
    }

    private static Map<String, Integer> marks() {
        Map<String, Integer> marks = new HashMap<>();
        // Reserved words, and what the grammar has in place of a function's name.
        add(
                marks,
                NO_FUNCTION,
                "all and any array as asc asymmetric between by case cast check coalesce collate"
                        + " column cross cube current_catalog current_date current_role"
                        + " current_time current_timestamp current_user desc distinct else end"
                        + " escape except exists extract fetch filter first from full greatest"
                        + " group grouping having ilike in inner intersect interval is isnull join"
                        + " json json_array json_arrayagg json_exists json_object json_objectagg"
                        + " json_query json_scalar json_serialize json_table json_value last"
                        + " lateral least left like limit localtime localtimestamp materialized"
                        + " natural normalize not notnull null nullif nulls of offset on only or"
                        + " order ordinality outer over overlaps overlay partition position range"
                        + " recursive repeatable right rollup row rows select session_user sets"
                        + " similar some substring symmetric system_user table tablesample then"
                        + " ties to treat trim union unique user using values variadic when where"
                        + " window with within without xmlattributes xmlconcat xmlelement"
                        + " xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize"
                        + " xmltable bernoulli system groups zone columns");
        // Types that take a length.
        add(
                marks,
                NO_FUNCTION,
                "bit bpchar char character dec decimal float nchar numeric time timestamp"
                        + " timestamptz timetz varbit varchar varying national");
        add(marks, WRITES, "insert update delete merge");
        add(marks, FOR | NO_FUNCTION, "for");
        add(marks, LOCKS, "update share no key");
        add(marks, NAMES, "as with recursive window");
        add(marks, INTO, "into");
        start(marks, Start.QUERY, "select values table with");
        start(marks, Start.EXPLAIN, "explain");
        start(marks, Start.COPY, "copy");
        start(marks, Start.WRITE, "insert update delete merge truncate refresh");
        start(
                marks,
                Start.DEFINITION,
                "create alter drop grant revoke comment security reassign import reindex cluster"
                        + " vacuum analyze analyse checkpoint repack");
        start(marks, Start.CODE, "call do load execute");
        start(
                marks,
                Start.TRANSACTION,
                "begin start commit end rollback abort savepoint release prepare");
        start(
                marks,
                Start.SESSION,
                "set reset show discard deallocate listen unlisten notify lock declare fetch move"
                        + " close");
        return marks;
    }

    private static void start(Map<String, Integer> marks, Start start, String words) {
        add(marks, START | start.ordinal() << START_SHIFT, words);
    }

    private static void add(Map<String, Integer> marks, int mark, String words) {
        for (String word : List.of(words.split(" "))) {
            marks.merge(word, mark, (one, other) -> one | other);
        }
    }
}
