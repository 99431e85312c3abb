package io.culvert.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.control.ControlException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

class SaArgumentsTest {

    private static final String KEY = "0x6cd54effabb88e34f9ec23cf35d32a92e28b905f";

    @Test
    void readsTheWordsOfIpXfrmState() throws ControlException {
        String line = "dev vti1 dir out src 203.0.113.1 dst 203.0.113.2 proto esp mode tunnel spi 0x1001"
                + " aead rfc4106(gcm(aes)) key-file /keys/a icv-len 128 flag af-unspec esn replay-window 64"
                + " limit byte-soft 10 limit time-hard 3600 mark 7";

        assertThat(SaArguments.parse(List.of(line.split(" ", -1))).toString())
                .isEqualTo(JsonMapper.shared().readTree("""
                    {"dev":"vti1","direction":"out","src":"203.0.113.1","dst":"203.0.113.2","spi":4097,
                     "aead":"rfc4106(gcm(aes))","key-file":"/keys/a","esn":true,"replay-window":64,
                     "byte-soft":10,"time-hard":3600,"mark":7}
                    """).toString());
    }

    @Test
    void namesKeyFilesAsTheGatewayCanFindThem() throws ControlException {
        assertThat(SaArguments.parse(List.of("key-file", "a.key"))
                        .path("key-file")
                        .asString())
                .isEqualTo(Path.of("a.key").toAbsolutePath().toString());
    }

    @ParameterizedTest
    @CsvSource({
        "dir sideways, use in or out",
        "icv-len 96, use 128",
        "proto ah, use esp",
        "mode transport, use tunnel",
        "flag decap-dscp, use esn or af-unspec",
        "limit use-hard 1, use time-soft or",
        "spi, has no value",
        "spi many, is not followed by a number",
        "reqid 1, leave it out",
        "auth hmac(sha256), write auth-trunc",
        "dev a dev b, is there twice",
        "keyfile /a, is no word"
    })
    void refuses(String line, String why) {
        assertThatThrownBy(() -> SaArguments.parse(List.of(line.split(" ", -1))))
                .isInstanceOfSatisfying(ControlException.class, e -> {
                    assertThat(e.exitCode()).isEqualTo(255);
                    assertThat(e.message()).contains(why);
                });
    }

    /** Somebody writes the key where {@code ip xfrm state} has it: it goes no further. */
    @ParameterizedTest
    @CsvSource({"aead rfc4106(gcm(aes))", "aead", "enc cbc(aes)", "spi", "dir"})
    void repeatsNoKey(String before) {
        assertThatThrownBy(() -> SaArguments.parse(List.of((before + " " + KEY + "zz").split(" ", -1))))
                .isInstanceOfSatisfying(
                        ControlException.class, e -> assertThat(e.message()).doesNotContain(KEY));
    }
}
