package io.culvert.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.culvert.esp.EspTransform;
import io.culvert.esp.KeyFiles;
import io.culvert.esp.SaLifetime;
import io.culvert.esp.SaSpec;
import io.culvert.esp.SaSpec.Direction;
import io.culvert.esp.SecurityAssociation;
import io.culvert.tunnel.Mode;
import io.culvert.tunnel.TestTunnels;
import io.culvert.tunnel.Tunnel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SequenceKeeperTest {

    private static final int SPI = 0x1001;
    private static final int STEPS = 400;
    private static final int MOST_AT_ONCE = 64;

    @TempDir
    private Path directory;

    private Path state;
    private SaSpec out;
    private SaSpec in;
    private SequenceKeeper keeper;
    private Tunnel tunnel;

    /** Ranges of numbers that were sent, by their first and last. */
    private final Set<Long> sentVectors = new HashSet<>();

    private long lastSent;

    @BeforeEach
    void start() {
        state = directory.resolve("state");
        out = association(Direction.OUT, true);
        in = association(Direction.IN, true);
        restart();
    }

    private SaSpec association(Direction direction, boolean extended) {
        return KeyFiles.spec(directory, direction, SPI, EspTransform.AES_GCM, extended, SaLifetime.UNLIMITED);
    }

    private void restart() {
        keeper = new SequenceKeeper(state);
        tunnel = TestTunnels.unreserved(TestTunnels.spec(Mode.VTI).sa(List.of(out, in)));
        keeper.admit(List.of(tunnel));
    }

    private SecurityAssociation outbound() {
        return tunnel.associations().all().getFirst();
    }

    private SecurityAssociation inbound() {
        return tunnel.associations().all().getLast();
    }

    private void change(SaSpec... associations) {
        Tunnel changed = tunnel.changed(
                TestTunnels.spec(Mode.VTI).sa(List.of(associations)).build(), 0);
        keeper.admit(List.of(changed));
        tunnel = changed;
        keeper.retain(() -> List.of(changed));
        tunnel.closeOtherAssociations();
    }

    private static SaSpec withWindow(SaSpec spec, int replayWindow) {
        return new SaSpec(
                spec.direction(),
                spec.spi(),
                spec.transform(),
                spec.keyFile(),
                spec.authKeyFile(),
                spec.extendedSequence(),
                replayWindow,
                spec.lifetime());
    }

    /** Takes numbers as the path does; each is higher than all before it, and so is each vector new. */
    private boolean send(int count) {
        long first = outbound().takeSequence(count, count);
        if (first == SecurityAssociation.UNRESERVED) {
            return false;
        }
        assertThat(first).isGreaterThan(lastSent);
        lastSent = first + count - 1;
        for (long sequence = first; sequence < first + Math.min(count, MOST_AT_ONCE); sequence++) {
            assertThat(sentVectors.add(sequence ^ outbound().ivMask()))
                    .as("vector of %d", sequence)
                    .isTrue();
        }
        return true;
    }

    @Test
    void sendsNothingBeforeANumberIsReserved() throws IOException {
        Tunnel unknown = TestTunnels.unreserved(TestTunnels.spec(Mode.VTI).sa(List.of(out)));
        assertThat(unknown.associations().takeSequence(1, 1)).isEqualTo(SecurityAssociation.UNRESERVED);
        assertThat(Files.readString(state.resolve("esp-sent"))).contains(" " + SequenceKeeper.BLOCK + " ");
    }

    @Test
    void goesOnExactlyAfterAnOrderlyStop() {
        long mask = outbound().ivMask();
        assertThat(send(5)).isTrue();
        keeper.close();
        restart();
        assertThat(outbound().takeSequence(1, 1)).isEqualTo(6);
        assertThat(outbound().ivMask()).isEqualTo(mask);
    }

    /** What is left of its block is given back. */
    @Test
    void goesOnExactlyWhereItWasDeleted() {
        assertThat(send(5)).isTrue();
        change(in);
        change(out, in);
        assertThat(outbound().takeSequence(1, 1)).isEqualTo(6);
    }

    @Test
    void goesOnBehindTheBlockAfterACrash() {
        long mask = outbound().ivMask();
        assertThat(send(5)).isTrue();
        restart();
        assertThat(outbound().takeSequence(1, 1)).isEqualTo(SequenceKeeper.BLOCK + 1);
        assertThat(outbound().ivMask()).isEqualTo(mask);
    }

    @Test
    void reservesMoreBeforeTheBlockIsUsedUp() {
        for (int second = 0; second < 20; second++) {
            assertThat(send((int) (SequenceKeeper.BLOCK / 4 * 3))).isTrue();
            keeper.tick();
        }
        assertThat(send((int) SequenceKeeper.BLOCK)).isTrue();
        assertThat(send(1)).isFalse();
        keeper.tick();
        assertThat(send(1)).isTrue();
    }

    /** Whatever happens in whatever order, with a crash at any point of it. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void neverRepeatsANumberOrAVector(long seed) {
        Random random = new Random(seed);
        for (int step = 0; step < STEPS; step++) {
            switch (random.nextInt(12)) {
                case 0 -> restart();
                case 1 -> {
                    keeper.close();
                    restart();
                }
                case 2, 3 -> keeper.tick();
                case 4 -> change(withWindow(out, 32 + random.nextInt(100)), in);
                case 5 -> {
                    change(in);
                    change(out, in);
                }
                case 6 -> send(1 + random.nextInt((int) SequenceKeeper.BLOCK));
                case 7 -> {
                    // A change that failed behind this point, and so is not in force.
                    keeper.admit(List.of(tunnel.changed(
                            TestTunnels.spec(Mode.VTI)
                                    .sa(List.of(withWindow(out, 32 + random.nextInt(100)), in))
                                    .build(),
                            0)));
                    keeper.retain(() -> List.of(tunnel));
                }
                default -> send(1 + random.nextInt(MOST_AT_ONCE));
            }
        }
        assertThat(sentVectors).hasSizeGreaterThan(STEPS);
    }

    @Test
    void takesNothingAgainThatWasReceivedBeforeARestart() {
        assertThat(inbound().accept(1000, 1)).isTrue();
        keeper.tick();
        restart();
        assertThat(inbound().lastSequence()).isEqualTo(1000);
        for (long sequence = 0; sequence <= 1000; sequence++) {
            assertThat(inbound().accept(sequence, 1)).isFalse();
        }
        assertThat(inbound().accept(1001, 1)).isTrue();
        keeper.close();
        restart();
        assertThat(inbound().accept(1001, 1)).isFalse();
    }

    @Test
    void keepsTheWindowWhenItsSizeChanges() {
        assertThat(inbound().accept(7, 1)).isTrue();
        change(out, withWindow(in, 64));
        assertThat(inbound().spec().replayWindow()).isEqualTo(64);
        assertThat(inbound().accept(7, 1)).isFalse();
        keeper.tick();
        restart();
        assertThat(inbound().accept(7, 1)).isFalse();
    }

    /** A peer that lost its numbers can begin again once the association is deleted and added. */
    @Test
    void forgetsAWindowThatIsDeleted() throws IOException {
        assertThat(inbound().accept(7, 1)).isTrue();
        keeper.tick();
        change(out);
        assertThat(Files.readString(state.resolve("esp-received")).lines()).hasSize(1);
        change(out, in);
        assertThat(inbound().accept(7, 1)).isTrue();
    }

    @Test
    void stopsWithTheLastNumberThatThereIs() throws IOException {
        out = association(Direction.OUT, false);
        restart();
        long all = 0xffff_ffffL;
        for (long taken = SequenceKeeper.BLOCK; taken < all; ) {
            int count = (int) Math.min(SequenceKeeper.BLOCK / 2, all - taken);
            assertThat(outbound().takeSequence(count, 1)).isEqualTo(taken + 1);
            taken += count;
            keeper.tick();
        }
        assertThat(outbound().takeSequence(1, 1)).isEqualTo(SecurityAssociation.NONE);
        assertThat(Files.readString(state.resolve("esp-sent"))).contains(" " + all + " ");
        keeper.close();
        restart();
        assertThat(outbound().takeSequence(1, 1)).isEqualTo(SecurityAssociation.NONE);
    }

    /** Two gateways with one key: the numbers of the second are not the first one's any more. */
    @Test
    void stopsWhenSomebodyElseHasTheNextNumbers() {
        assertThat(send(5)).isTrue();
        SequenceKeeper first = keeper;
        Tunnel one = tunnel;
        restart();
        first.tick();
        assertThat(one.associations().takeSequence((int) SequenceKeeper.BLOCK - 5, 1))
                .isEqualTo(6);
        first.tick();
        assertThat(one.associations().takeSequence(1, 1)).isEqualTo(SecurityAssociation.UNRESERVED);
        first.close();
        assertThat(outbound().takeSequence(1, 1)).isEqualTo(SequenceKeeper.BLOCK + 1);
        restart();
        assertThat(outbound().takeSequence(1, 1)).isEqualTo(2 * SequenceKeeper.BLOCK + 1);
    }

    @Test
    void admitsNothingWhoseNumbersCannotBeKept() throws IOException {
        keeper.close();
        Files.writeString(state.resolve("esp-sent"), "x\n", StandardOpenOption.APPEND);
        assertThatThrownBy(this::restart)
                .isInstanceOf(GatewayException.class)
                .hasMessageContaining(state.resolve("esp-sent").toString())
                .hasMessageContaining("CULVERT_STATE_DIRECTORY");
        assertThat(outbound().takeSequence(1, 1)).isEqualTo(SecurityAssociation.UNRESERVED);
    }

    /** What was reserved may be used up; then nothing is sent until the disk takes it again. */
    @Test
    void stopsSendingWhileTheDiskFails() throws IOException {
        Path elsewhere = directory.resolve("elsewhere");
        Files.move(state, elsewhere);
        Files.createFile(state);
        assertThat(send((int) SequenceKeeper.BLOCK)).isTrue();
        keeper.tick();
        keeper.tick();
        assertThat(send(1)).isFalse();
        Files.delete(state);
        Files.move(elsewhere, state);
        keeper.tick();
        assertThat(send(1)).isTrue();
    }

    /** Of too many entries the first are forgotten: not those of keys that are at work. */
    @Test
    void writesWhatIsAtWorkBehindWhatIsNot() throws IOException {
        Path file = state.resolve("esp-sent");
        Files.writeString(file, "one 1 0000000000000001\n", StandardOpenOption.APPEND);
        restart();
        assertThat(Files.readAllLines(file).getLast()).startsWith(outbound().name());
        Files.writeString(file, "other 1 0000000000000001\n", StandardOpenOption.APPEND);
        keeper.close();
        assertThat(Files.readAllLines(file).getLast()).startsWith(outbound().name());
    }

    @Test
    void touchesNoDiskWithoutAssociations() throws IOException {
        Path none = directory.resolve("none");
        try (SequenceKeeper idle = new SequenceKeeper(none)) {
            Tunnel plain = TestTunnels.unreserved(TestTunnels.spec(Mode.GRE));
            idle.admit(List.of(plain));
            idle.tick();
            idle.retain(() -> List.of(plain));
        }
        assertThat(none).doesNotExist();
    }

    @Test
    void neverWritesAKey() throws IOException {
        String key = KeyFiles.key(EspTransform.AES_GCM.keyFileLengths().getLast());
        inbound().accept(1, 1);
        keeper.close();
        try (Stream<Path> files = Files.list(state)) {
            for (Path file : files.toList()) {
                assertThat(Files.readString(file)).doesNotContain(key.substring(0, 16), "1001", "4097");
            }
        }
        assertThat(outbound().name()).hasSize(32).isNotEqualTo(inbound().name());
    }
}
