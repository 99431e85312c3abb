package io.culvert.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.culvert.linux.EventFd;
import io.culvert.tunnel.TunnelTable;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class OuterIngressTest {

    private final SlotPool pool = new SlotPool(IngressStage.MAX_BATCH);
    private final Slots slots = new Slots(pool);
    private final TableHolder tables = new TableHolder();
    private final OuterIngress ingress = new OuterIngress(tables);

    /** A socket with so many packets, each marked with the socket's number. */
    private static final class CountedSource implements OuterSource {

        private final EventFd readable = EventFd.open();
        private final int number;
        private int left;

        CountedSource(int number, int packets) {
            this.number = number;
            left = packets;
            if (packets > 0) {
                readable.signal();
            }
        }

        @Override
        public int fd() {
            return readable.fd();
        }

        @Override
        public int receive(Slots slots, int first, int max, TunnelTable table) {
            int count = Math.min(max, left);
            for (int i = 0; i < count; i++) {
                slots.get(first + i).received(table, 20);
                slots.get(first + i).arrivalIndex = number;
            }
            left -= count;
            if (left == 0) {
                readable.drain();
            }
            return count;
        }

        @Override
        public void refuse() {}

        @Override
        public long kernelDrops() {
            return 0;
        }

        @Override
        public void close() {
            readable.close();
        }
    }

    @AfterEach
    void close() {
        ingress.close();
        pool.close();
    }

    private int receive(int max) {
        ingress.await(0);
        return ingress.receive(slots, max);
    }

    @Test
    void fillsABatchFromSeveralSockets() {
        try (CountedSource one = new CountedSource(1, 3);
                CountedSource two = new CountedSource(2, 4);
                CountedSource empty = new CountedSource(3, 0)) {
            List.of(one, two, empty).forEach(ingress::add);

            assertThat(receive(64)).isEqualTo(7);
            int sum = 0;
            for (int i = 0; i < 7; i++) {
                sum += slots.get(i).arrivalIndex;
            }
            assertThat(sum).isEqualTo(3 + 8);
            assertThat(receive(64)).isZero();
        }
    }

    @Test
    void receivesNoMoreThanAsked() {
        try (CountedSource one = new CountedSource(1, 40);
                CountedSource two = new CountedSource(2, 40)) {
            ingress.add(one);
            ingress.add(two);

            assertThat(receive(64)).isEqualTo(64);
            assertThat(receive(5)).isEqualTo(5);
            assertThat(one.left + two.left).isEqualTo(11);
        }
    }

    @Test
    void leavesEverySocketItsTurnThoughOneIsNeverEmpty() {
        try (CountedSource one = new CountedSource(1, 1_000_000);
                CountedSource two = new CountedSource(2, 1)) {
            ingress.add(one);
            ingress.add(two);
            for (int round = 0; round < 4; round++) {
                receive(64);
                ingress.receive(slots, 64);
            }

            assertThat(two.left).isZero();
        }
    }

    @Test
    void receivesNothingFromARemovedSocket() {
        try (CountedSource one = new CountedSource(1, 100)) {
            ingress.add(one);
            ingress.remove(one);

            assertThat(receive(64)).isZero();
        }
    }

    @Test
    void givesABatchTheTableOfItsStart() {
        try (CountedSource one = new CountedSource(1, 2)) {
            ingress.add(one);
            TunnelTable table = new TunnelTable(List.of());
            tables.publish(table);
            receive(64);

            assertThat(slots.get(0).table).isSameAs(table);
            assertThat(slots.get(1).table).isSameAs(table);
        }
    }
}
