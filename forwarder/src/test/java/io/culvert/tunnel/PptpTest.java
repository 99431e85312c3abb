package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import io.culvert.testing.Tshark;
import io.culvert.wire.AsyncHdlc;
import io.culvert.wire.PacketPrinter;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Mode pptp: tshark reads what is sent. */
final class PptpTest {

    private static final int MTU = 1500;
    private static final byte[] LINK = Hex.bytes("02000000000b 02000000000a 0800");
    private static final byte[] FRAME = Hex.bytes("ff03 c021 0105 0008 0305 c223");
    private static final int CALL = 0x0102;
    private static final int PEER_CALL = 0xfffe;

    private final SlotMemory memory = new SlotMemory();
    private final Tunnel tunnel = tunnel(new PptpOptions(CALL, PEER_CALL));

    private static Tunnel tunnel(PptpOptions call) {
        Tunnel tunnel = TestTunnels.tunnel(TestTunnels.spec(Mode.PPTP).ttl(64).pptp(call));
        tunnel.route(TestTunnels.resolved(MTU, Packets.LOCAL, LINK));
        return tunnel;
    }

    private byte[] encapsulate() {
        Slot slot = memory.slot(FRAME);
        slot.tunnel = tunnel;
        slot.identification = 0x7a69;
        OuterHeader header = tunnel.outerHeader().acknowledging();
        header.prepend(slot, 0, 0, 63, false);
        header.number(slot);
        return SlotMemory.packet(slot);
    }

    @Test
    void numbersEachPacketAndAcknowledgesWhatCame() {
        String ip = "4500 002c 7a69 4000 402f 4835 cb007101 cb007102".replace(" ", "");
        assertThat(Hex.text(encapsulate())).isEqualTo(ip + "3001880b000cfffe00000000" + Hex.text(FRAME));
        assertThat(Hex.text(encapsulate())).endsWith("3001880b000cfffe00000001" + Hex.text(FRAME));

        assertThat(tunnel.acceptSequence(7)).isTrue();

        String acknowledging = "4500 0030 7a69 4000 402f 4831 cb007101 cb007102".replace(" ", "");
        assertThat(Hex.text(encapsulate()))
                .isEqualTo(acknowledging + "3081880b000cfffe0000000200000007" + Hex.text(FRAME));
        assertThat(tunnel.call().owesAcknowledgment()).isFalse();
    }

    @Test
    void leavesRoomForAnAcknowledgment() {
        assertThat(tunnel.outerHeader().innerMtu()).isEqualTo(MTU - 20 - 16);
        assertThat(tunnel.acceptSequence(7)).isTrue();
        assertThat(tunnel.outerHeader().acknowledging().innerMtu()).isEqualTo(MTU - 20 - 16);
    }

    @Test
    void tsharkReadsWhatIsSent() {
        Tshark.require();
        List<String> fields = List.of(
                "gre.flags.version",
                "gre.key.payload_length",
                "gre.key.call_id",
                "gre.sequence_number",
                "gre.ack_number",
                "ppp.protocol",
                "ip.checksum.status");
        byte[] first = encapsulate();
        tunnel.acceptSequence(9);
        byte[] pure = acknowledgment();
        tunnel.acceptSequence(10);
        byte[] second = encapsulate();

        List<List<String>> read = Tshark.fields(List.of(first, second, pure), fields);

        assertThat(read.get(0)).containsExactly("1", "12", "65534", "0", "", "0xc021", Tshark.GOOD);
        assertThat(read.get(1)).containsExactly("1", "12", "65534", "1", "10", "0xc021", Tshark.GOOD);
        assertThat(read.get(2)).containsExactly("1", "0", "65534", "", "9", "", Tshark.GOOD);
    }

    private byte[] acknowledgment() {
        byte[] packet = new byte[AcknowledgmentPacket.LENGTH];
        new AcknowledgmentPacket().write(tunnel, new UnsafeBuffer(packet), 0);
        return packet;
    }

    @Test
    void owesAnAcknowledgmentAtOnceAfterEightPackets() {
        for (int sequence = 100; sequence < 107; sequence++) {
            assertThat(tunnel.acceptSequence(sequence)).isTrue();
            assertThat(tunnel.call().owesAcknowledgment()).isTrue();
            assertThat(tunnel.call().mustAcknowledge()).isFalse();
        }
        tunnel.acceptSequence(107);
        assertThat(tunnel.call().mustAcknowledge()).isTrue();

        assertThat(Hex.text(acknowledgment()))
                .isEqualTo("4500002000000000402f" + "02ab" + "cb007101cb007102" + "2081880b0000fffe0000006b");
        assertThat(tunnel.call().owesAcknowledgment()).isFalse();
    }

    @Test
    void dropsWhatIsLateAndBeginsAnewWhereThePeerDoes() {
        assertThat(tunnel.acceptSequence(50)).isTrue();
        assertThat(tunnel.acceptSequence(52)).isTrue();
        assertThat(tunnel.acceptSequence(51)).isFalse();
        assertThat(tunnel.acceptSequence(52)).isFalse();
        assertThat(tunnel.wouldAcceptSequence(1)).isTrue();

        assertThat(tunnel.acceptSequence(1)).isTrue();

        assertThat(tunnel.acceptSequence(2)).isTrue();
        assertThat(tunnel.call().takeAcknowledgment()).isEqualTo(2);
        assertThat(tunnel.acceptSequence(0)).isTrue();
        assertThat(tunnel.call().owesAcknowledgment()).isTrue();
    }

