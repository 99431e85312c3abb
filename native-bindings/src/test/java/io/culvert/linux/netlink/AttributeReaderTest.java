package io.culvert.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class AttributeReaderTest {

    @Test
    void readsValues() {
        AttributeReader reader = reader(12, 1, 1, 2, 3, 4, 5, 6, 7, 8);

        assertThat(reader.next()).isTrue();
        assertThat(reader.type()).isEqualTo(1);
        assertThat(reader.bytes()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
        assertThat(reader.u32()).isEqualTo(nativeOrder(1, 2, 3, 4).getInt());
        assertThat(reader.u64(0)).isEqualTo(nativeOrder(1, 2, 3, 4, 5, 6, 7, 8).getLong());
        assertThat(reader.next()).isFalse();
    }

    @Test
    void skipsThePaddingBetweenAttributes() {
        AttributeReader reader = reader(5, 1, 'a', 0, 0, 0, 5, 0, 2, 0, 'b');

        assertThat(reader.next()).isTrue();
        assertThat(reader.string()).isEqualTo("a");
        assertThat(reader.next()).isTrue();
        assertThat(reader.type()).isEqualTo(2);
        assertThat(reader.string()).isEqualTo("b");
        assertThat(reader.next()).isFalse();
    }

    @Test
    void stopsAtLengthsThatCannotBeTrue() {
        for (int length : new int[] {0, 1, 3, 9, 65535}) {
            assertThat(reader(length, 1, 1, 2, 3, 4).next())
                    .as("length " + length)
                    .isFalse();
        }
        assertThat(new AttributeReader(MemorySegment.ofArray(new byte[3]), 0).next())
                .isFalse();
        assertThat(new AttributeReader(MemorySegment.ofArray(new byte[3]), 16).next())
                .isFalse();
    }

    @Test
    void readsNothingFromValuesTooShort() {
        AttributeReader reader = reader(7, 1, 192, 0, 2);

        assertThat(reader.next()).isTrue();
        assertThat(reader.u32()).isZero();
        assertThat(reader.u64(0)).isZero();
        assertThat(reader.u64(8)).isZero();
        assertThat(reader.address(Family.IPV4)).isNull();
    }

    @Test
    void readsTextToItsEndWhereNulIsMissing() {
        AttributeReader reader = reader(6, 1, 'a', 'b');

        assertThat(reader.next()).isTrue();
        assertThat(reader.string()).isEqualTo("ab");
    }

    @Test
    void ignoresTheFlagsInTheType() {
        AttributeReader reader = reader(4, 0x8012);

        assertThat(reader.next()).isTrue();
        assertThat(reader.type()).isEqualTo(Abi.IFLA_LINKINFO);
    }

    private static AttributeReader reader(int length, int type, int... rest) {
        ByteBuffer bytes = ByteBuffer.allocate(4 + rest.length).order(ByteOrder.nativeOrder());
        bytes.putShort((short) length).putShort((short) type);
        for (int value : rest) {
            bytes.put((byte) value);
        }
        return new AttributeReader(MemorySegment.ofArray(bytes.array()), 0);
    }

    private static ByteBuffer nativeOrder(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length).order(ByteOrder.nativeOrder());
        for (int value : values) {
            bytes.put((byte) value);
        }
        return bytes.flip();
    }
}
