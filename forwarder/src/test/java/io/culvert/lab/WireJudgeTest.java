package io.culvert.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.esp.EspTransform;
import io.culvert.esp.SaLifetime;
import io.culvert.esp.SaSpec;
import io.culvert.testing.Judges;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.PptpOptions;
import io.culvert.tunnel.TunnelSpec;
import io.culvert.tunnel.TunnelSpecBuilder;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The judge of the wire format, by packets that scapy has built: it must know right from wrong. */
class WireJudgeTest {

    private static final TunnelSpec IPIP = spec(Mode.IPIP).build();
    private static final TunnelSpec GRE = spec(Mode.GRE).build();
    private static final TunnelSpec GRE_KEY = spec(Mode.GRE).key(7).build();
    private static final TunnelSpec GRE_KEY_CSUM_SEQ =
            spec(Mode.GRE).key(8).csum(true).seq(true).build();

    private static final TunnelSpec VTI = spec(Mode.VTI)
            .sa(List.of(new SaSpec(
                    SaSpec.Direction.OUT,
                    0x1001,
                    EspTransform.AES_GCM,
                    Path.of("key"),
                    null,
                    false,
                    64,
                    SaLifetime.UNLIMITED)))
            .build();
    private static final TunnelSpec CALL =
            spec(Mode.PPTP).pptp(new PptpOptions(1, 7)).build();
    private static final TunnelSpec OTHER_CALL =
            spec(Mode.PPTP).pptp(new PptpOptions(7, 8)).build();

    @TempDir
    static Path directory;

    @BeforeAll
    static void buildCaptures() {
        Judges.requireScapy();
        Judges.requireTool("tshark", "tshark");
        Judges.requireTool("tcpdump", "tcpdump");
        Judges.python(WireJudgeTest.class, "/lab/tunnels.py", directory.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "ipip, 1000",
        "ipip-bad-header-checksum, 0000",
        "gre, 0100",
        "gre-beside-solicitation, 0100",
        "gre-key, 0010",
        "gre-key-csum-seq, 0001",
        "gre-bad-checksum, 0000",
        "empty, 0000"
    })
    void tsharkFindsRightOnlyWhatTheTunnelSends(String capture, String right) {
        Path file = directory.resolve(capture + ".pcap");

        assertThat(word(file, IPIP) + word(file, GRE) + word(file, GRE_KEY) + word(file, GRE_KEY_CSUM_SEQ))
                .isEqualTo(right);
    }

    /** tcpdump prints a GRE checksum, but does not check it. */
    @ParameterizedTest
    @CsvSource({
        "ipip, 1000",
        "ipip-bad-header-checksum, 0000",
        "gre, 0100",
        "gre-beside-solicitation, 0100",
        "gre-key, 0010",
        "gre-key-csum-seq, 0001",
        "gre-bad-checksum, 0001",
        "empty, 0000"
    })
    void tcpdumpFindsRightOnlyWhatTheTunnelSends(String capture, String right) {
        Path file = directory.resolve(capture + ".pcap");

        assertThat(tcpdumpWord(file, IPIP)
                        + tcpdumpWord(file, GRE)
                        + tcpdumpWord(file, GRE_KEY)
                        + tcpdumpWord(file, GRE_KEY_CSUM_SEQ))
                .isEqualTo(right);
    }

    /** What is in ESP it cannot read; whose it is it can. */
    @ParameterizedTest
    @CsvSource({"esp, 100", "esp-other-spi, 000", "pptp, 010", "pptp-other-call, 001"})
    void knowsAssociationsAndCalls(String capture, String right) {
        Path file = directory.resolve(capture + ".pcap");

        assertThat(word(file, VTI) + word(file, CALL) + word(file, OTHER_CALL)).isEqualTo(right);
    }

    @Test
    void saysWhichPacketIsWrongAndWhatItIs() {
        WireJudge.Word word = WireJudge.judge(directory.resolve("gre-bad-checksum.pcap"), GRE_KEY_CSUM_SEQ);

        assertThat(word.text()).startsWith("tshark: packet 2 is ").contains("gre.checksum.status=0");
    }

    private static String word(Path file, TunnelSpec tunnel) {
        return WireJudge.judge(file, tunnel).ok() ? "1" : "0";
    }

    private static String tcpdumpWord(Path file, TunnelSpec tunnel) {
        return WireJudge.judgeByTcpdump(file, tunnel).ok() ? "1" : "0";
    }

    private static TunnelSpecBuilder spec(Mode mode) {
        return TunnelSpec.builder("t", mode);
    }
}
