package io.culvert.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class DatagramTallyTest {

    private static final int SIZE = 36;

    private final UnsafeBuffer datagram = new UnsafeBuffer(new byte[SIZE + 1]);
    private final DatagramTally tally = new DatagramTally(10, SIZE);

    @Test
    void countsDatagramsInOrder() {
        arrive(0);
        arrive(1);
        arrive(9);

        assertCounts(3, 0, 0, 0);
    }

    @Test
    void seesReordering() {
        arrive(2);
        arrive(0);
        arrive(1);
        arrive(3);

        assertCounts(4, 2, 0, 0);
    }

    @Test
    void seesDuplicates() {
        arrive(5);
        arrive(5);
        arrive(5);

        assertCounts(1, 0, 2, 0);
    }

    @Test
    void seesEverySingleCorruptedByte() {
        for (int i = 0; i < SIZE; i++) {
            DatagramTally.fill(datagram, 0, SIZE, 4);
            datagram.putByte(i, (byte) (datagram.getByte(i) ^ 1));
            tally.add(datagram, 0, SIZE);
        }

        assertCounts(0, 0, 0, SIZE);
    }

    @Test
    void seesWrongLengthsAndNumbers() {
        DatagramTally.fill(datagram, 0, SIZE, 4);
        tally.add(datagram, 0, SIZE - 1);
        tally.add(datagram, 0, SIZE + 1);
        tally.add(datagram, 0, 0);
        arrive(10);
        arrive(-1);

        assertCounts(0, 0, 0, 5);
    }

    private void arrive(long number) {
        DatagramTally.fill(datagram, 0, SIZE, number);
        tally.add(datagram, 0, SIZE);
    }

    private void assertCounts(long delivered, long reordered, long duplicated, long corrupted) {
        assertThat(tally.delivered()).as("delivered").isEqualTo(delivered);
        assertThat(tally.reordered()).as("reordered").isEqualTo(reordered);
        assertThat(tally.duplicated()).as("duplicated").isEqualTo(duplicated);
        assertThat(tally.corrupted()).as("corrupted").isEqualTo(corrupted);
    }
}
