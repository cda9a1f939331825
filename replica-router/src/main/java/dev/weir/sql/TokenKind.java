package dev.weir.sql;

/** What a token is (manual section 4.1). */
public enum TokenKind {
    /** A key word or an identifier without quotes. */
    WORD,
    /** An identifier in double quotes, also with {@code U&} before them. */
    QUOTED_IDENTIFIER,
    /** A string constant of any form, a bit string included. */
    STRING,
    NUMBER,
    /** {@code $1}. */
    PARAMETER,
    /** One or more operator characters; also {@code ::}, {@code :=} and {@code ..}. */
    OPERATOR,
    LEFT_PARENTHESIS,
    RIGHT_PARENTHESIS,
    LEFT_BRACKET,
    RIGHT_BRACKET,
    COMMA,
    DOT,
    COLON,
    SEMICOLON,
    /** A string, comment or quoted identifier that does not end, or a byte that begins nothing. */
    BROKEN,
    /** Behind the last token. */
    END
}
