package dev.weir.deploy.acceptance.script;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.weir.deploy.acceptance.script.Script.NextServer;
import dev.weir.deploy.acceptance.script.Script.Read;
import dev.weir.deploy.acceptance.script.Script.Send;
import dev.weir.deploy.acceptance.script.Script.Step;
import dev.weir.deploy.acceptance.wire.Frontend;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Reads scripts. A line {@code == name} begins one; then each line is a step:
 *
 * <pre>
 * given SQL                   the superuser runs this beforehand
 * one server                  the behaviour is bound to one server connection
 * Parse name "sql" [type...]  and the other messages by the manual's names, see below
 * 9* Sync                     nine times the same; {i} in it is 1, 2, 3...
 * read ZZ                     sends what stands above together, and reads up to the second ReadyForQuery
 * read end                    ... up to the end of the connection
 * send                        sends what stands above; what follows is another packet
 * next server                 the next transaction is to meet another server connection
 * </pre>
 *
 * <p>The values of a Bind are words, {@code null} or {@code hex:00ff}; {@code in=0,1} and {@code
 * out=1} are the formats of parameters and results.
 */
public final class ScriptFile {
    private final List<Script> scripts = new ArrayList<>();
    private String name = "";
    private List<String> given = new ArrayList<>();
    private List<Step> steps = new ArrayList<>();
    private boolean oneServer;

    private ScriptFile() {}

    /** The scripts of a resource beside this class. */
    public static List<Script> load(String resource) {
        try (InputStream in = ScriptFile.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalArgumentException("no such resource: " + resource);
            }
            return new ScriptFile().read(resource, new String(in.readAllBytes(), UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Script> read(String file, String text) {
        int number = 0;
        for (String line : text.split("\n")) {
            number++;
            try {
                line(line.strip());
            } catch (RuntimeException e) {
                throw new IllegalArgumentException(file + " line " + number + ": " + line, e);
            }
        }
        finish();
        return scripts;
    }

    private void line(String line) {
        if (line.startsWith("== ")) {
            finish();
            name = line.substring(3);
        } else if (line.startsWith("given ")) {
            given.add(line.substring(6));
        } else if (line.equals("one server")) {
            oneServer = true;
        } else if (line.equals("next server")) {
            steps.add(new NextServer());
        } else if (line.equals("send")) {
            steps.add(new Read(""));
        } else if (line.startsWith("read ")) {
            steps.add(new Read(line.substring(5)));
        } else if (!line.isEmpty() && !line.startsWith("#")) {
            steps.add(message(line));
        }
    }

    private void finish() {
        if (!name.isEmpty()) {
            scripts.add(new Script(name, List.copyOf(given), List.copyOf(steps), oneServer));
        }
        given = new ArrayList<>();
        steps = new ArrayList<>();
        oneServer = false;
    }

    /** The message, or messages, of one line. */
    static Send message(String line) {
        int star = line.indexOf("* ");
        if (star > 0 && line.substring(0, star).chars().allMatch(Character::isDigit)) {
            int times = Integer.parseInt(line.substring(0, star));
            byte[][] messages = new byte[times][];
            for (int i = 0; i < times; i++) {
                String each = line.substring(star + 2).replace("{i}", String.valueOf(i + 1));
                messages[i] = message(Words.of(each));
            }
            return new Send(line, Frontend.together(messages));
        }
        return new Send(line, message(Words.of(line)));
    }

    private static byte[] message(List<String> words) {
        return switch (words.getFirst()) {
            case "Query" -> Frontend.query(words.get(1));
            case "Parse" ->
                    Frontend.parse(
                            words.get(1),
                            words.get(2),
                            words.stream().skip(3).mapToInt(Integer::parseInt).toArray());
            case "Bind" -> bind(words);
            case "Describe" -> Frontend.describe(words.get(1).charAt(0), words.get(2));
            case "Close" -> Frontend.close(words.get(1).charAt(0), words.get(2));
            case "Execute" ->
                    Frontend.execute(
                            words.get(1), words.size() > 2 ? Integer.parseInt(words.get(2)) : 0);
            case "Sync" -> Frontend.sync();
            case "Flush" -> Frontend.flush();
            case "Terminate" -> Frontend.terminate();
            case "CopyData" -> Frontend.copyData(value(words.get(1)));
            case "CopyDone" -> Frontend.copyDone();
            case "CopyFail" -> Frontend.copyFail(words.get(1));
            case "FunctionCall" ->
                    Frontend.functionCall(
                            Integer.parseInt(words.get(1)),
                            words.get(2).equals("binary") ? 1 : 0,
                            values(words.subList(3, words.size())));
            case "Message" ->
                    Frontend.message(
                            words.get(1).charAt(0),
                            words.size() > 2 ? value(words.get(2)) : new byte[0]);
            default -> throw new IllegalArgumentException("no such message");
        };
    }

    private static byte[] bind(List<String> words) {
        List<Integer> in = List.of();
        List<Integer> out = List.of();
        List<String> values = new ArrayList<>();
        for (String word : words.subList(3, words.size())) {
            if (word.startsWith("in=")) {
                in = numbers(word.substring(3));
            } else if (word.startsWith("out=")) {
                out = numbers(word.substring(4));
            } else {
                values.add(word);
            }
        }
        return Frontend.bind(words.get(1), words.get(2), in, values(values), out);
    }

    private static List<Integer> numbers(String list) {
        return Arrays.stream(list.split(",")).map(Integer::valueOf).toList();
    }

    private static List<byte[]> values(List<String> words) {
        List<byte[]> values = new ArrayList<>();
        for (String word : words) {
            values.add(word.equals("null") ? null : value(word));
        }
        return values;
    }

    private static byte[] value(String word) {
        return word.startsWith("hex:")
                ? HexFormat.of().parseHex(word.substring(4))
                : word.getBytes(UTF_8);
    }
}
