package dev.weir.session.state;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.sql.Lexer;
import dev.weir.sql.TokenKind;

import java.util.Locale;
import java.util.Map;

/** Reads a text word by word for its {@link Effects}. */
final class EffectsReader {
    private static final Map<String, Integer> BY_FIRST_WORD =
            Map.ofEntries(
                    Map.entry("reset", Effects.SETTINGS | Effects.RESET),
                    Map.entry("discard", Effects.ANYTHING | Effects.DROP),
                    Map.entry("deallocate", Effects.PREPARED),
                    Map.entry("execute", Effects.EXECUTE),
                    Map.entry("listen", Effects.LISTEN),
                    Map.entry("unlisten", Effects.LISTEN),
                    Map.entry("close", Effects.CURSOR),
                    Map.entry("load", Effects.LASTING),
                    Map.entry("do", Effects.ANYTHING),
                    Map.entry("call", Effects.ANYTHING),
                    Map.entry("create", Effects.TEMPORARY),
                    Map.entry("drop", Effects.DROP),
                    Map.entry("alter", Effects.DROP));

    private final byte[] text;
    private final Lexer lexer;
    private final CustomSettings custom;

    EffectsReader(byte[] text, CustomSettings custom) {
        this.text = text;
        this.lexer = new Lexer(text);
        this.custom = custom;
    }

    /** The effects of all statements in the text. */
    int read(boolean plainBackslash) {
        int effects = Effects.NONE;
        while (lexer.kind() != TokenKind.END) {
            lexer.next();
            effects |= statement();
        }
        return lexer.ambiguous() && !plainBackslash ? effects | Effects.ANYTHING : effects;
    }

    /** Reads up to a semicolon or the end. */
    private int statement() {
        boolean block = lexer.is("do");
        int effects = lexer.kind() == TokenKind.WORD ? first() : Effects.NONE;
        String before = "";
        while (lexer.kind() != TokenKind.SEMICOLON && lexer.kind() != TokenKind.END) {
            switch (lexer.kind()) {
                case WORD, QUOTED_IDENTIFIER -> {
                    String name = lexer.name().toLowerCase(Locale.ROOT);
                    if (name.equals("set_config")) {
                        effects |= setConfig();
                        before = "";
                        continue;
                    }
                    effects |= word(name, before);
                    before = name;
                }
                case STRING -> {
                    if (block) {
                        custom.mentionedIn(lexer.text());
                    }
                }
                case BROKEN -> effects |= Effects.ANYTHING;
                default -> before = "";
            }
            lexer.next();
        }
        return effects;
    }

    /** What the first word tells; may read on to the second. */
    private int first() {
        Integer known = BY_FIRST_WORD.get(lexer.name());
        if (lexer.is("reset")) {
            lexer.next();
            settingName();
            return Effects.SETTINGS | Effects.RESET;
        }
        if (known != null) {
            return known;
        }
        if (lexer.is("set")) {
            lexer.next();
            if (lexer.is("transaction") || lexer.is("constraints")) {
                // They end with the transaction.
                return Effects.NONE;
            }
            boolean local = lexer.is("local");
            if (local || lexer.is("session")) {
                lexer.next();
            }
            settingName();
            return local ? Effects.LOCAL : Effects.SETTINGS;
        }
        if (lexer.is("prepare")) {
            lexer.next();
            return lexer.is("transaction") ? Effects.NONE : Effects.PREPARED;
        }
        return Effects.NONE;
    }

    /** Reads the name behind SET or RESET. */
    private void settingName() {
        StringBuilder name = new StringBuilder();
        boolean dotted = false;
        while (lexer.kind() == TokenKind.WORD || lexer.kind() == TokenKind.QUOTED_IDENTIFIER) {
            name.append(lexer.name());
            if (lexer.next() != TokenKind.DOT) {
                break;
            }
            dotted = true;
            name.append('.');
            lexer.next();
        }
        if (dotted) {
            custom.add(name.toString());
        }
    }

