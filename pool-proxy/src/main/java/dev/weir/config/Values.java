package dev.weir.config;

/** Where the values of keys come from. */
interface Values {
    /** The value that counts, be it a default. Only for keys that have one. */
    <T> T get(Key<?, T> key);
}
