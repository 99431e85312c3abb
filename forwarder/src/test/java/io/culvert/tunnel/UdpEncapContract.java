package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.Hex;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds of UDP between outer header and shim whatever the outer IP version; {@code outers} names its packets. */
abstract class UdpEncapContract {

    static final int SPORT = 4444;
    static final int DPORT = 5555;

    /** TOS 0xb9: ECT(1). */
    static final byte[] INNER = Hex.bytes("45b9002312340000 3f117ca1c0000201 c6336407 13881770000f3f3d 63756c76657274");

    final SlotMemory memory = new SlotMemory();
    private final OuterRoute route;
    private final int headerLength;
    private final int addressLength;

    /**
     * @param route an underlay route with MTU 1500
     * @param headerLength the outer IP header, whose last two fields are the addresses
     */
    UdpEncapContract(OuterRoute route, int headerLength, int addressLength) {
        this.route = route;
        this.headerLength = headerLength;
        this.addressLength = addressLength;
    }

    /** The tunnel of that name. */
    abstract TunnelSpecBuilder spec(String name);

    abstract void decapsulate(Slot slot);

    final Tunnel routed(TunnelSpecBuilder spec) {
        Tunnel tunnel = TestTunnels.tunnel(spec);
        tunnel.route(route);
        return tunnel;
    }

    final Slot encapsulate(TunnelSpecBuilder spec, byte[] inner) {
        Tunnel tunnel = routed(spec);
        Slot slot = memory.slot(inner);
        slot.identification = 0x7a69;
        tunnel.takeOutputSequence(0x8000_0001);
        tunnel.outerHeader().prepend(slot, 4, inner[1] & 0xff, 63, false);
        tunnel.outerHeader().number(slot);
        return slot;
    }

    final Slot decapsulate(TunnelSpecBuilder spec, byte[] packet) {
        Slot slot = memory.slot(packet, new TunnelTable(List.of(TestTunnels.tunnel(spec))));
        decapsulate(slot);
        return slot;
    }

    final String outcome(TunnelSpecBuilder spec, byte[] packet) {
        return SlotMemory.outcome(decapsulate(spec, packet));
    }

    final int innerMtu(TunnelSpecBuilder spec) {
        return routed(spec).outerHeader().innerMtu();
    }

    /** A packet from the peer: scapy's with the outer addresses, which no checksum depends on, exchanged. */
    final byte[] received(String outer) {
        byte[] packet = Hex.bytes(outer + Hex.text(INNER));
        int destination = headerLength - addressLength;
        int source = destination - addressLength;
        byte[] sent = packet.clone();
        System.arraycopy(sent, destination, packet, source, addressLength);
        System.arraycopy(sent, source, packet, destination, addressLength);
        return packet;
    }

    @ParameterizedTest
    @MethodSource("outers")
    void goldenBytesBothWays(String name, String outer) {
        assertThat(Hex.text(SlotMemory.packet(encapsulate(spec(name), INNER)))).isEqualTo(outer + Hex.text(INNER));

        Slot taken = decapsulate(spec(name), received(outer));
        assertThat(SlotMemory.outcome(taken)).isEqualTo("FORWARD");
        assertThat(SlotMemory.packet(taken)).isEqualTo(INNER);
    }

    @ParameterizedTest
    @MethodSource("outers")
    void refusesEveryTruncation(String name, String outer) {
        byte[] packet = received(outer);
        for (int length = headerLength; length < packet.length; length++) {
            assertThat(decapsulate(spec(name), Arrays.copyOf(packet, length)).verdict)
                    .as("%d bytes", length)
                    .isEqualTo(Verdict.DROP);
        }
    }
}