    private int word(String name, String before) {
        if (lexer.kind() == TokenKind.QUOTED_IDENTIFIER && (lexer.text().charAt(0) | 0x20) == 'u') {
            // Escapes in it could spell anything.
            return Effects.ANYTHING;
        }
        return switch (name) {
            case "pg_settings" -> Effects.SETTINGS;
            case "default" -> Effects.RESET;
            // What follows may have to be read otherwise.
            case "standard_conforming_strings" -> Effects.ANYTHING;
            case "pg_temp" -> Effects.TEMPORARY;
            case "temp", "temporary" -> before.equals("into") ? Effects.TEMPORARY : Effects.NONE;
            case "hold" ->
                    before.equals("with") ? Effects.CURSOR | Effects.HELD_CURSOR : Effects.NONE;
            case "currval", "lastval" -> Effects.SEQUENCE;
            case "setseed", "dblink_connect", "dblink_connect_u" -> Effects.LASTING;
            case "execute" -> Effects.EXECUTE;
            default ->
                    name.startsWith("pg_advisory_") || name.startsWith("pg_try_advisory_")
                            ? name.contains("_xact_") ? Effects.TRANSACTION_LOCK : Effects.ADVISORY
                            : Effects.NONE;
        };
    }

    /**
     * Reads {@code set_config(…)}: with a literal {@code true} as its third argument it ends with
     * the transaction. Leaves the lexer on the token behind what it read.
     */
    private int setConfig() {
        if (lexer.next() != TokenKind.LEFT_PARENTHESIS) {
            return Effects.SETTINGS | Effects.DYNAMIC_NAME;
        }
        int depth = 1;
        int argument = 0;
        int tokens = 0;
        int effects = Effects.NONE;
        int name = Effects.DYNAMIC_NAME;
        boolean local = false;
        while (depth > 0) {
            TokenKind kind = lexer.next();
            tokens++;
            switch (kind) {
                case LEFT_PARENTHESIS, LEFT_BRACKET -> depth++;
                case RIGHT_PARENTHESIS, RIGHT_BRACKET -> depth--;
                case SEMICOLON, END, BROKEN -> {
                    return Effects.ANYTHING;
                }
                default -> {}
            }
            if (kind == TokenKind.COMMA && depth == 1) {
                argument++;
                tokens = 0;
            } else if (argument == 0 && isParenthesis(kind)) {
                // Some drivers put every value that they write into the text in parentheses.
                tokens--;
            } else if (argument == 0) {
                name = tokens == 1 ? nameIn(kind) : isCast() ? name : Effects.DYNAMIC_NAME;
            } else if (argument == 2 && depth == 1) {
                local = tokens == 1 && lexer.is("true");
            }
            if (kind == TokenKind.WORD || kind == TokenKind.QUOTED_IDENTIFIER) {
                if (lexer.name().equalsIgnoreCase("set_config")) {
                    return Effects.SETTINGS | Effects.DYNAMIC_NAME;
                }
                effects |= word(lexer.name().toLowerCase(Locale.ROOT), "");
            }
        }
        lexer.next();
        return effects | (local ? Effects.LOCAL : Effects.SETTINGS | name);
    }

    private static boolean isParenthesis(TokenKind kind) {
        return kind == TokenKind.LEFT_PARENTHESIS || kind == TokenKind.RIGHT_PARENTHESIS;
    }

    private boolean isCast() {
        return lexer.kind() == TokenKind.OPERATOR && lexer.text().equals("::")
                || lexer.is("text")
                || lexer.is("varchar");
    }

    private int nameIn(TokenKind kind) {
        switch (kind) {
            case PARAMETER -> {
                return Effects.BOUND_NAME;
            }
            case STRING -> {
                String literal =
                        new String(text, lexer.start(), lexer.stop() - lexer.start(), UTF_8);
                if (literal.charAt(0) != '\'' || literal.indexOf('\\') >= 0) {
                    return Effects.DYNAMIC_NAME;
                }
                String name = literal.substring(1, literal.length() - 1);
                if (name.indexOf('.') >= 0) {
                    custom.add(name);
                }
                return Effects.NONE;
            }
            default -> {
                return Effects.DYNAMIC_NAME;
            }
        }
    }
}
