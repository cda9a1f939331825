package dev.weir.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.weir.config.HbaRule.Address;
import dev.weir.config.HbaRule.ClientCert;
import dev.weir.config.HbaRule.Method;
import dev.weir.config.HbaRule.Name;
import dev.weir.config.HbaRule.Type;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Reading rules in the form of pg_hba.conf, and maps in that of pg_ident.conf. */
class HbaFileTest {
    @TempDir Path folder;

    private WeirConfig config(String rules, String maps) throws Exception {
        Files.writeString(folder.resolve("pg_hba.conf"), rules);
        Files.writeString(folder.resolve("pg_ident.conf"), maps);
        Path file = folder.resolve("weir.yaml");
        Files.writeString(
                file,
                """
                auth-type: hba
                auth-hba-file: pg_hba.conf
                auth-ident-file: pg_ident.conf
                databases: { "*": { host: db } }
                """);
        return ConfigFile.load(file);
    }

    private List<HbaRule> rules(String text) throws Exception {
        return config(text, "cn a b").login().hba().rules();
    }

    @Test
    void commentsQuotesListsAndContinuationsAreReadAsPostgresReadsThem() throws Exception {
        Files.writeString(folder.resolve("vips"), "anna, bert # not carl\n\"all\"\n");
        List<HbaRule> rules =
                rules(
                        """
                        # TYPE DATABASE USER ADDRESS METHOD

                        local all all trust
                        host "all", shop,other  "a ""b"" c",/^t[0-9] \\
                            10.0.0.0/9 scram-sha-256   # why
                        hostssl sameuser @vips ::1 ffff:: cert map=cn
                        hostnossl replication all samenet reject
                        """);

        assertThat(rules)
                .containsExactly(
                        new HbaRule(
                                3,
                                Type.LOCAL,
                                List.of(new Name.All()),
                                List.of(new Name.All()),
                                null,
                                Method.TRUST,
                                null,
                                ClientCert.ANY),
                        new HbaRule(
                                4,
                                Type.HOST,
                                List.of(
                                        new Name.Exact("all"),
                                        new Name.Exact("shop"),
                                        new Name.Exact("other")),
                                List.of(new Name.Exact("a \"b\" c"), new Name.Regex("^t[0-9]")),
                                new Address.Network(
                                        InetAddress.ofLiteral("10.0.0.0"),
                                        InetAddress.ofLiteral("255.128.0.0")),
                                Method.SCRAM_SHA_256,
                                null,
                                ClientCert.ANY),
                        new HbaRule(
                                6,
                                Type.HOSTSSL,
                                List.of(new Name.SameUser()),
                                List.of(
                                        new Name.Exact("anna"),
                                        new Name.Exact("bert"),
                                        new Name.Exact("all")),
                                new Address.Network(
                                        InetAddress.ofLiteral("::1"),
                                        InetAddress.ofLiteral("ffff::")),
                                Method.CERT,
                                "cn",
                                ClientCert.VERIFY_FULL),
                        new HbaRule(
                                7,
                                Type.HOSTNOSSL,
                                List.of(new Name.Replication()),
                                List.of(new Name.All()),
                                new Address.SameNet(),
                                Method.REJECT,
                                null,
                                ClientCert.ANY));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    hots all all all trust | `hots` is no connection type that Weir knows; expected local, host, hostssl or hostnossl
                    host all all | the line ends too early; expected an address such as 10.0.0.0/8, all, samehost or samenet
                    host all all all | the line ends too early; expected a method: trust, reject, scram-sha-256, md5, password or cert
                    host all all all peer | `peer` is no method that Weir knows; expected trust, reject, scram-sha-256, md5, password or cert
                    host all +staff all trust | `…` asks for membership in a role, which only PostgreSQL knows; expected names, all, or /regex
                    host samerole all all trust | `samerole` asks for membership in a role, which only PostgreSQL knows; expected names, all, or /regex
                    host all /( all trust | a regular expression is wrong (unclosed group)
                    host all all db.example.com trust | `db.example.com` is no IP address, and Weir does not look host names up here; expected an address such as 10.0.0.0/8, all, samehost or samenet
                    host all all 127.1/8 trust | `127.1…` is no IP address, and Weir does not look host names up here; expected an address such as 10.0.0.0/8, all, samehost or samenet
                    host all all 10.0.0.0/33 trust | /33 is no number of bits; expected /0 to /32
                    host all all 10.0.0.0 trust | `trust` is no mask; expected one such as 255.255.255.0, or the address as 10.0.0.0/8
                    host all all 10.0.0.0 ffff:: trust | the address and its mask are of two kinds; expected both IPv4 or both IPv6
                    host all all all cert | the method cert needs a certificate, which only TLS brings; expected hostssl
                    host all all all md5 clientcert=verify-ca | clientcert needs a certificate, which only TLS brings; expected hostssl
                    hostssl all all all md5 clientcert=1 | clientcert is `1`; expected verify-ca or verify-full
                    hostssl all all all md5 map=cn | map= is for names in certificates; expected the method cert, or clientcert=verify-full
                    hostssl all all all cert map=no | there is no map `no`; expected one that `auth-ident-file` has
                    host all all all md5 ldapserver=x | unknown option `ldapserver`; expected map= or clientcert=
                    host all @nobody all trust | the file FOLDER/nobody does not exist
                    include other.conf | `include` is no connection type that Weir knows; expected local, host, hostssl or hostnossl
                    """)
    void aMistakeIsToldWithTheFileAndTheLine(String rule, String message) {
        ConfigException refusal =
                catchThrowableOfType(
                        ConfigException.class,
                        () -> rules("local all all trust\n\n" + rule + "\n"));

        assertThat(refusal.problems())
                .containsExactly(
                        new Problem(
                                folder.resolve("pg_hba.conf").toString(),
                                3,
                                message.replace("FOLDER", folder.toString())));
    }

    @Test
    void aMistakeInAMapIsToldToo() {
        ConfigException refusal =
                catchThrowableOfType(
                        ConfigException.class,
                        () -> config("local all all trust", "cn a\ncn a +b\ncn /[ b\n"));

        assertThat(refusal)
                .hasMessageContaining(
                        "pg_ident.conf:1: this is no line of a map; expected three words: map, name in the certificate, role")
                .hasMessageContaining("pg_ident.conf:2: `…` asks for membership in a role")
                .hasMessageContaining("pg_ident.conf:3: a regular expression is wrong");
    }

    @Test
    void theFilesMustBeThere() throws IOException {
        Path file = folder.resolve("weir.yaml");
        Files.writeString(
                file, "auth-type: hba\nauth-hba-file: none\ndatabases: { \"*\": { host: db } }\n");

        assertThat(catchThrowableOfType(ConfigException.class, () -> ConfigFile.load(file)))
                .hasMessage(
                        "%s:2: `auth-hba-file`: the file %s does not exist; expected a readable file"
                                .formatted(file, folder.resolve("none")));
    }
}
