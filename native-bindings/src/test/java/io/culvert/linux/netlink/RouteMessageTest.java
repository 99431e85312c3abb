package io.culvert.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class RouteMessageTest {

    /** Before Linux 4.20 a list holds what the kernel has cached for single destinations. */
    @Test
    void leavesCachedAnswersOutOfLists() {
        assertThat(RouteMessage.parse(route(0))).isNotNull();
        assertThat(RouteMessage.parse(route(Abi.RTM_F_CLONED))).isNull();
        assertThat(RouteMessage.parseAnswer(route(Abi.RTM_F_CLONED))).isNotNull();
    }

    private static MemorySegment route(int flags) {
        byte[] route = new byte[RouteMessage.HEADER_LENGTH];
        route[RouteMessage.FAMILY] = Abi.AF_INET;
        ByteBuffer.wrap(route).order(ByteOrder.nativeOrder()).putInt(RouteMessage.FLAGS, flags);
        return MemorySegment.ofArray(route);
    }
}
