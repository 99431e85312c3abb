package io.culvert.linux.socket;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.culvert.linux.ErrnoException;
import io.culvert.linux.socket.Structs.IpMreqn;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.Inet4Address;

/**
 * The host's membership of an IPv4 multicast group on one interface: as long as it is open, the interface and the kernel
 * take the group's packets, and routers are told by IGMP. Each has a socket of its own, which receives nothing, as the
 * kernel lets a socket have few ({@code net.ipv4.igmp_max_memberships}).
 */
public final class GroupMembership implements AutoCloseable {

    private final SocketHandle socket;

    private GroupMembership(SocketHandle socket) {
        this.socket = socket;
    }

    /**
     * Joins the group. The membership outlives that the interface goes down, but not that it is removed.
     *
     * @param interfaceIndex where
     * @throws ErrnoException ENODEV if there is no such interface, EINVAL if it is no multicast address
     */
    public static GroupMembership join(Inet4Address group, int interfaceIndex) {
        SocketHandle socket = SocketHandle.open(Abi.AF_INET, Abi.SOCK_DGRAM, 0, "AF_INET, SOCK_DGRAM");
        try (Arena call = Arena.ofConfined()) {
            MemorySegment request = call.allocate(IpMreqn.SIZE, 4);
            MemorySegment.copy(group.getAddress(), 0, request, JAVA_BYTE, IpMreqn.MULTIADDR, 4);
            request.set(JAVA_INT, IpMreqn.IFINDEX, interfaceIndex);
            socket.setOption(
                    Abi.IPPROTO_IP,
                    Abi.IP_ADD_MEMBERSHIP,
                    "IP_ADD_MEMBERSHIP, " + group.getHostAddress() + " on interface " + interfaceIndex,
                    request);
            return new GroupMembership(socket);
        } catch (RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /** Leaves the group. */
    @Override
    public void close() {
        socket.close();
    }
}
