package dev.weir.classify;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.sql.Lexer;
import dev.weir.sql.TokenKind;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Makes statements of the kind that PostgreSQL's own regression suite has: of parts of others, in
 * odd quoting, with comments where nobody expects them, and one hidden in another.
 */
final class OddStatements {
    /** What stands between tokens, or glues to them. */
    private static final List<String> GAPS =
            List.of(
                    " ",
                    "",
                    "\n",
                    "\t",
                    "\r",
                    "\f",
                    "/**/",
                    "/* ' */",
                    "/* \" */",
                    "/* $$ */",
                    "/*/* ; */ ' */",
                    "/*+*/",
                    "/*-- */",
                    "-- '\n",
                    "--*/\n",
                    "--$x$\n",
                    "--\r",
                    " -- /*\n",
                    "/*\n*/");

    private static final List<String> BITS =
            List.of(
                    "'",
                    "''",
                    "\"",
                    "\\",
                    "\\'",
                    "$$",
                    "$x$",
                    "$1",
                    "$",
                    ";",
                    "--",
                    "/*",
                    "*/",
                    "E'\\''",
                    "E'a' --\n'\\' '",
                    "e'\\\\'",
                    "U&'\\0027'",
                    "u&'d!0061' UESCAPE '!'",
                    "U&\"\\0069d\"",
                    "U&\"b\\0075mp\"()",
                    "B'01'",
                    "b'0''1'",
                    "X'1F'",
                    "N'n'",
                    "'a'\n'b'",
                    "'a' -- c\n  'b'",
                    "'a' 'b'",
                    "$t$ ' $x$ $t$",
                    "$é$ bump() $é$",
                    "$_1$;$_1$",
                    "é",
                    "日本",
                    "\"Odd Name\"",
                    "\"a\"\"b\"",
                    "\"select\"",
                    "@>--x\n",
                    "!~*",
                    "~~*",
                    "->>",
                    "::text",
                    "::int",
                    "<@#>",
                    "@-",
                    "+-",
                    "#>>",
                    "||",
                    "|/",
                    "*/**/",
                    "=-1",
                    "1.",
                    ".5",
                    "1..2",
                    "1e+5",
                    "1e",
                    "0x1F",
                    "1_000",
                    "1FOR",
                    "1INTO",
                    ":=",
                    "=>",
                    "[1]",
                    "[1:2]",
                    "(",
                    ")",
                    ",",
                    ".",
                    "*",
                    "select",
                    "into",
                    "for update",
                    "for share",
                    "for no key update of item",
                    "as update",
                    "AS delete",
                    "with",
                    "table",
                    "only",
                    "bump()",
                    "bump ()",
                    "bump",
                    "\"bump\"()",
                    "public.bump()",
                    "nextval('counter')",
                    "pg_advisory_lock(1)",
                    "set_config('work_mem', '1MB', false)",
                    "(i).touch",
                    "item.touch",
                    "touch(item)",
                    "1 <@#> 2",
                    "1 operator(public.<@#>) 2",
                    "(select bump())",
                    "(with x as (delete from item returning 1) select * from x)",
                    "with x as (insert into shop.\"order\" values (99) returning 1)",
                    "; delete from item",
                    "; select bump(); --",
                    "delete from item",
                    "update item set id = id",
                    "insert into item (id, name) values (1, '')",
                    "create table t as",
                    "explain",
                    "explain analyze",
                    "explain (analyze, costs off)",
                    "copy (",
                    ") to stdout",
                    "copy item to stdout",
                    "copy item from stdin",
                    "lateral",
                    "tablesample bernoulli (10)",
                    "ticket",
                    "latch",
                    "scratch",
                    "parent_of_unlogged",
                    "guarded",
                    "counter",
                    "elsewhere",
                    "tidy()",
                    "item",
                    "cheap",
                    "from item i",
                    "from item",
                    "where",
                    "and",
                    "union all",
                    "limit 1");

    private final Random random;
    private final List<List<String>> known;

