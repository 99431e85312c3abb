package io.culvert.linux.netlink;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import io.culvert.linux.Errno;
import java.lang.foreign.MemorySegment;

/**
 * NLMSG_ERROR and NLMSG_DONE: an error number, and the kernel's own words of what was wrong (linux/netlink.h). The socket
 * has NETLINK_CAP_ACK set, so that of the request only its header is repeated.
 */
final class ErrorMessage {

    /** {@code struct nlmsgerr}: the error, then the header of the request. */
    static final int STRUCT_LENGTH = 20;

    private ErrorMessage() {}

    /** 0 for success, else a negative error number: EIO if the message is too short to say. */
    static int error(MemorySegment payload) {
        return payload.byteSize() < Integer.BYTES ? -Errno.EIO : Math.min(0, payload.get(JAVA_INT_UNALIGNED, 0));
    }

    /** The text that came with an error, empty if none. {@code type} and {@code flags} are the message's. */
    static String text(MemorySegment payload, int type, int flags) {
        boolean done = type == Abi.NLMSG_DONE;
        boolean hasAttributes = (flags & Abi.NLM_F_ACK_TLVS) != 0 && (done || (flags & Abi.NLM_F_CAPPED) != 0);
        if (!hasAttributes) {
            return "";
        }
        AttributeReader attributes = new AttributeReader(payload, done ? Integer.BYTES : STRUCT_LENGTH);
        while (attributes.next()) {
            if (attributes.type() == Abi.NLMSGERR_ATTR_MSG) {
                return attributes.string();
            }
        }
        return "";
    }
}