    private Slot decapsulate(String payload) {
        return decapsulate(Packets.outer(47, Hex.bytes(payload)).build());
    }

    private Slot decapsulate(byte[] packet) {
        Tunnel other = tunnel(new PptpOptions(0x0303, 1));
        Tunnel gre = TestTunnels.tunnel(TestTunnels.spec(Mode.GRE));
        Slot slot = memory.slot(packet, new TunnelTable(List.of(gre, other, tunnel)));
        Decapsulation.decapsulate(slot);
        return slot;
    }

    @ParameterizedTest
    @CsvSource({
        "3001 880b 0004 0102 00000005 c0210105, FORWARD",
        "3081 880b 0004 0102 00000005 00000009 c0210105, FORWARD",
        "3001 880b 0004 0102 00000005 c0210105 000000, FORWARD",
        "2081 880b 0000 0102 00000009, TAKEN",
        "3001 880b 0005 0102 00000005 c0210105, gre_malformed",
        "3001 880b 0004 0102 0000, gre_malformed",
        "2001 880b 0000, gre_malformed",
        "1001 880b 0000 0102 00000005 c0210105, gre_reserved",
        "b001 880b 0004 0102 00000005 c0210105, gre_reserved",
        "3101 880b 0004 0102 00000005 c0210105, gre_reserved",
        "3002 880b 0004 0102 00000005 c0210105, gre_version",
        "3001 0800 0004 0102 00000005 c0210105, gre_protocol",
        "3001 880b 0004 0103 00000005 c0210105, pptp_call",
        "2001 880b 0004 0102 c0210105, seq_missing",
        "2001 880b 0000 0102, seq_missing",
        "2081 880b 0004 0102 00000009 c0210105, seq_missing",
        "3001 880b 0001 0102 00000005 c0, frame_malformed",
        "3001 880b 0000 0102 00000005, frame_malformed"
    })
    void takesItsCallAndNothingElse(String payload, String outcome) {
        assertThat(SlotMemory.outcome(decapsulate(payload))).isEqualTo(outcome);
    }

    @Test
    void givesTheFrameAndItsNumber() {
        Slot slot = decapsulate("3081 880b 0004 0102 00000005 00000009 c0210105 000000");

        assertThat(slot.tunnel).isEqualTo(tunnel);
        assertThat(Hex.text(SlotMemory.packet(slot))).isEqualTo("c0210105");
        assertThat(slot.innerLength).isEqualTo(4);
        assertThat(slot.sequence).isEqualTo(5);
        assertThat(slot.sequenceChecked).isTrue();
    }

    @Test
    void refusesFramesThatNoPppdTakes() {
        int length = AsyncHdlc.MAX_FRAME + 1;
        String header = "3001 880b " + Integer.toHexString(length) + " 0102 00000005";

        assertThat(SlotMemory.outcome(decapsulate(header + "00".repeat(length))))
                .isEqualTo("frame_too_long");
    }

    /** A pty cuts no super-packet and finishes no checksum: who has such a frame on a link of this host makes it up. */
    @ParameterizedTest
    @CsvSource({"1, false", "5, true", "0, true"})
    void refusesWhatAVirtioHeaderSaysIsUnfinished(int gsoType, boolean isPartial) {
        byte[] packet = Packets.outer(47, Hex.bytes("3001 880b 0004 0102 00000005 c0210105"))
                .build();
        Slot slot = memory.slot(packet, new TunnelTable(List.of(tunnel)));
        slot.gsoType = gsoType;
        slot.gsoSize = 1;
        slot.checksumPartial = isPartial;
        slot.checksumStart = slot.offset + 32;
        slot.checksumOffset = 2;
        Decapsulation.decapsulate(slot);

        assertThat(SlotMemory.outcome(slot)).isEqualTo("frame_malformed");
    }

    /** A gre tunnel between the same addresses loses nothing by it: what it refused, it refuses. */
    @Test
    void leavesOtherVersionsAsTheyAreWhereNoCallIs() {
        byte[] packet = Packets.outer(47, Hex.bytes("3001 880b 0004 0102 00000005 c0210105"))
                .build();
        Slot slot = memory.slot(packet, new TunnelTable(List.of(TestTunnels.tunnel(TestTunnels.spec(Mode.GRE)))));
        Decapsulation.decapsulate(slot);
        assertThat(SlotMemory.outcome(slot)).isEqualTo("gre_version");

        assertThat(SlotMemory.outcome(decapsulate(Packets.gre(Packets.gre())))).isEqualTo("FORWARD");
    }

    @ParameterizedTest
    @CsvSource({
        "ff03 c021 01050008, 'PPP | proto 0xc021, 4 bytes'",
        "c021 01050008, 'PPP | proto 0xc021, 4 bytes'",
        "fd 01050008, 'PPP | proto 0x00fd, 4 bytes'",
        "ff03 c0, 'PPP | PPP [truncated]'",
        "21 45000014000000000001f96ac0000201c0000202, 'PPP | IP 192.0.2.1 > 192.0.2.2'"
    })
    void isPrintedForPeople(String frame, String text) {
        byte[] bytes = Hex.bytes(frame);
        String header = String.format("3081 880b %04x 0102 00000005 00000009", bytes.length);
        byte[] packet =
                Packets.outer(47, Packets.followedBy(Hex.bytes(header), bytes)).build();

        assertThat(new PacketPrinter().appendPacket(new StringBuilder(), new UnsafeBuffer(packet), 0, packet.length))
                .asString()
                .contains("GREv1 call 258, seq 5, ack 9, len " + bytes.length + " | " + text);
    }
}