    OddStatements(Random random, List<String> statements) {
        this.random = random;
        this.known = statements.stream().map(OddStatements::tokens).toList();
    }

    /** The next one; no byte of it is 0. */
    String next() {
        List<String> tokens = new ArrayList<>(any(known));
        int changes = random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            change(tokens);
        }
        String text = glue(tokens);
        return switch (random.nextInt(8)) {
            case 0 -> bytes(text);
            case 1 -> hidden(text, glue(any(known)));
            default -> text;
        };
    }

    private void change(List<String> tokens) {
        int at = tokens.isEmpty() ? 0 : random.nextInt(tokens.size());
        switch (random.nextInt(7)) {
            case 0 -> {
                if (!tokens.isEmpty()) {
                    tokens.remove(at);
                }
            }
            case 1, 2 -> tokens.add(at, any(BITS));
            case 3 -> {
                if (!tokens.isEmpty()) {
                    tokens.set(at, any(BITS));
                }
            }
            case 4 -> {
                List<String> other = any(known);
                if (!other.isEmpty()) {
                    int from = random.nextInt(other.size());
                    int to = from + 1 + random.nextInt(other.size() - from);
                    tokens.addAll(at, other.subList(from, to));
                }
            }
            case 5 -> {
                if (!tokens.isEmpty()) {
                    tokens.add(at, tokens.get(random.nextInt(tokens.size())));
                }
            }
            default -> {
                if (!tokens.isEmpty()) {
                    tokens.set(at, requoted(tokens.get(at)));
                }
            }
        }
    }

    /** The same name, or a string of the same text, in another way. */
    private String requoted(String token) {
        return switch (random.nextInt(8)) {
            case 0 -> "\"" + token + "\"";
            case 1 -> "U&\"" + token + "\"";
            case 2 -> "'" + token.replace("'", "''") + "'";
            case 3 -> "E'" + token.replace("'", "\\'") + "'";
            case 4 -> "$q$" + token + "$q$";
            case 5 -> token.toUpperCase(java.util.Locale.ROOT);
            case 6 -> "(" + token + ")";
            default -> "/*" + token + "*/";
        };
    }

    private String glue(List<String> tokens) {
        StringBuilder text = new StringBuilder();
        boolean odd = random.nextInt(3) == 0;
        for (String token : tokens) {
            text.append(token).append(odd && random.nextInt(3) == 0 ? any(GAPS) : " ");
        }
        return text.toString();
    }

    /** Changes single characters. */
    private String bytes(String text) {
        StringBuilder changed = new StringBuilder(text);
        for (int i = random.nextInt(3); i >= 0 && !changed.isEmpty(); i--) {
            int at = random.nextInt(changed.length());
            if (random.nextBoolean()) {
                changed.deleteCharAt(at);
            } else {
                changed.insert(at, any(BITS));
            }
        }
        return changed.toString();
    }

    /** One statement within or behind another, as a string or a comment that ends too early. */
    private String hidden(String one, String other) {
        return switch (random.nextInt(8)) {
            case 0 -> "SELECT '" + other + "' " + one;
            case 1 -> "SELECT $$" + other + "$$, " + one;
            case 2 -> "SELECT E'\\" + other + "'; " + one;
            case 3 -> one + "/* " + other + " */";
            case 4 -> one + " -- " + other;
            case 5 -> one + "; " + other;
            case 6 -> "SELECT 1 /*" + one + "*/ " + other;
            default -> "SELECT 'a' -- x\n'\\' , " + other + ", '" + one;
        };
    }

    private <T> T any(List<T> some) {
        return some.get(random.nextInt(some.size()));
    }

    private static List<String> tokens(String sql) {
        byte[] text = sql.getBytes(UTF_8);
        Lexer lexer = new Lexer(text);
        List<String> tokens = new ArrayList<>();
        while (lexer.next() != TokenKind.END) {
            tokens.add(lexer.text());
        }
        return tokens;
    }
}
