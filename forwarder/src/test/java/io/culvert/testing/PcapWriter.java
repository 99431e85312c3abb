package io.culvert.testing;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes a capture file that every decoder reads: pcap 2.4, microseconds, native byte order. */
public final class PcapWriter {
    /** Packets start with an IPv4 or IPv6 header. */
    public static final int LINKTYPE_RAW = 101;

    private static final int MAGIC = 0xa1b2c3d4;
    private static final int FILE_HEADER_LENGTH = 24;
    private static final int RECORD_HEADER_LENGTH = 16;
    private static final int SNAP_LENGTH = 0x40000;

    private PcapWriter() {}

    /** Packets get the times 0 s, 1 s, 2 s and so on. */
    public static void write(Path file, int linkType, List<byte[]> packets) {
        try (OutputStream out = Files.newOutputStream(file)) {
            ByteBuffer header = ByteBuffer.allocate(FILE_HEADER_LENGTH).order(ByteOrder.nativeOrder());
            header.putInt(MAGIC)
                    .putShort((short) 2)
                    .putShort((short) 4)
                    .putInt(0)
                    .putInt(0);
            out.write(header.putInt(SNAP_LENGTH).putInt(linkType).array());
            for (int i = 0; i < packets.size(); i++) {
                byte[] packet = packets.get(i);
                ByteBuffer record = ByteBuffer.allocate(RECORD_HEADER_LENGTH).order(ByteOrder.nativeOrder());
                out.write(record.putInt(i)
                        .putInt(0)
                        .putInt(packet.length)
                        .putInt(packet.length)
                        .array());
                out.write(packet);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
