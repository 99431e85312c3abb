package io.culvert.linux.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.culvert.linux.Errno;
import io.culvert.linux.ErrnoException;
import io.culvert.linux.RequiresRoot;
import io.culvert.linux.TestNamespace;
import java.net.Inet4Address;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Memberships, as {@code ip maddress} shows them. */
@RequiresRoot
class GroupMembershipTest {

    private static final Inet4Address GROUP = Inet4Address.ofLiteral("239.1.2.3");

    private final TestNamespace namespace = TestNamespace.create();

    @AfterEach
    void close() {
        namespace.close();
    }

    private GroupMembership join(Inet4Address group, int index) {
        return namespace.call(() -> GroupMembership.join(group, index));
    }

    private String groups() {
        return namespace.ip("maddress", "show", "dev", "one");
    }

    private int addDevice() {
        namespace.ip("link", "add", "one", "type", "veth", "peer", "name", "other");
        return Integer.parseInt(
                namespace.exec("cat", "/sys/class/net/one/ifindex").trim());
    }

    @Test
    void lastsUntilTheLastOneIsClosed() {
        int index = addDevice();
        try (GroupMembership _ = join(GROUP, index)) {
            try (GroupMembership _ = join(GROUP, index)) {
                assertThat(groups()).contains("239.1.2.3");
            }
            assertThat(groups()).contains("239.1.2.3");
            namespace.ip("link", "set", "one", "up");
            namespace.ip("link", "set", "one", "down");
            namespace.ip("link", "set", "one", "up");
            assertThat(groups()).contains("239.1.2.3").contains("01:00:5e:01:02:03");
        }
        assertThat(groups()).doesNotContain("239.1.2.3");
    }

    @Test
    void closesWhenTheInterfaceIsGone() {
        try (GroupMembership _ = join(GROUP, addDevice())) {
            namespace.ip("link", "delete", "one");
        }
        addDevice();
        assertThat(groups()).doesNotContain("239.1.2.3");
    }

    @Test
    void saysWhatIsWrong() {
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> join(GROUP, 4711))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV))
                .withMessageContaining("239.1.2.3 on interface 4711");
        assertThatExceptionOfType(ErrnoException.class)
                .isThrownBy(() -> join(Inet4Address.ofLiteral("192.0.2.1"), 1))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
    }
}
