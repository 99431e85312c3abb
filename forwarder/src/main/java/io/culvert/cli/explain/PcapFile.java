package io.culvert.cli.explain;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads the IP packets of a pcap file, as {@code tcpdump -w} writes it, of either byte order. */
public final class PcapFile {

    private static final int FILE_HEADER_LENGTH = 24;
    private static final int RECORD_HEADER_LENGTH = 16;
    private static final int MICROSECONDS = 0xa1b2c3d4;
    private static final int NANOSECONDS = 0xa1b23c4d;
    private static final int LINK_TYPE_MASK = 0xffff;

    private PcapFile() {}

    /**
     * The packets, each from its IP header on; what is no IP packet is left out.
     *
     * @throws IOException if the file cannot be read, or is not such a file
     */
    public static List<byte[]> read(Path file) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.BIG_ENDIAN);
        if (in.remaining() < FILE_HEADER_LENGTH || !hasMagic(in)) {
            in.order(ByteOrder.LITTLE_ENDIAN);
        }
        if (in.remaining() < FILE_HEADER_LENGTH || !hasMagic(in)) {
            throw new IOException("it is no pcap file: write one with `tcpdump -w FILE` or `editcap -F pcap`");
        }
        int linkType = in.getInt(20) & LINK_TYPE_MASK;
        in.position(FILE_HEADER_LENGTH);
        List<byte[]> packets = new ArrayList<>();
        while (in.remaining() >= RECORD_HEADER_LENGTH) {
            int length = in.getInt(in.position() + 8);
            in.position(in.position() + RECORD_HEADER_LENGTH);
            if (length < 0 || length > in.remaining()) {
                break;
            }
            byte[] frame = new byte[length];
            in.get(frame);
            int start = ipOffset(linkType, frame);
            if (start >= 0 && start < length) {
                packets.add(Arrays.copyOfRange(frame, start, length));
            }
        }
        return packets;
    }

    private static boolean hasMagic(ByteBuffer in) {
        return in.getInt(0) == MICROSECONDS || in.getInt(0) == NANOSECONDS;
    }

    /** Where the IP header is; -1 if there is none. Link types as on tcpdump.org/linktypes.html. */
    private static int ipOffset(int linkType, byte[] frame) throws IOException {
        return switch (linkType) {
            case 101, 228, 229 -> 0;
            case 1 -> behindType(frame, 12);
            case 113 -> behindType(frame, 14);
            case 276 -> isIp(frame, 0) ? 20 : -1;
            default -> throw new IOException("its link type " + linkType + " is not Ethernet, Linux cooked or raw IP");
        };
    }

    private static int behindType(byte[] frame, int typeOffset) {
        return isIp(frame, typeOffset) ? typeOffset + 2 : -1;
    }

    private static boolean isIp(byte[] frame, int typeOffset) {
        if (frame.length < typeOffset + 2) {
            return false;
        }
        int type = ByteBuffer.wrap(frame).getShort(typeOffset) & 0xffff;
        return type == 0x0800 || type == 0x86dd;
    }
}
