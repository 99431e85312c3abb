package io.culvert.linux.socket;

/** Sizes and field offsets of the C structs that this package writes and reads. A test compares each with the headers. */
final class Structs {

    /** {@code struct mmsghdr}: a {@code struct msghdr} and the length that was sent or received. */
    static final class Mmsghdr {
        static final int SIZE = 64;
        static final int NAME = 0;
        static final int NAMELEN = 8;
        static final int IOV = 16;
        static final int IOVLEN = 24;
        static final int CONTROL = 32;
        static final int CONTROLLEN = 40;
        static final int FLAGS = 48;
        static final int LEN = 56;

        private Mmsghdr() {}
    }

    /** {@code struct iovec}. */
    static final class Iovec {
        static final int SIZE = 16;
        static final int BASE = 0;
        static final int LEN = 8;

        private Iovec() {}
    }

    /** {@code struct cmsghdr}; data follows, the next header stands at a multiple of 8. */
    static final class Cmsghdr {
        static final int SIZE = 16;
        static final int LEN = 0;
        static final int LEVEL = 8;
        static final int TYPE = 12;

        private Cmsghdr() {}

        /** {@code CMSG_SPACE}: bytes that a control message takes, padding included. */
        static int space(int dataLength) {
            return (int) align(SIZE + dataLength);
        }

        /** {@code CMSG_ALIGN}. */
        static long align(long length) {
            return (length + 7) & ~7;
        }
    }

    /** {@code struct in_pktinfo}. */
    static final class InPktinfo {
        static final int SIZE = 12;
        static final int IFINDEX = 0;
        static final int SPEC_DST = 4;
        static final int ADDR = 8;

        private InPktinfo() {}
    }

    /** {@code struct in6_pktinfo}. */
    static final class In6Pktinfo {
        static final int SIZE = 20;
        static final int ADDR = 0;
        static final int IFINDEX = 16;

        private In6Pktinfo() {}
    }

    /** {@code struct sockaddr_ll}. */
    static final class SockaddrLl {
        static final int SIZE = 20;
        static final int FAMILY = 0;
        static final int PROTOCOL = 2;
        static final int IFINDEX = 4;
        static final int HATYPE = 8;
        static final int PKTTYPE = 10;
        static final int HALEN = 11;
        static final int ADDR = 12;

        private SockaddrLl() {}
    }

    /** {@code struct sockaddr_in}. */
    static final class SockaddrIn {
        static final int SIZE = 16;
        static final int FAMILY = 0;
        static final int PORT = 2;
        static final int ADDR = 4;

        private SockaddrIn() {}
    }

    /** {@code struct sockaddr_in6}. */
    static final class SockaddrIn6 {
        static final int SIZE = 28;
        static final int FAMILY = 0;
        static final int PORT = 2;
        static final int FLOWINFO = 4;
        static final int ADDR = 8;
        static final int SCOPE_ID = 24;

        private SockaddrIn6() {}
    }

    /** {@code struct ip_mreqn}. */
    static final class IpMreqn {
        static final int SIZE = 12;
        static final int MULTIADDR = 0;
        static final int IFINDEX = 8;

        private IpMreqn() {}
    }

    /** {@code struct tpacket_stats}. */
    static final class TpacketStats {
        static final int SIZE = 8;
        static final int PACKETS = 0;
        static final int DROPS = 4;

        private TpacketStats() {}
    }

    /** {@code struct sock_fprog}. */
    static final class SockFprog {
        static final int SIZE = 16;
        static final int LEN = 0;
        static final int FILTER = 8;

        private SockFprog() {}
    }

    /** {@code struct sock_filter}. */
    static final class SockFilter {
        static final int SIZE = 8;
        static final int CODE = 0;
        static final int JT = 2;
        static final int JF = 3;
        static final int K = 4;

        private SockFilter() {}
    }

    private Structs() {}
}
