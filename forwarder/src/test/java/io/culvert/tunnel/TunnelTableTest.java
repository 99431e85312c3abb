package io.culvert.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.testing.SeededCases;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class TunnelTableTest {

    private static final int LOCAL = Packets.LOCAL;
    private static final int REMOTE = Packets.REMOTE;
    private static final int OTHER = 0xcb007103;
    private static final int GROUP = 0xef010203;
    private static final int ETH0 = 2;
    private static final int ETH1 = 3;

    private final SlotMemory memory = new SlotMemory();

    private static Tunnel gre(int local, int remote, @Nullable Integer ikey, int boundIndex) {
        return TestTunnels.tunnel(
                TestTunnels.spec(Mode.GRE)
                        .local(TestTunnels.address(local))
                        .remote(TestTunnels.address(remote))
                        .ikey(ikey),
                boundIndex);
    }

    private static Tunnel ipip(int local, int remote, int boundIndex) {
        return TestTunnels.tunnel(
                TestTunnels.spec(Mode.IPIP).local(TestTunnels.address(local)).remote(TestTunnels.address(remote)),
                boundIndex);
    }

    private static @Nullable Tunnel find(@Nullable Integer key, int arrivalIndex, Tunnel... tunnels) {
        return new TunnelTable(List.of(tunnels))
                .find(Mode.GRE, REMOTE, LOCAL, key == null ? TunnelTable.NO_KEY : TunnelTable.key(key), arrivalIndex);
    }

    @Test
    void prefersTheMostSpecificPass() {
        Tunnel exact = gre(LOCAL, REMOTE, null, 0);
        Tunnel anyLocal = gre(0, REMOTE, null, 0);
        Tunnel anyRemote = gre(LOCAL, 0, null, 0);
        Tunnel any = gre(0, 0, null, 0);

        assertThat(find(null, ETH0, any, anyRemote, anyLocal, exact)).isSameAs(exact);
        assertThat(find(null, ETH0, any, anyRemote, anyLocal)).isSameAs(anyLocal);
        assertThat(find(null, ETH0, any, anyRemote)).isSameAs(anyRemote);
        assertThat(find(null, ETH0, any)).isSameAs(any);
        assertThat(find(null, ETH0)).isNull();
    }

    @Test
    void takesTheLastOfTheFirstPassAndTheFirstOfALaterOne() {
        Tunnel[] exact = {gre(LOCAL, REMOTE, null, ETH1), gre(LOCAL, REMOTE, null, ETH1 + 1)};
        Tunnel[] anyLocal = {gre(0, REMOTE, null, ETH1), gre(0, REMOTE, null, ETH1 + 1)};
        Tunnel[] anyRemote = {gre(LOCAL, 0, null, ETH1), gre(LOCAL, 0, null, ETH1 + 1)};
        Tunnel[] any = {gre(0, 0, null, ETH1), gre(0, 0, null, ETH1 + 1)};

        assertThat(find(null, ETH0, exact)).isSameAs(exact[1]);
        assertThat(find(null, ETH0, anyLocal)).isSameAs(anyLocal[0]);
        assertThat(find(null, ETH0, anyRemote)).isSameAs(anyRemote[0]);
        assertThat(find(null, ETH0, any)).isSameAs(any[0]);
    }

    /** It would refuse the packet, which the other one is there for. */
    @Test
    void takesATunnelBoundToAnotherDeviceLast() {
        Tunnel elsewhere = gre(LOCAL, REMOTE, null, ETH1);
        for (Tunnel unbound : List.of(gre(LOCAL, REMOTE, null, 0), gre(0, REMOTE, null, 0), gre(0, 0, null, 0))) {
            assertThat(find(null, ETH0, unbound, elsewhere)).isSameAs(unbound);
            assertThat(find(null, ETH0, elsewhere, unbound)).isSameAs(unbound);
            assertThat(find(null, ETH1, unbound, elsewhere)).isSameAs(elsewhere);
        }
    }

    /** Linux has it so too, and it looks odd: a loose match on the right device beats an exact one on another. */
    @Test
    void takesATunnelBoundToTheArrivalDeviceAtOnce() {
        Tunnel exact = gre(LOCAL, REMOTE, null, 0);
        for (Tunnel bound :
                List.of(gre(LOCAL, REMOTE, null, ETH0), gre(0, REMOTE, null, ETH0), gre(LOCAL, 0, null, ETH0))) {
            assertThat(find(null, ETH0, bound, exact)).isSameAs(bound);
            assertThat(find(null, ETH1, bound, exact)).isSameAs(exact);
        }
        Tunnel any = gre(0, 0, null, ETH0);
        assertThat(find(null, ETH0, gre(0, 0, null, 0), any)).isSameAs(any);
    }

    @Test
    void tellsKeyZeroFromNoKey() {
        Tunnel keyless = gre(LOCAL, REMOTE, null, 0);
        Tunnel keyZero = gre(LOCAL, REMOTE, 0, 0);

        assertThat(find(null, ETH0, keyless, keyZero)).isSameAs(keyless);
        assertThat(find(0, ETH0, keyZero, keyless)).isSameAs(keyZero);
        assertThat(find(0, ETH0, keyless)).isNull();
        assertThat(find(null, ETH0, keyZero)).isNull();
    }

    @Test
    void comparesTheKeysValueAloneWhereBothAddressesAreAny() {
        Tunnel keyless = gre(0, 0, null, 0);
        Tunnel keyZero = gre(0, 0, 0, 0);

        assertThat(find(0, ETH0, keyless)).isSameAs(keyless);
        assertThat(find(null, ETH0, keyZero)).isSameAs(keyZero);
        assertThat(find(0, ETH0, keyless, keyZero)).isSameAs(keyless);
        assertThat(find(null, ETH0, keyZero, keyless)).isSameAs(keyZero);
        assertThat(find(7, ETH0, keyless, keyZero)).isNull();
    }

    @Test
    void looksAtTheInputKeyOnly() {
        Tunnel tunnel = TestTunnels.tunnel(TestTunnels.spec(Mode.GRE).ikey(2).okey(1));

        assertThat(find(2, ETH0, tunnel)).isSameAs(tunnel);
        assertThat(find(1, ETH0, tunnel)).isNull();
        assertThat(find(
                        null,
                        ETH0,
                        TestTunnels.tunnel(TestTunnels.spec(Mode.GRE).okey(1))))
                .isNotNull();
    }

    @Test
    void givesEachKeyItsTunnel() {
        Tunnel[] tunnels = new Tunnel[257];
        for (int i = 0; i < tunnels.length; i++) {
            tunnels[i] = gre(LOCAL, REMOTE, i << 24 | i, 0);
        }
        for (int i = 0; i < tunnels.length; i++) {
            assertThat(find(i << 24 | i, ETH0, tunnels)).isSameAs(tunnels[i]);
        }
        assertThat(find(1, ETH0, tunnels)).isNull();
    }

    @Test
    void keepsModesApart() {
        Tunnel ipip = ipip(LOCAL, REMOTE, 0);
        TunnelTable table = new TunnelTable(List.of(ipip));

        assertThat(table.find(Mode.IPIP, REMOTE, LOCAL, TunnelTable.NO_KEY, ETH0))
                .isSameAs(ipip);
        assertThat(table.find(Mode.GRE, REMOTE, LOCAL, TunnelTable.NO_KEY, ETH0))
                .isNull();
    }

    @Test
    void findsEachOf4096Tunnels() {
        List<Tunnel> tunnels = new ArrayList<>();
        for (int i = 0; i < 4096; i++) {
            Mode mode = i % 2 == 0 ? Mode.GRE : Mode.IPIP;
            tunnels.add(TestTunnels.tunnel(TunnelSpec.builder("t" + i, mode)
                    .local(TestTunnels.address(LOCAL + (i & 7)))
                    .remote(TestTunnels.address(0x0a000000 + (i << 4)))
                    .ikey(mode == Mode.GRE ? i : null)));
        }
        TunnelTable table = new TunnelTable(tunnels);

        for (int i = 0; i < tunnels.size(); i++) {
            Tunnel tunnel = tunnels.get(i);
            Mode mode = tunnel.spec().mode();
            long key = mode == Mode.GRE ? TunnelTable.key(i) : TunnelTable.NO_KEY;
            assertThat(table.find(mode, tunnel.remote(), tunnel.local(), key, ETH0))
                    .isSameAs(tunnel);
            assertThat(table.find(mode, tunnel.remote() + 1, tunnel.local(), key, ETH0))
                    .isNull();
            assertThat(table.named("t" + i)).isSameAs(tunnel);
        }
        assertThat(table.named("t4096")).isNull();
        assertThat(table.tunnels()).isEqualTo(tunnels);
    }

    @Test
    void agreesWithTheRuleOnRandomTables() {
        SeededCases.check(2_500, random -> {
            List<Tunnel> tunnels = randomTunnels(random);
            TunnelTable table = new TunnelTable(tunnels);
            for (int i = 0; i < 20; i++) {
                Mode mode = random.nextBoolean() ? Mode.GRE : Mode.IPIP;
                int source = REMOTE + random.nextInt(3);
                int destination = LOCAL - random.nextInt(3);
                Integer key = mode == Mode.GRE ? randomKey(random) : null;
                int arrivalIndex = ETH0 + random.nextInt(3);
                assertThat(table.find(
                                mode,
                                source,
                                destination,
                                key == null ? TunnelTable.NO_KEY : TunnelTable.key(key),
                                arrivalIndex))
                        .isSameAs(rule(tunnels, mode, source, destination, key, arrivalIndex));
            }
        });
    }

    private static List<Tunnel> randomTunnels(SplittableRandom random) {
        List<Tunnel> tunnels = new ArrayList<>();
        int count = random.nextInt(16);
        for (int i = 0; i < count; i++) {
            int local = random.nextInt(3) == 0 ? 0 : LOCAL - random.nextInt(2);
            int remote = random.nextInt(3) == 0 ? 0 : REMOTE + random.nextInt(2);
            int bound = random.nextBoolean() ? 0 : ETH0 + random.nextInt(2);
            tunnels.add(
                    random.nextInt(4) == 0 ? ipip(local, remote, bound) : gre(local, remote, randomKey(random), bound));
        }
        return tunnels;
    }

    private static @Nullable Integer randomKey(SplittableRandom random) {
        return switch (random.nextInt(4)) {
            case 0 -> null;
            case 1 -> 0;
            case 2 -> 7;
            default -> -1;
        };
    }

    /**
     * The look-up by walking all tunnels in four passes, as Linux's ip_tunnel_lookup does; those that are bound to another
     * device count only if no other is found.
     */
    private static @Nullable Tunnel rule(
            List<Tunnel> tunnels, Mode mode, int source, int destination, @Nullable Integer key, int device) {
        Tunnel candidate = null;
        Tunnel elsewhere = null;
        for (int pass = 1; pass <= 4; pass++) {
            if (pass == 4 && mode == Mode.IPIP) {
                break;
            }
            for (Tunnel tunnel : tunnels) {
                TunnelSpec spec = tunnel.spec();
                boolean local = tunnel.local() == (pass == 1 || pass == 3 ? destination : 0);
                boolean remote = tunnel.remote() == (pass <= 2 ? source : 0);
                boolean sameKey = pass < 4
                        ? (key == null ? spec.ikey() == null : key.equals(spec.ikey()))
                        : (key == null ? 0 : key) == (spec.ikey() == null ? 0 : spec.ikey());
                if (spec.mode() != mode || !local || !remote || !sameKey) {
                    continue;
                }
                if (tunnel.boundIndex() == device) {
                    return tunnel;
                }
                if (tunnel.boundIndex() != 0) {
                    elsewhere = pass == 1 || elsewhere == null ? tunnel : elsewhere;
                } else if (pass == 1 || candidate == null) {
                    candidate = tunnel;
                }
            }
        }
        return candidate != null ? candidate : elsewhere;
    }

    private Slot received(int source, int destination, @Nullable Integer key, Tunnel... tunnels) {
        byte[] packet = Packets.outer(
                        Mode.GRE.protocol(), Packets.gre().key(key).build())
                .source(source)
                .destination(destination)
                .build();
        Slot slot = memory.slot(packet, new TunnelTable(List.of(tunnels)));
        slot.arrivalIndex = ETH0;
        Decapsulation.decapsulate(slot);
        return slot;
    }

    private static void assertDropped(Slot slot, DropReason reason) {
        assertThat(slot.verdict).isEqualTo(Verdict.DROP);
        assertThat(slot.dropReason).isEqualTo(reason);
    }

    @Test
    void givesThePacketToItsTunnel() {
        Tunnel tunnel = gre(LOCAL, REMOTE, 7, ETH0);
        Slot slot = received(REMOTE, LOCAL, 7, tunnel);

        assertThat(slot.verdict).isEqualTo(Verdict.FORWARD);
        assertThat(slot.tunnel()).isSameAs(tunnel);
    }

    @Test
    void refusesAWrongKeyFromAKnownPeer() {
        for (Tunnel tunnel : List.of(gre(LOCAL, REMOTE, 7, 0), gre(0, REMOTE, 7, 0))) {
            assertDropped(received(REMOTE, LOCAL, null, tunnel), DropReason.KEY_MISMATCH);
            assertDropped(received(REMOTE, LOCAL, 0, tunnel), DropReason.KEY_MISMATCH);
            assertDropped(received(REMOTE, LOCAL, 8, tunnel), DropReason.KEY_MISMATCH);
        }
        assertDropped(received(REMOTE, LOCAL, 5, gre(LOCAL, REMOTE, null, 0)), DropReason.KEY_MISMATCH);
    }

    @Test
    void givesAnyMembersPacketForTheGroupToItsTunnel() {
        Tunnel group = gre(LOCAL, GROUP, 7, 0);
        Tunnel exact = gre(LOCAL, REMOTE, 7, 0);
        for (int member : new int[] {REMOTE, OTHER}) {
            Slot slot = received(member, GROUP, 7, exact, group);
            assertThat(slot.verdict).isEqualTo(Verdict.FORWARD);
            assertThat(slot.tunnel()).isSameAs(group);
        }
        assertThat(received(REMOTE, LOCAL, 7, exact, group).tunnel()).isSameAs(exact);
    }

    @Test
    void refusesWhatNoOtherMemberCanHaveSent() {
        Tunnel group = gre(LOCAL, GROUP, 7, 0);
        for (int source : new int[] {LOCAL, GROUP, 0, 0x7f000001, -1}) {
            assertDropped(received(source, GROUP, 7, group), DropReason.OUTER_SOURCE);
        }
        Tunnel another = gre(OTHER, REMOTE, null, 0);
        assertDropped(received(OTHER, GROUP, 7, group, another), DropReason.OUTER_SOURCE);
    }

    /** What is for this end alone is none of the group's, as in Linux; nor is another group's. */
    @Test
    void takesNothingButWhatIsForTheGroup() {
        Tunnel group = gre(LOCAL, GROUP, 7, ETH0);

        assertDropped(received(REMOTE, LOCAL, 7, group), DropReason.NO_TUNNEL);
        assertDropped(received(REMOTE, GROUP, 8, group), DropReason.KEY_MISMATCH);
        assertDropped(received(REMOTE, GROUP, null, group), DropReason.KEY_MISMATCH);
        assertThat(received(REMOTE, GROUP + 1, 7, group).verdict).isEqualTo(Verdict.IGNORE);
        assertDropped(received(REMOTE, GROUP, 7, gre(LOCAL, GROUP, 7, ETH1)), DropReason.WRONG_DEVICE);
    }

    @Test
    void refusesAnUnknownPeer() {
        assertDropped(received(OTHER, LOCAL, null, gre(LOCAL, REMOTE, null, 0)), DropReason.NO_TUNNEL);
        assertDropped(received(OTHER, LOCAL, null, ipip(LOCAL, REMOTE, 0)), DropReason.NO_TUNNEL);
        assertDropped(received(OTHER, LOCAL, null, gre(0, REMOTE, null, 0)), DropReason.NO_TUNNEL);
        assertThat(received(OTHER, LOCAL, null, gre(LOCAL, REMOTE, null, 0)).tunnel)
                .isNull();
    }

    @Test
    void leavesPacketsToOtherAddressesAlone() {
        Slot slot = received(REMOTE, OTHER, null, gre(LOCAL, REMOTE, null, 0));

        assertThat(slot.verdict).isEqualTo(Verdict.IGNORE);
        assertThat(received(REMOTE, LOCAL, null).verdict).isEqualTo(Verdict.IGNORE);
    }

    /** Linux takes it; a tunnel that was bound on purpose does not. */
    @Test
    void refusesAPacketByAnotherDeviceThanTheBoundOne() {
        Tunnel tunnel = gre(LOCAL, REMOTE, null, ETH1);
        Slot slot = received(REMOTE, LOCAL, null, tunnel);

        assertDropped(slot, DropReason.WRONG_DEVICE);
        assertThat(slot.tunnel).isSameAs(tunnel);
    }
}
