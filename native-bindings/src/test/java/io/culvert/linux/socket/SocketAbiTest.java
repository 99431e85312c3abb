package io.culvert.linux.socket;

import io.culvert.linux.AbiProbe;
import io.culvert.linux.AbiRow;
import io.culvert.linux.socket.Structs.Cmsghdr;
import io.culvert.linux.socket.Structs.In6Pktinfo;
import io.culvert.linux.socket.Structs.InPktinfo;
import io.culvert.linux.socket.Structs.Iovec;
import io.culvert.linux.socket.Structs.IpMreqn;
import io.culvert.linux.socket.Structs.Mmsghdr;
import io.culvert.linux.socket.Structs.SockFilter;
import io.culvert.linux.socket.Structs.SockFprog;
import io.culvert.linux.socket.Structs.SockaddrIn;
import io.culvert.linux.socket.Structs.SockaddrIn6;
import io.culvert.linux.socket.Structs.SockaddrLl;
import io.culvert.linux.socket.Structs.TpacketStats;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SocketAbiTest {

    private static final String[] HEADERS = {
        "sys/socket.h",
        "netinet/in.h",
        "netinet/udp.h",
        "linux/if_ether.h",
        "linux/if_packet.h",
        "linux/filter.h",
        "linux/sock_diag.h"
    };

    private final List<AbiRow> rows = new ArrayList<>();

    @Test
    void constantsAgreeWithTheHeaders() {
        rows.addAll(AbiRow.constantsOf(Abi.class, HEADERS));
        AbiProbe.verify(rows);
    }

    @Test
    void publicConstantsAgreeWithTheHeaders() {
        constant("MSG_TRUNC", MessageBatch.MSG_TRUNC);
        constant("MSG_CTRUNC", MessageBatch.MSG_CTRUNC);
        constant("ETH_P_IP", PacketSocket.ETH_P_IP);
        constant("ETH_P_IPV6", PacketSocket.ETH_P_IPV6);
        constant("ETH_P_ALL", PacketSocket.ETH_P_ALL);
        constant("PACKET_HOST", PacketSocket.PACKET_HOST);
        constant("PACKET_BROADCAST", PacketSocket.PACKET_BROADCAST);
        constant("PACKET_MULTICAST", PacketSocket.PACKET_MULTICAST);
        constant("PACKET_OTHERHOST", PacketSocket.PACKET_OTHERHOST);
        constant("PACKET_OUTGOING", PacketSocket.PACKET_OUTGOING);
        constant("PACKET_FANOUT_HASH", PacketSocket.FANOUT_HASH);
        constant("PACKET_FANOUT_LB", PacketSocket.FANOUT_LB);
        constant("PACKET_FANOUT_CPU", PacketSocket.FANOUT_CPU);
        constant("IP_PMTUDISC_DONT", RawSocket.PMTUDISC_DONT);
        constant("IP_PMTUDISC_WANT", RawSocket.PMTUDISC_WANT);
        constant("IP_PMTUDISC_DO", RawSocket.PMTUDISC_DO);
        constant("IP_PMTUDISC_PROBE", RawSocket.PMTUDISC_PROBE);
        constant("IP_PMTUDISC_INTERFACE", RawSocket.PMTUDISC_INTERFACE);
        constant("IP_PMTUDISC_OMIT", RawSocket.PMTUDISC_OMIT);
        constant("IPV6_PMTUDISC_DONT", RawSocket.PMTUDISC_DONT);
        constant("IPV6_PMTUDISC_WANT", RawSocket.PMTUDISC_WANT);
        constant("IPV6_PMTUDISC_DO", RawSocket.PMTUDISC_DO);
        constant("IPV6_PMTUDISC_PROBE", RawSocket.PMTUDISC_PROBE);
        constant("IPV6_PMTUDISC_INTERFACE", RawSocket.PMTUDISC_INTERFACE);
        constant("IPV6_PMTUDISC_OMIT", RawSocket.PMTUDISC_OMIT);
        AbiProbe.verify(rows);
    }

    @Test
    void messageStructsAgreeWithTheHeaders() {
        size("struct mmsghdr", Mmsghdr.SIZE);
        offset("struct mmsghdr", "msg_hdr.msg_name", Mmsghdr.NAME);
        offset("struct mmsghdr", "msg_hdr.msg_namelen", Mmsghdr.NAMELEN);
        offset("struct mmsghdr", "msg_hdr.msg_iov", Mmsghdr.IOV);
        offset("struct mmsghdr", "msg_hdr.msg_iovlen", Mmsghdr.IOVLEN);
        offset("struct mmsghdr", "msg_hdr.msg_control", Mmsghdr.CONTROL);
        offset("struct mmsghdr", "msg_hdr.msg_controllen", Mmsghdr.CONTROLLEN);
        offset("struct mmsghdr", "msg_hdr.msg_flags", Mmsghdr.FLAGS);
        offset("struct mmsghdr", "msg_len", Mmsghdr.LEN);
        size("struct iovec", Iovec.SIZE);
        offset("struct iovec", "iov_base", Iovec.BASE);
        offset("struct iovec", "iov_len", Iovec.LEN);
        size("struct cmsghdr", Cmsghdr.SIZE);
        offset("struct cmsghdr", "cmsg_len", Cmsghdr.LEN);
        offset("struct cmsghdr", "cmsg_level", Cmsghdr.LEVEL);
        offset("struct cmsghdr", "cmsg_type", Cmsghdr.TYPE);
        constant("CMSG_SPACE(2)", Cmsghdr.space(2));
        constant("CMSG_SPACE(sizeof(struct in_pktinfo))", Cmsghdr.space(InPktinfo.SIZE));
        size("struct in_pktinfo", InPktinfo.SIZE);
        offset("struct in_pktinfo", "ipi_ifindex", InPktinfo.IFINDEX);
        offset("struct in_pktinfo", "ipi_spec_dst", InPktinfo.SPEC_DST);
        offset("struct in_pktinfo", "ipi_addr", InPktinfo.ADDR);
        size("struct in6_pktinfo", In6Pktinfo.SIZE);
        offset("struct in6_pktinfo", "ipi6_addr", In6Pktinfo.ADDR);
        offset("struct in6_pktinfo", "ipi6_ifindex", In6Pktinfo.IFINDEX);
        size("struct ip_mreqn", IpMreqn.SIZE);
        offset("struct ip_mreqn", "imr_multiaddr", IpMreqn.MULTIADDR);
        offset("struct ip_mreqn", "imr_ifindex", IpMreqn.IFINDEX);
        AbiProbe.verify(rows);
    }

    @Test
    void socketAddressesAgreeWithTheHeaders() {
        size("struct sockaddr_ll", SockaddrLl.SIZE);
        offset("struct sockaddr_ll", "sll_family", SockaddrLl.FAMILY);
        offset("struct sockaddr_ll", "sll_protocol", SockaddrLl.PROTOCOL);
        offset("struct sockaddr_ll", "sll_ifindex", SockaddrLl.IFINDEX);
        offset("struct sockaddr_ll", "sll_hatype", SockaddrLl.HATYPE);
        offset("struct sockaddr_ll", "sll_pkttype", SockaddrLl.PKTTYPE);
        offset("struct sockaddr_ll", "sll_halen", SockaddrLl.HALEN);
        offset("struct sockaddr_ll", "sll_addr", SockaddrLl.ADDR);
        size("struct sockaddr_in", SockaddrIn.SIZE);
        offset("struct sockaddr_in", "sin_family", SockaddrIn.FAMILY);
        offset("struct sockaddr_in", "sin_port", SockaddrIn.PORT);
        offset("struct sockaddr_in", "sin_addr", SockaddrIn.ADDR);
        size("struct sockaddr_in6", SockaddrIn6.SIZE);
        offset("struct sockaddr_in6", "sin6_family", SockaddrIn6.FAMILY);
        offset("struct sockaddr_in6", "sin6_port", SockaddrIn6.PORT);
        offset("struct sockaddr_in6", "sin6_flowinfo", SockaddrIn6.FLOWINFO);
        offset("struct sockaddr_in6", "sin6_addr", SockaddrIn6.ADDR);
        offset("struct sockaddr_in6", "sin6_scope_id", SockaddrIn6.SCOPE_ID);
        AbiProbe.verify(rows);
    }

    @Test
    void optionStructsAgreeWithTheHeaders() {
        size("struct tpacket_stats", TpacketStats.SIZE);
        offset("struct tpacket_stats", "tp_packets", TpacketStats.PACKETS);
        offset("struct tpacket_stats", "tp_drops", TpacketStats.DROPS);
        size("struct sock_fprog", SockFprog.SIZE);
        offset("struct sock_fprog", "len", SockFprog.LEN);
        offset("struct sock_fprog", "filter", SockFprog.FILTER);
        size("struct sock_filter", SockFilter.SIZE);
        offset("struct sock_filter", "code", SockFilter.CODE);
        offset("struct sock_filter", "jt", SockFilter.JT);
        offset("struct sock_filter", "jf", SockFilter.JF);
        offset("struct sock_filter", "k", SockFilter.K);
        AbiProbe.verify(rows);
    }

    private void constant(String name, long value) {
        rows.add(AbiRow.constant(name, value, HEADERS));
    }

    private void size(String type, long value) {
        rows.add(AbiRow.size(type, value, HEADERS));
    }

    private void offset(String type, String field, long value) {
        rows.add(AbiRow.offset(type, field, value, HEADERS));
    }
}
