package io.culvert.linux.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The limits of a batch; what its memory means to the kernel is for the sockets' tests. */
class MessageBatchTest {

    private final MessageBatch batch = new MessageBatch(2, 3, 16, 24);

    @AfterEach
    void close() {
        batch.close();
    }

    @Test
    void refusesAMessageThatIsNotThere() {
        assertThat(batch.capacity()).isEqualTo(2);
        assertThatThrownBy(() -> batch.iovec(2, 0, 1, 1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> batch.iovec(-1, 0, 1, 1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> batch.inet4Address(2, 1, 1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> batch.length(2)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> batch.prepareReceive(1, 2)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> batch.address(1, 2)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void refusesWhatWouldSpillIntoTheNextMessage() {
        assertThatThrownBy(() -> batch.iovec(0, 3, 1, 1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> batch.iovecCount(0, 4)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> batch.packetAddress(0, 1, 1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> batch.packetInfo(0, 1, 1)).isInstanceOf(IndexOutOfBoundsException.class);
        batch.noControl(0);
        batch.segmentSize(0, 1000);
        assertThatThrownBy(() -> batch.segmentSize(0, 1000)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void packetInfoOfNothingIsNoControlData() {
        try (MessageBatch roomy = new MessageBatch(1, 1, 0, MessageBatch.CONTROL_CAPACITY)) {
            roomy.packetInfo(0, 5, 0);
            assertThat(roomy.packetInfoInterface(0)).isEqualTo(5);

            roomy.packetInfo(0, 0, 0);
            assertThat(roomy.packetInfoInterface(0)).isZero();
        }
    }

    @Test
    void findsNoControlDataInGarbage() {
        // A control message of type 0 and length 0, as zeroed memory has it, must not be walked for ever.
        batch.prepareReceive(0, 2);

        assertThat(batch.packetInfoInterface(0)).isZero();
        assertThat(batch.fragmentSize(0)).isZero();
        assertThat(batch.segmentSize(1)).isZero();
    }

    @Test
    void refusesSizesThatTheKernelDoesNotTake() {
        assertThatIllegalArgumentException().isThrownBy(() -> new MessageBatch(0, 1, 0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new MessageBatch(1025, 1, 0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new MessageBatch(1, 0, 0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new MessageBatch(1, 1025, 0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new MessageBatch(1, 1, -1, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new MessageBatch(1, 1, 0, -8));
    }

    @Test
    void hasNothingLeftOnceClosed() {
        batch.close();
        batch.close();

        assertThat(batch.capacity()).isZero();
        assertThatThrownBy(() -> batch.address(0, 1)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatIllegalStateException().isThrownBy(() -> batch.length(0));
    }
}
