package io.culvert.linux.netlink;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** RTM_*QDISC and RTM_*TFILTER: {@code struct tcmsg} and TCA_* attributes (linux/rtnetlink.h, linux/pkt_cls.h). */
final class FilterMessage {

    static final int INDEX = 4;
    static final int HANDLE = 8;
    static final int PARENT = 12;
    static final int INFO = 16;
    static final int HEADER_LENGTH = 20;

    /** ETH_P_ALL in network byte order, which stands in the lower half of {@code tcm_info}. */
    private static final int ALL_PROTOCOLS = Short.toUnsignedInt(Short.reverseBytes((short) 3));

    private static final int CLSACT_HANDLE = (int) (Abi.TC_H_CLSACT & Abi.TC_H_MAJ_MASK);
    private static final String CLSACT = "clsact";
    private static final String BPF = "bpf";

    private FilterMessage() {}

    static NetlinkBuffer addClsact(NetlinkBuffer request, int index) {
        return clsact(request.begin(Abi.RTM_NEWQDISC, Abi.NLM_F_CREATE | Abi.NLM_F_EXCL), index);
    }

    static NetlinkBuffer removeClsact(NetlinkBuffer request, int index) {
        return clsact(request.begin(Abi.RTM_DELQDISC, 0), index);
    }

    private static NetlinkBuffer clsact(NetlinkBuffer request, int index) {
        return header(request, index, CLSACT_HANDLE, (int) Abi.TC_H_CLSACT, 0).attribute(Abi.TCA_KIND, CLSACT);
    }

    /** A program whose verdict is the classifier's. */
    static NetlinkBuffer add(
            NetlinkBuffer request, int index, boolean ingress, TrafficFilter filter, int programFd, String name) {
        request.begin(Abi.RTM_NEWTFILTER, Abi.NLM_F_CREATE | Abi.NLM_F_EXCL);
        header(request, index, filter.handle(), parent(ingress), info(filter)).attribute(Abi.TCA_KIND, BPF);
        int options = request.beginNested(Abi.TCA_OPTIONS);
        return request.attribute(Abi.TCA_BPF_FD, programFd)
                .attribute(Abi.TCA_BPF_NAME, name)
                .attribute(Abi.TCA_BPF_FLAGS, Abi.TCA_BPF_FLAG_ACT_DIRECT)
                .endNested(options);
    }

    static NetlinkBuffer remove(NetlinkBuffer request, int index, boolean ingress, TrafficFilter filter) {
        request.begin(Abi.RTM_DELTFILTER, 0);
        return header(request, index, filter.handle(), parent(ingress), info(filter))
                .attribute(Abi.TCA_KIND, BPF);
    }

    static NetlinkBuffer list(NetlinkBuffer request, int index, boolean ingress) {
        return header(request.begin(Abi.RTM_GETTFILTER, Abi.NLM_F_DUMP), index, 0, parent(ingress), 0);
    }

    private static int parent(boolean ingress) {
        return CLSACT_HANDLE | (ingress ? Abi.TC_H_MIN_INGRESS : Abi.TC_H_MIN_EGRESS);
    }

    private static int info(TrafficFilter filter) {
        return filter.priority() << Short.SIZE | ALL_PROTOCOLS;
    }

    private static NetlinkBuffer header(NetlinkBuffer request, int index, int handle, int parent, int info) {
        return request.u8(Abi.AF_UNSPEC)
                .u8(0)
                .u16(0)
                .u32(index)
                .u32(handle)
                .u32(parent)
                .u32(info);
    }

    /** Null if truncated. */
    static @Nullable TrafficFilter parse(MemorySegment payload) {
        if (payload.byteSize() < HEADER_LENGTH) {
            return null;
        }
        int priority = payload.get(JAVA_INT_UNALIGNED, INFO) >>> Short.SIZE;
        return new TrafficFilter(priority, payload.get(JAVA_INT_UNALIGNED, HANDLE));
    }
}
