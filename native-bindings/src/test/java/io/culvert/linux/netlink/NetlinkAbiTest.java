package io.culvert.linux.netlink;

import io.culvert.linux.AbiProbe;
import io.culvert.linux.AbiRow;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NetlinkAbiTest {

    private static final String[] HEADERS = {
        "sys/socket.h",
        "linux/if.h",
        "linux/if_arp.h",
        "linux/netlink.h",
        "linux/rtnetlink.h",
        "linux/if_link.h",
        "linux/if_addr.h",
        "linux/neighbour.h",
        "linux/pkt_sched.h",
        "linux/pkt_cls.h"
    };

    @Test
    void agreesWithTheHeaders() {
        List<AbiRow> rows = new ArrayList<>();
        for (Class<?> type : List.of(Abi.class, Link.class, AddressInfo.class, RouteInfo.class, NeighbourInfo.class)) {
            rows.addAll(AbiRow.constantsOf(type, HEADERS));
        }
        // Enumerators younger than the oldest supported headers; what they do is tested with the kernel.
        rows.removeIf(row -> List.of("IFLA_GSO_IPV4_MAX_SIZE", "USABLE").contains(row.name()));
        AbiProbe.verify(rows);
    }

    @Test
    void laysOutMessagesAsTheHeadersDo() {
        AbiProbe.verify(List.of(
                AbiRow.size("struct nlmsghdr", NetlinkBuffer.HEADER_LENGTH, HEADERS),
                AbiRow.offset("struct nlmsghdr", "nlmsg_len", NetlinkBuffer.LENGTH, HEADERS),
                AbiRow.offset("struct nlmsghdr", "nlmsg_type", NetlinkBuffer.TYPE, HEADERS),
                AbiRow.offset("struct nlmsghdr", "nlmsg_flags", NetlinkBuffer.FLAGS, HEADERS),
                AbiRow.offset("struct nlmsghdr", "nlmsg_seq", NetlinkBuffer.SEQUENCE, HEADERS),
                AbiRow.size("struct nlattr", AttributeReader.HEADER_LENGTH, HEADERS),
                AbiRow.size("struct nlmsgerr", ErrorMessage.STRUCT_LENGTH, HEADERS),
                AbiRow.size("struct sockaddr_nl", NetlinkSocket.ADDRESS_LENGTH, HEADERS),
                AbiRow.offset("struct sockaddr_nl", "nl_pid", NetlinkSocket.PORT, HEADERS),
                AbiRow.offset("struct sockaddr_nl", "nl_groups", NetlinkSocket.GROUPS, HEADERS)));
    }

    @Test
    void laysOutKindsAsTheHeadersDo() {
        AbiProbe.verify(List.of(
                AbiRow.size("struct tcmsg", FilterMessage.HEADER_LENGTH, HEADERS),
                AbiRow.offset("struct tcmsg", "tcm_ifindex", FilterMessage.INDEX, HEADERS),
                AbiRow.offset("struct tcmsg", "tcm_handle", FilterMessage.HANDLE, HEADERS),
                AbiRow.offset("struct tcmsg", "tcm_parent", FilterMessage.PARENT, HEADERS),
                AbiRow.offset("struct tcmsg", "tcm_info", FilterMessage.INFO, HEADERS),
                AbiRow.size("struct ifinfomsg", LinkMessage.HEADER_LENGTH, HEADERS),
                AbiRow.offset("struct ifinfomsg", "ifi_type", LinkMessage.TYPE, HEADERS),
                AbiRow.offset("struct ifinfomsg", "ifi_index", LinkMessage.INDEX, HEADERS),
                AbiRow.offset("struct ifinfomsg", "ifi_flags", LinkMessage.FLAGS, HEADERS),
                AbiRow.size("struct ifaddrmsg", AddressMessage.HEADER_LENGTH, HEADERS),
                AbiRow.offset("struct ifaddrmsg", "ifa_prefixlen", AddressMessage.PREFIX_LENGTH, HEADERS),
                AbiRow.offset("struct ifaddrmsg", "ifa_flags", AddressMessage.FLAGS, HEADERS),
                AbiRow.offset("struct ifaddrmsg", "ifa_scope", AddressMessage.SCOPE, HEADERS),
                AbiRow.offset("struct ifaddrmsg", "ifa_index", AddressMessage.INDEX, HEADERS),
                AbiRow.size("struct rtmsg", RouteMessage.HEADER_LENGTH, HEADERS),
                AbiRow.offset("struct rtmsg", "rtm_dst_len", RouteMessage.PREFIX_LENGTH, HEADERS),
                AbiRow.offset("struct rtmsg", "rtm_table", RouteMessage.TABLE, HEADERS),
                AbiRow.offset("struct rtmsg", "rtm_type", RouteMessage.TYPE, HEADERS),
                AbiRow.offset("struct rtmsg", "rtm_flags", RouteMessage.FLAGS, HEADERS),
                AbiRow.size("struct rtnexthop", RouteMessage.NEXT_HOP_LENGTH, HEADERS),
                AbiRow.offset("struct rtnexthop", "rtnh_ifindex", RouteMessage.NEXT_HOP_INDEX, HEADERS),
                AbiRow.offset("struct rtvia", "rtvia_addr", Short.BYTES, HEADERS),
                AbiRow.size("struct ndmsg", NeighbourMessage.HEADER_LENGTH, HEADERS),
                AbiRow.offset("struct ndmsg", "ndm_ifindex", NeighbourMessage.INDEX, HEADERS),
                AbiRow.offset("struct ndmsg", "ndm_state", NeighbourMessage.STATE, HEADERS),
                AbiRow.offset("struct ndmsg", "ndm_flags", NeighbourMessage.FLAGS, HEADERS)));
    }

    @Test
    void countsDevicesAsTheHeadersDo() {
        String statistics = "struct rtnl_link_stats64";
        AbiProbe.verify(List.of(
                AbiRow.offset(statistics, "rx_packets", 0, HEADERS),
                AbiRow.offset(statistics, "tx_packets", 8, HEADERS),
                AbiRow.offset(statistics, "rx_bytes", 16, HEADERS),
                AbiRow.offset(statistics, "tx_bytes", 24, HEADERS),
                AbiRow.offset(statistics, "rx_errors", 32, HEADERS),
                AbiRow.offset(statistics, "tx_errors", 40, HEADERS),
                AbiRow.offset(statistics, "rx_dropped", 48, HEADERS),
                AbiRow.offset(statistics, "tx_dropped", 56, HEADERS)));
    }
}
